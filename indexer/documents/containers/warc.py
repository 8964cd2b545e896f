"""Which pages does a crawl hold? Each page that was answered with 200, once for each content it had.

A WARC, WET or ARC file is read twice, from beginning to end and in constant memory: once to find what was
captured more than once, then for the pages. A page's address and date are the record's; it is read by the
reader for its kind, and counts as a document of the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from indexer.documents.containers.names import shown
from indexer.documents.containers.records import read_records
from indexer.documents.containers.zip import read_zip
from indexer.documents.document import Captures
from indexer.documents.kinds import SUFFIXES, suffix_of
from indexer.documents.limits import seekable
from indexer.documents.outcomes import Ignored, Skipped
from indexer.documents.readers.files import MAX_BYTES
from indexer.documents.reading import Member
from indexer.errors import ReadError

_PAGES = ("response", "resource", "conversion")
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "txt",
    "text/markdown": "md",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/epub+zip": "epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
}
_BITS = 1 << 27
_READ = 1 << 16
_MOST_AT_ONCE = 16 << 20
"""What 16 kB, as warcio reads them, may unpack to."""


@dataclass(slots=True)
class _Again:
    """Captures of one content after the first: how many, the dates, which record was the first of them."""

    times: int
    first: str
    last: str
    number: int


def read_warc(name: str, stream: BinaryIO) -> Iterator[Member | Ignored]:
    """The pages of a WARC, WET or ARC file; raises `ReadError` where it is damaged or cut off."""
    with seekable(stream) as file:
        yield from _pages(name, file, _repeated(file))


def read_wacz(name: str, stream: BinaryIO) -> Iterator[Member | Skipped]:
    """The WARC files in a WACZ; its indexes and lists of pages say nothing that those do not."""
    for item in read_zip(name, stream):
        path = item.name if isinstance(item, Member) else item.path
        if SUFFIXES.get(suffix_of(path.lower().removesuffix(".gz"))) == "warc":
            yield item


def _records(file: BinaryIO) -> Iterator[Any]:
    """The records of a file; raises `ReadError` behind them where something could not be read."""
    from warcio.bufferedreaders import BufferedReader  # needed only where there are crawls

    BufferedReader.DECOMPRESSORS["br"] = _Brotli
    return read_records(file)


class _Brotli:
    """Brotli as warcio asks for it: its own wrapper sets an attribute that brotli from 1.2 on refuses."""

    unused_data = None

    def __init__(self) -> None:
        import brotli

        self._decompressor = brotli.Decompressor()

    def decompress(self, content: bytes) -> bytes:
        """What a piece unpacks to; raises `ReadError` for a bomb, which would come whole."""
        unpacked: bytes = self._decompressor.process(content, output_buffer_limit=_MOST_AT_ONCE)
        if not self._decompressor.can_accept_more_data():
            raise ReadError("unpacks to more than a page can be")
        return unpacked


def _repeated(file: BinaryIO) -> dict[bytes, _Again]:
    """The captures whose address and content have come before, but for about one in a million by mistake.

    What has come is kept as bits, 16 MB for any number of pages; `_captures` finds the mistakes.
    """
    bits = bytearray(_BITS // 8)
    again: dict[bytes, _Again] = {}
    with suppress(ReadError):  # to be met again, and named
        for number, record in enumerate(_records(file)):
            key = _key(record)
            if key is None:
                continue
            place, bit = divmod(int.from_bytes(key[:8], "big") % _BITS, 8)
            date = _header(record, "WARC-Date")
            if known := again.get(key):
                known.times += 1
                known.first, known.last = min(known.first, date), max(known.last, date)
            elif bits[place] >> bit & 1:
                again[key] = _Again(1, date, date, number)
            bits[place] |= 1 << bit
    return again


def _key(record: Any) -> bytes | None:
    """What captures of one content have in common; None for a record that is no capture of a page."""
    if not (record.rec_type in _PAGES or record.rec_type == "revisit") or not _is_answered(record):
        return None
    content = _header(record, "WARC-Payload-Digest")
    if not content:
        digest = hashlib.blake2b(digest_size=16)
        while chunk := record.raw_stream.read(_READ):
            digest.update(chunk)
        content = digest.hexdigest()
    address = _header(record, "WARC-Target-URI")
    return hashlib.blake2b(f"{address}\n{content}".encode(), digest_size=16).digest()


def _key_ahead(record: Any) -> bytes:
    """The key of a record whose content is still to be read, and still is afterwards."""
    if not _header(record, "WARC-Payload-Digest"):
        content = record.raw_stream.read(MAX_BYTES)
        record.raw_stream = io.BytesIO(content)
        key = _key(record)
        record.raw_stream = io.BytesIO(content)
        return key or b""
    return _key(record) or b""


def _is_answered(record: Any) -> bool:
    headers = record.http_headers
    return headers is None or headers.get_statuscode() == "200"


def _pages(name: str, file: BinaryIO, repeated: dict[bytes, _Again]) -> Iterator[Member | Ignored]:
    done: set[bytes] = set()
    for number, record in enumerate(_records(file)):
        address = shown(_header(record, "WARC-Target-URI").strip("<>"))
        if record.rec_type not in _PAGES or not address.startswith(("http://", "https://")):
            continue
        date = _header(record, "WARC-Date")
        stamp = "".join(filter(str.isdigit, date))[:14]
        path = f"{name}!/{stamp}/{address}"
        if not _is_answered(record):
            yield Ignored(path, f"answered with status {record.http_headers.get_statuscode()}")
            continue
        kind = _kind(record)
        if kind == "":
            yield Ignored(path, f"no reader for {_media_type(record)}")
            continue
        stated: dict[str, Any] = {"url": address, "date": date or None}
        if repeated and (key := _key_ahead(record)) in repeated:
            if key in done:
                continue
            done.add(key)
            stated["captures"] = _captures(repeated[key], date, number)
        yield Member(path, record.content_stream(), stated, inline=True, kind=kind)


def _captures(again: _Again, date: str, number: int) -> Captures | None:
    if again.number == number:  # nothing had come before it after all
        return Captures(again.times, again.first, again.last) if again.times > 1 else None
    return Captures(again.times + 1, min(date, again.first), max(date, again.last))


def _media_type(record: Any) -> str:
    headers = record.http_headers or record.rec_headers
    return (headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()


def _kind(record: Any) -> str | None:
    """The kind that a page is said to be; None where nothing is said, "" where it is no page."""
    media_type = _media_type(record)
    if media_type in ("", "application/octet-stream", "binary/octet-stream"):
        suffix = suffix_of(urlsplit(_header(record, "WARC-Target-URI")).path)
        return SUFFIXES.get(suffix, "html" if not suffix else "")
    return _KINDS.get(media_type, "")


def _header(record: Any, name: str) -> str:
    return str(record.rec_headers.get_header(name) or "")
