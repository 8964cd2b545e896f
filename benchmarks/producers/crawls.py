"""Crawls by warcio and by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from uuid import NAMESPACE_URL, uuid5

from benchmarks.producers.letter import Letter, page

DATE = "2025-02-04T07:52:00Z"


def warcio(letter: Letter, count: int = 1) -> bytes:
    """Compressed records as crawlers write them, with a digest; the page in GBK or Big5, and packed."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    charset = "big5" if "軟" in letter.title else "gbk"
    content = page(letter).replace("utf-8", charset).encode("big5hkscs" if charset == "big5" else "gb18030")
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "a crawler"}))
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    for number in range(count):
        record = writer.create_warc_record(
            letter.url if number == 0 else f"{letter.url}/{number}",
            "response",
            payload=io.BytesIO(gzip.compress(content)),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": DATE},
        )
        writer.write_record(record)
        record.raw_stream.close()
    return target.getvalue()


def record(kind: str, address: str, body: bytes, media_type: str, date: str = DATE) -> bytes:
    """One record as it lies in a WARC, without a digest."""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: {date}\r\n"
    number = uuid5(NAMESPACE_URL, f"{kind} {address} {date}")
    head += f"WARC-Record-ID: <{number.urn}>\r\n"
    head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def response(
    address: str, content: bytes, headers: str = "", status: str = "200 OK", date: str = DATE
) -> bytes:
    """A record of an answer; `headers` are lines of HTTP."""
    answer = f"HTTP/1.1 {status}\r\n{headers or 'Content-Type: text/html'}\r\n\r\n".encode() + content
    return record("response", address, answer, "application/http; msgtype=response", date)


def chunked(content: bytes, size: int = 100) -> bytes:
    """Content in the pieces of HTTP's chunked transfer."""
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def bare(letter: Letter) -> bytes:
    """Records that are not compressed; the page comes in pieces, packed with brotli."""
    import brotli

    headers = "Content-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\nContent-Encoding: br"
    return response(letter.url, chunked(brotli.compress(page(letter).encode())), headers)


def whole(letter: Letter) -> bytes:
    """Records compressed as one file."""
    head = record("warcinfo", "", b"software: x", "application/warc-fields")
    return gzip.compress(head + response(letter.url, page(letter).encode()))


def text(letter: Letter) -> bytes:
    """A WET file: the text of pages."""
    return record("conversion", letter.url, "\n".join(letter.paragraphs).encode(), "text/plain")


def wacz(letter: Letter) -> bytes:
    """A WARC in a WACZ, beside the lists that belong to it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        archive.writestr("archive/data.warc.gz", warcio(letter))
    return target.getvalue()


PRODUCERS = {
    "warc.gz": {"warcio": warcio, "gzip": whole},
    "warc": {"bare": bare},
    "wet": {"bare": text},
    "wacz": {"zipfile": wacz},
}
