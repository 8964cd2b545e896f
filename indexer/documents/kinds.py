"""Which format is a file in? Its first bytes where they tell, else its name.

Formats with a signature are known by it whatever they are called; text is what its name says, or what
its first line says where the name says nothing. A kind is named by its usual suffix without the dot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from indexer.errors import ReadError

HEAD = 1 << 16
"""Bytes that are looked at."""
_REMEMBERED = 1 << 10

SUFFIXES: Mapping[str, str] = {
    suffix: kind
    for kind, suffixes in {
        "txt": "txt text",
        "md": "md markdown",
        "rst": "rst",
        "html": "html htm xhtml shtml",
        "hocr": "hocr",
        "mhtml": "mhtml mht",
        "xml": "xml tei rss atom alto",
        "srt": "srt",
        "vtt": "vtt",
        "tex": "tex latex",
        "rtf": "rtf",
        "pdf": "pdf",
        "docx": "docx docm dotx",
        "pptx": "pptx pptm ppsx",
        "xlsx": "xlsx xlsm",
        "odt": "odt ott fodt",
        "odp": "odp",
        "ods": "ods",
        "epub": "epub",
        "eml": "eml",
        "mbox": "mbox mbx",
        "zip": "zip",
        "tar": "tar",
        "7z": "7z",
        "gz": "gz tgz",
        "bz2": "bz2 tbz2",
        "xz": "xz txz",
        "zst": "zst tzst",
        "warc": "warc wet arc",
        "wacz": "wacz",
        "csv": "csv",
        "tsv": "tsv tab",
        "json": "json",
        "jsonl": "jsonl ndjson",
        "parquet": "parquet",
        "image": "png jpg jpeg tif tiff bmp webp gif",
    }.items()
    for suffix in suffixes.split()
}
COMPRESSED = frozenset({"gz", "bz2", "xz", "zst"})
_TARRED = {"tgz": "tar", "tbz2": "tar", "txz": "tar", "tzst": "tar"}
# Their files begin with their signature, so one that does not is none.
_SIGNED = frozenset("pdf docx pptx xlsx odp ods epub zip 7z wacz parquet image rtf".split()) | COMPRESSED
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b\x08", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"PAR1", "parquet"),
    (b"WARC/1.", "warc"),
    (b"filedesc://", "warc"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
)
_TAR_MARK = slice(257, 262)
_FIRST_ENTRY = re.compile(
    rb"mimetypeapplication/(?:epub\+zip|vnd\.oasis\.opendocument\.(text|presentation|spreadsheet))"
)
_OPEN_DOCUMENT = {b"text": "odt", b"presentation": "odp", b"spreadsheet": "ods"}
_OFFICE = ((b"word/", "docx"), (b"ppt/", "pptx"), (b"xl/", "xlsx"))
_ZIPPED = frozenset("docx pptx xlsx odt odp ods epub wacz".split())
_PAGES = frozenset({"html", "hocr", "xml", "txt", None})
_HOCR = re.compile(rb"class=.ocr_page\b")
_XML_OFFICE = re.compile(rb"<office:document[^>]*opendocument\.text", re.S)
_MARKED = (
    (
        re.compile(
            rb"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*\?>\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S
        ),
        "html",
    ),
    (re.compile(rb"\s*<\?xml\b"), "xml"),
    (re.compile(rb"WEBVTT\b"), "vtt"),
    (re.compile(rb"From \S+ .*\n(?:[\w-]+:.*\n)"), "mbox"),
    (
        re.compile(
            rb"(?:(?:>?From .*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?)"
            rb"(?:Received|Return-Path|Message-ID|MIME-Version|Delivered-To):", re.I
        ),
        "eml",
    ),
)  # fmt: skip
_UNSAID: Mapping[str, str] = {
    **dict.fromkeys("dat bin log asc nfo me out tmp bak 1 2".split(), "txt"),
    "": "txt",
    "doc": "txt",
    "wps": "txt",
    "xls": "csv",
    "et": "csv",
}
"""Suffixes that say nothing of a file which is text, and what it is then: programs export tables as .xls."""


def suffix_of(name: str) -> str:
    """The last suffix of a name in lower case, without the dot; "" for none.

    >>> suffix_of("新聞.TXT"), suffix_of("大事記")
    ('txt', '')
    """
    return PurePosixPath(name).suffix.lower()[1:]


def bare_name(name: str) -> str:
    """The name that a compressed file has unpacked.

    >>> bare_name("news.jsonl.gz"), bare_name("all.tgz")
    ('news.jsonl', 'all.tar')
    """
    suffix = suffix_of(name)
    if SUFFIXES.get(suffix) not in COMPRESSED:
        return name
    stem = name[: -len(suffix) - 1]
    return f"{stem}.{_TARRED[suffix]}" if suffix in _TARRED else stem


@lru_cache(_REMEMBERED)
def kind_named(path: str) -> str | None:
    """The kind that a file is by its name, or a member by its own or else by its container's; None for none.

    >>> kind_named("報紙/2021.zip!/a/頭版.PDF"), kind_named("頁.warc.gz!/example.org/"), kind_named("大事記")
    ('pdf', 'warc', None)
    """
    names = (bare_name(name) for name in reversed(path.split("!/")))
    return next((kind for name in names if (kind := SUFFIXES.get(suffix_of(name)))), None)


def kind_of(name: str, head: bytes) -> str | None:
    """The kind of a file by its name and first `HEAD` bytes; None for one that no reader may be for.

    Raises `ReadError` for a file that is not what its name says and nothing else that is known.

    >>> kind_of("letter.dat", b"%PDF-1.7"), kind_of("letter.txt", b"hello"), kind_of("a.css", b"p {}")
    ('pdf', 'txt', None)
    """
    named = SUFFIXES.get(suffix_of(name))
    if signed := _signed(head):
        if signed == "gz" and SUFFIXES.get(suffix_of(bare_name(name))) == "warc":
            return "warc"  # its records are compressed one by one, and are found again so
        return _zipped(head, named) if signed == "zip" else signed
    if named == "pdf" and b"%PDF-" in head[:1024]:
        return "pdf"  # scanners and mail gateways put a few bytes before it
    if named == "odt" and _XML_OFFICE.search(head[:4096]):
        return "odt"
    marked = next((kind for pattern, kind in _MARKED if pattern.match(head)), None)
    if marked == "html" and named in _PAGES:
        return "hocr" if _HOCR.search(head) else "html"
    if named == "txt":
        return named
    if named in COMPRESSED and head and _looks_like_text(head):
        return marked or kind_of(bare_name(name), head)  # unpacked on its way, and called as before
    if named in _SIGNED or named == "odt":
        if head and not marked:
            raise ReadError(f"not a {suffix_of(name)} file: it does not begin like one")
        return marked or named
    if named:
        return named
    unnamed = _UNSAID.get(suffix_of(name)) if _looks_like_text(head) else None
    return marked or unnamed


def _signed(head: bytes) -> str | None:
    if head[_TAR_MARK] == b"ustar":
        return "tar"
    if head.startswith(b"BM") and len(head) > 14 and head[6:10] == b"\0\0\0\0":
        return "image"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image"
    return next((kind for mark, kind in _SIGNATURES if head.startswith(mark)), None)


def _zipped(head: bytes, named: str | None) -> str:
    """What is in a zip: by its first entry, by the folders that office files have, else by its name."""
    if first := _FIRST_ENTRY.search(head[:200]):
        return _OPEN_DOCUMENT[first[1]] if first[1] else "epub"
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        return next((kind for folder, kind in _OFFICE if folder in head), named or "zip")
    return named if named in _ZIPPED else "zip"


def _looks_like_text(head: bytes) -> bool:
    controls = sum(head.count(byte) for byte in (b"\0", b"\1", b"\2", b"\3", b"\4", b"\5", b"\6"))
    return bool(head) and (controls == 0 or head.startswith((b"\xff\xfe", b"\xfe\xff")))
