"""A PDF reads as its pages are read: in order, without furniture, with the characters that are seen."""

from __future__ import annotations

import io
import unicodedata

import pytest

from benchmarks.producers import LETTERS
from benchmarks.producers.pdfs import columns, reportlab
from indexer.documents.readers.pdf import date_of, read_pdf, text_of
from indexer.documents.readers.pdf.layout import Line, lines_of, paragraphs
from indexer.documents.readers.pdf.radicals import without_radicals
from indexer.errors import ReadError

FULL = "無錫國家軟件園在歐洲落地兩個創新中心"


def line(text: str, at: float, start: float = 0, size: float = 10) -> Line:
    """A line of characters as wide as they are high."""
    return Line(text, start, start + size * len(text), at, size)


def test_lines_are_joined_where_a_sentence_goes_on() -> None:
    """A full line is joined with the next, but for one that is indented; a short one ends a paragraph."""
    lines = [
        line("　　" + FULL[:16], 0, 0),
        line(FULL, 20),
        line("同一天開幕。", 40),
        line(FULL[:16], 60, 20),
        line("完", 80),
    ]
    assert paragraphs(lines) == ["　　" + FULL[:16] + FULL + "同一天開幕。", FULL[:16] + "完"]


@pytest.mark.parametrize("text", [FULL[:-1] + "。", "第三章", FULL[:5]])
def test_lines_are_not_joined(text: str) -> None:
    """A line that ends a sentence, or is short, ends its paragraph."""
    assert (
        paragraphs([line(FULL, 0), line(FULL[:-1] + "。", 20), line(text, 60), line("二、合作", 80)])[-1]
        == "二、合作"
    )


def test_headings_are_lines_of_their_own() -> None:
    """A larger line is not joined with the text below it."""
    assert paragraphs([line(FULL[:9], 0, size=20), line(FULL, 30), line("開幕", 50)]) == [
        FULL[:9],
        FULL + "開幕",
    ]


def test_radicals() -> None:
    """Each radical of both blocks becomes a character of the same width; other text stays."""
    for code in [*range(0x2F00, 0x2FD6), *range(0x2E81, 0x2E9A), *range(0x2E9B, 0x2EF4)]:
        (found,) = without_radicals(chr(code))
        assert "CJK UNIFIED IDEOGRAPH" in unicodedata.name(found), hex(code)
    assert without_radicals("⻄⻔⼤⻋⻢⻰⻝⺠⽤") == "西门大车马龙食民用"
    assert without_radicals(FULL) == FULL


def test_furniture() -> None:
    """A running head goes, whatever number is in it, and the number of a page; repeated text stays."""
    pages = [
        [
            line(f"月報第{n}期", 0),
            line("題", 50),
            line(f"這是第{n}頁的正文。", 100),
            line("同一句話。", 120),
            line(f"- {n} -", 800),
        ]
        for n in range(1, 5)
    ]
    text, parts = text_of(pages)
    assert "月報" not in text and "-" not in text
    assert text.count("同一句話。") == 4
    assert [text[part.start] for part in parts] == ["題"] * 4


def test_a_sentence_over_a_page() -> None:
    """A sentence that goes on over the page is found, and the next page begins within it."""
    text, parts = text_of([[line(FULL, 0)], [line("同一天開幕。", 0)]])
    assert text == FULL + "同一天開幕。"
    assert [text[part.start :] for part in parts] == [text, "同一天開幕。"]


def test_vertical_columns() -> None:
    """Vertical writing is read from right to left, whatever was drawn first."""
    (document,) = read_pdf("a.pdf", io.BytesIO(columns(LETTERS["hant"])))
    opening = LETTERS["hant"].paragraphs[0][:60]
    assert document.text.replace("\n", "").replace("　", "").startswith(opening)


def test_empty() -> None:
    """A page without characters has no lines."""
    assert lines_of([]) == []


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("D:20250204155200+08'00'", "2025-02-04T15:52:00+08:00"),
        ("D:20250204155200Z", "2025-02-04T15:52:00Z"),
        ("D:20250204155200", "2025-02-04T15:52:00"),
        ("D:20250204", "2025-02-04"),
        ("20250204", "2025-02-04"),
        ("D:20251304", None),
        ("D:19040101000000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(value: str, date: str | None) -> None:
    """Dates of metadata are ISO 8601; those of clocks without the time are none."""
    assert date_of(value) == date


def test_encrypted() -> None:
    """A PDF under a password is named."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, encrypt=StandardEncryption("secret"))
    canvas.drawString(100, 100, "secret")
    canvas.save()
    with pytest.raises(ReadError, match="encrypted"):
        list(read_pdf("a.pdf", target))


def test_without_text() -> None:
    """A PDF of pictures is named, and what to do."""
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.rect(10, 10, 100, 100, fill=1)
    canvas.save()
    with pytest.raises(ReadError, match="ocr = true"):
        list(read_pdf("a.pdf", target))


def test_cut_off() -> None:
    """A PDF that is cut off is named."""
    content = reportlab(LETTERS["hant"])
    with pytest.raises(ReadError, match=r"not a sound PDF|no text"):
        list(read_pdf("a.pdf", io.BytesIO(content[: len(content) // 3])))
