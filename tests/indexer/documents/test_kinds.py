"""A kind is told by content before name, and a file that lies is named."""

from __future__ import annotations

import pytest

from indexer.documents.kinds import bare_name, kind_of
from indexer.errors import ReadError

OFFICE = b"PK\3\4" + bytes(26) + b"[Content_Types].xml" + bytes(40)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.txt", "夜市".encode(), "txt"),
        ("README", "夜市".encode(), "txt"),
        ("a.log", "夜市".encode("gbk"), "txt"),
        ("a.dat", "夜市".encode("utf-16"), "txt"),
        ("a.dat", bytes(100), None),
        ("a.css", b"p {}", None),
        ("a.dat", b"%PDF-1.4", "pdf"),
        ("a.txt", b"%PDF-1.4", "pdf"),
        ("a.pdf", b"\n\n%PDF-1.4", "pdf"),
        ("a.pdf", b"<!DOCTYPE html><p>404", "html"),
        ("a.txt", b"  <!-- x --><html>", "html"),
        ("a.md", b"<html>", "md"),
        ("a.html", b"<p>", "html"),
        ("a", b"<html>", "html"),
        ("a.html", b"<html><div class='ocr_page'>", "hocr"),
        ("a.xml", b'<?xml version="1.0"?><html xmlns="x"><div class="ocr_page">', "hocr"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE html><html>', "html"),
        ("a", b'<?xml version="1.0"?><TEI>', "xml"),
        ("a.docx", OFFICE + b"word/document.xml", "docx"),
        ("a.zip", OFFICE + b"ppt/presentation.xml", "pptx"),
        ("a.bin", OFFICE + b"xl/workbook.xml", "xlsx"),
        ("a.docx", OFFICE, "docx"),
        ("a.zip", b"PK\3\4" + bytes(26) + b"word/a.txt", "zip"),
        ("a", b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip", "epub"),
        ("a.zip", b"PK\3\4" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK", "ods"),
        (
            "a.odt",
            b"<?xml?><office:document office:mimetype='application/vnd.oasis.opendocument.text'>",
            "odt",
        ),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        ("a.doc", b"{\\rtf1", "rtf"),
        ("a.doc", b"<html>", "html"),
        ("a.xls", b"<html>", "html"),
        ("a.xls", "姓名\t正文".encode(), "csv"),
        ("a.doc", "夜市".encode(), "txt"),
        ("a.md.gz", b"plain words", "md"),
        ("a.gz", b"plain words", "txt"),
        ("1355.M20P14.host:2,S", b"Return-Path: <a@b>\nSubject: x\n\n", "eml"),
        ("a", b"Subject: x\n folded\nFrom: a@b\nMIME-Version: 1.0\n", "eml"),
        ("a", b"Note: this is no mail\nbut text\n", "txt"),
        ("box", b"From a@b Tue Feb  4 15:52:00 2025\nSubject: x\n", "mbox"),
        ("a.warc.gz", b"\x1f\x8b\x08", "warc"),
        ("a.txt.gz", b"\x1f\x8b\x08", "gz"),
        ("a.dat", b"\x1f\x8b\x08", "gz"),
        ("a.dat", bytes(257) + b"ustar", "tar"),
        ("a.jpg", b"\xff\xd8\xff", "image"),
        ("a.ndjson", b"{", "jsonl"),
    ],
)
def test_kinds(name: str, head: bytes, kind: str | None) -> None:
    """A signature settles it, then what the name says, then the first line."""
    assert kind_of(name, head) == kind


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.epub", "a.zip", "a.parquet", "a.odt"])
def test_what_is_not_what_it_says(name: str) -> None:
    """A file whose kind has a signature, and that has none, is named."""
    with pytest.raises(ReadError, match="does not begin like one"):
        kind_of(name, b"plain words")
    assert kind_of(name, b"") == name[2:]


def test_names_unpacked() -> None:
    """A compressed file is named without its compression."""
    names = ["a.txt.gz", "a.tgz", "a.tar.zst", "a.TXT.BZ2", "a"]
    assert [bare_name(name) for name in names] == ["a.txt", "a.tar", "a.tar", "a.TXT", "a"]
