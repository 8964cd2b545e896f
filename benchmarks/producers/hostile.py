"""Files that break, lie, swell and hang: name → content. Each must cost itself alone."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from benchmarks.producers import archives, books, crawls, mails, office, pdfs, tables
from benchmarks.producers.letter import LETTERS, page

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "haha">{_LAUGHS}]><l>&l9;</l>'.encode()


def zeros(megabytes: int) -> bytes:
    """A gzip file that unpacks to as many megabytes of zeros; 10,000 of them take 10 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(1 << 20)
    return b"".join(packer.compress(chunk) for _ in range(megabytes)) + packer.flush()


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def zip_of_zips(depth: int = 5, width: int = 10) -> bytes:
    """A zip of zips of zips, each ten of the next; 10 GB unpacked."""
    content = zip_of({"zeros.txt": b"0" * (100 << 20)})
    for _ in range(depth - 1):
        content = zip_of({f"{n}.zip": content for n in range(width)})
    return content


def many_members(count: int = 1_000_000) -> bytes:
    """A zip with a million empty entries, made of its bytes."""
    tail = struct.pack("<5H3L2H", 20, 0, 0, 0, 0x5A44, 0, 0, 0, 6, 0)
    local = b"".join(b"PK\3\4" + tail + f"{n:06x}".encode()[:6] for n in range(count))
    central = b"".join(
        b"PK\1\2"
        + struct.pack("<H", 20)
        + tail
        + struct.pack("<3H2L", 0, 0, 0, 0, n * 36)
        + f"{n:06x}".encode()[:6]
        for n in range(count)
    )
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(central), len(local))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + len(central), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + central + wide + locator + end


def bombs() -> Iterator[tuple[str, bytes]]:
    """What is small as it lies and huge unpacked, or takes very long."""
    yield "zeros.txt.gz", zeros(10_000)
    yield "zeros.jsonl.gz", zeros(2_000)
    yield "zips.zip", zip_of_zips()
    yield "members.zip", many_members()
    yield "laughs.xml", BILLION_LAUGHS
    yield "laughs.docx", zip_of({"[Content_Types].xml": b"<T/>", "word/document.xml": BILLION_LAUGHS})
    yield (
        "laughs.epub",
        zip_of({"mimetype": b"application/epub+zip", "META-INF/container.xml": BILLION_LAUGHS}, 0),
    )
    yield (
        "huge.docx",
        zip_of({"[Content_Types].xml": b"<T/>", "word/document.xml": b"<d>" + b" " * (400 << 20)}),
    )
    yield "gzip.gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))))
    yield "deep.html", b"<html><body>" + b"<div>" * 400_000 + "夜市".encode()
    yield "deep.xml", b"<a>" * 400_000
    yield "deep.json", b"[" * 1_000_000
    yield "brotli.warc", _brotli()


def _brotli() -> bytes:
    import brotli

    body = brotli.compress(b"<html>" + b"a" * (1 << 30))
    return crawls.response("https://example.org/", body, "Content-Type: text/html\r\nContent-Encoding: br")


def broken(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Good files cut off, with bytes changed, and under names that are not theirs."""
    letter = LETTERS["hant"]
    good = {
        "pdf": pdfs.reportlab(letter),
        "docx": office.python_docx(letter),
        "pptx": office.python_pptx(letter),
        "xlsx": office.openpyxl(letter),
        "odt": office.odfpy_text(letter),
        "epub": books.epub3(letter),
        "zip": archives.python_zip(letter),
        "tar": archives.python_tar(letter),
        "warc.gz": crawls.warcio(letter),
        "csv": tables.chinese_csv(letter),
        "json": tables.json_list(letter),
        "eml": mails.old(letter),
        "html": page(letter).encode(),
    }
    for kind, content in good.items():
        yield f"cut.{kind}", content[: len(content) // 2]
        for number in range(3):
            flipped = bytearray(content)
            for _ in range(20):
                flipped[chance.randrange(len(flipped))] = chance.randrange(256)
            yield f"flipped{number}.{kind}", bytes(flipped)
    for kind in ("pdf", "docx", "xlsx", "epub", "zip", "7z", "parquet", "tar", "gz", "txt", "html", "csv"):
        yield f"random.{kind}", chance.randbytes(5000)
        yield f"empty.{kind}", b""
    for kind, other in (("pdf", "html"), ("docx", "pdf"), ("txt", "docx"), ("html", "zip"), ("xlsx", "csv")):
        yield f"is-{other}.{kind}", good[other]
    yield "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)
    yield "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)
