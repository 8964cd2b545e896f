"""Every format, by every program that writes it, in both scripts: phrases are found, fields are as stated."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from benchmarks.producers import LETTERS, PRODUCERS, Letter, Missing
from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.outcomes import Outcome, Skipped
from indexer.documents.sources import read_files

HERE = DocumentSettings(readers=0)

WRITTEN = [(kind, program) for kind, programs in PRODUCERS.items() for program in programs]
SPACE = re.compile(r"\s+")


@cache
def written(kind: str, program: str, script: str) -> bytes:
    """A letter as a program writes it; skips where the program is not installed."""
    try:
        return PRODUCERS[kind][program](LETTERS[script])
    except (Missing, ImportError) as error:
        pytest.skip(str(error))


def read(tmp_path: Path, kind: str, content: bytes) -> tuple[list[Document], list[Outcome]]:
    """The documents of a file, and what became of it and its members."""
    (tmp_path / f"letter.{kind}").write_bytes(content)
    found = list(read_files(SourceSettings(tmp_path), HERE))
    return [d for d in found if isinstance(d, Document)], [o for o in found if not isinstance(o, Document)]


def missing(letter: Letter, documents: list[Document]) -> list[str]:
    """The phrases of a letter that are in none of the documents."""
    text = SPACE.sub("", "\n".join(document.text for document in documents))
    return [phrase for phrase in letter.phrases if SPACE.sub("", phrase) not in text]


@pytest.mark.parametrize("script", LETTERS)
@pytest.mark.parametrize(("kind", "program"), WRITTEN)
def test_phrases(tmp_path: Path, kind: str, program: str, script: str) -> None:
    """All phrases are found, and nothing is skipped."""
    documents, outcomes = read(tmp_path, kind, written(kind, program, script))
    assert missing(LETTERS[script], documents) == []
    assert not [outcome for outcome in outcomes if isinstance(outcome, Skipped)]


@pytest.mark.parametrize("script", LETTERS)
@pytest.mark.parametrize(("kind", "program"), WRITTEN)
def test_fields(tmp_path: Path, kind: str, program: str, script: str) -> None:
    """Title, author, date and address are as the file states them, or none."""
    letter = LETTERS[script]
    documents, _ = read(tmp_path, kind, written(kind, program, script))
    for document in documents:
        assert document.title in (letter.title, None)
        assert document.author in (letter.author, None)
        assert document.url in (letter.url, None)
    if kind in ("warc", "warc.gz", "wet", "wacz"):
        assert {d.url for d in documents} == {letter.url}
        assert {d.date for d in documents} == {"2025-02-04T07:52:00Z"}
    if kind in ("eml", "mbox", "csv", "tsv", "json", "jsonl", "ndjson", "parquet"):
        assert {d.title for d in documents} == {letter.title}
        assert {d.author for d in documents} == {letter.author}
        assert {d.date for d in documents} <= {letter.date, "2025-02-04T15:52:00"}
    if kind in ("csv", "tsv", "json", "jsonl", "ndjson", "parquet"):
        assert {d.url for d in documents} == {letter.url}
        assert len(documents) == len(letter.paragraphs)


@pytest.mark.parametrize(
    ("kind", "program"),
    [
        ("pdf", "reportlab"),
        ("pdf", "fpdf2"),
        ("docx", "python-docx"),
        ("pptx", "python-pptx"),
        ("xlsx", "openpyxl"),
        ("odt", "odfpy"),
        ("odp", "odfpy"),
        ("ods", "odfpy"),
        ("epub", "epub 3"),
        ("epub", "epub 2"),
        ("rtf", "word"),
        ("tex", "article"),
        ("xml", "tei"),
        ("mhtml", "browser"),
        ("warc.gz", "warcio"),
    ],
)
def test_titles(tmp_path: Path, kind: str, program: str) -> None:
    """Formats that state a title give it."""
    documents, _ = read(tmp_path, kind, written(kind, program, "hant"))
    assert {document.title for document in documents} == {LETTERS["hant"].title}


@pytest.mark.parametrize(
    ("kind", "program", "part", "names"),
    [
        ("pdf", "reportlab with heads", "page", ["1", "2", "3"]),
        ("pptx", "python-pptx", "slide", ["1", "2", "3"]),
        ("odp", "odfpy", "slide", ["1", "2", "3"]),
        ("xlsx", "openpyxl", "sheet", ["正文", "其餘"]),
        ("ods", "odfpy", "sheet", ["正文"]),
        ("epub", "epub 3", "chapter", ["第1節", "第2節", "第3節"]),
        ("epub", "epub 2", "chapter", ["第1節", "第2節", "第3節"]),
        ("docx", "python-docx", "chapter", [LETTERS["hant"].title]),
        ("odt", "odfpy", "chapter", [LETTERS["hant"].title]),
    ],
)
def test_parts(tmp_path: Path, kind: str, program: str, part: str, names: list[str]) -> None:
    """Pages, slides, sheets and chapters begin where their text begins, under the names they have."""
    (document,), _ = read(tmp_path, kind, written(kind, program, "hant"))
    assert {found.kind for found in document.parts} == {part}
    assert [found.name for found in document.parts][: len(names)] == names
    starts = [found.start for found in document.parts]
    assert starts == sorted(starts) and starts[0] == 0
    assert all(document.text[start] != "\n" for start in starts)


def test_spaces_of_ocr(tmp_path: Path) -> None:
    """The spaces that OCR puts between characters are not of the text, and lines go on."""
    (document,), _ = read(tmp_path, "hocr", written("hocr", "tesseract", "hant"))
    assert all(phrase in document.text for phrase in LETTERS["hant"].phrases)


def test_running_heads_are_furniture(tmp_path: Path) -> None:
    """What stands at the edge of every page is not of the text, and sentences go on over it."""
    (document,), _ = read(tmp_path, "pdf", written("pdf", "reportlab with heads", "hant"))
    assert "軟件園月報" not in document.text
    assert not re.search(r"- \d+ -", document.text)
