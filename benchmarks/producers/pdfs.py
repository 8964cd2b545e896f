"""PDF by reportlab, fpdf2, Chromium and LibreOffice.

Fonts of reportlab are not in the file and name no characters.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.producers.letter import Letter, Missing, converted, page, run

_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_WIDTH, _HEIGHT, _MARGIN, _SIZE = 595, 842, 70, 12
_TEXT_HEIGHT = 500


def _is_traditional(letter: Letter) -> bool:
    return "軟" in letter.title


def _wrapped(text: str, count: int) -> list[str]:
    return [text[at : at + count] for at in range(0, len(text), count)]


def reportlab(letter: Letter, heads: bool = False) -> bytes:
    """Lines of text in a CID font; with `heads` pages are short and have a running head and a number."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    font = "MSung-Light" if _is_traditional(letter) else "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    target = io.BytesIO()
    canvas = Canvas(target, (_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(letter.title)
    canvas.setAuthor(letter.author)
    columns = (_WIDTH - 2 * _MARGIN) // _SIZE
    lines = [letter.title, *(line for text in letter.paragraphs for line in _wrapped(f"　　{text}", columns))]
    rows = 5 if heads else 40
    for number, start in enumerate(range(0, len(lines), rows), 1):
        canvas.setFont(font, _SIZE)
        for row, line in enumerate(lines[start : start + rows]):
            canvas.drawString(_MARGIN, _HEIGHT - 100 - row * 20, line)
        if heads:
            canvas.drawString(_MARGIN, _HEIGHT - 50, f"軟件園月報 第{number}期")
            canvas.drawString(_WIDTH / 2, 40, f"- {number} -")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def columns(letter: Letter) -> bytes:
    """Vertical writing as old programs print it: character by character, columns drawn from left to right."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    font = "MSung-Light" if _is_traditional(letter) else "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    target = io.BytesIO()
    canvas = Canvas(target, (_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(letter.title)
    rows = _TEXT_HEIGHT // _SIZE
    lines = [line for text in letter.paragraphs for line in _wrapped(f"　{text}", rows)]
    per_page = (_WIDTH - 2 * _MARGIN) // 20
    for start in range(0, len(lines), per_page):
        canvas.setFont(font, _SIZE)
        for place, line in reversed(list(enumerate(lines[start : start + per_page]))):
            for row, character in enumerate(line):
                canvas.drawString(_WIDTH - _MARGIN - place * 20, _HEIGHT - 100 - row * _SIZE, character)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def fpdf(letter: Letter) -> bytes:
    """Text in a subset of a font that is in the file."""
    from fpdf import FPDF

    if not _FONT.exists():
        raise Missing(f"{_FONT} is not installed")
    document = FPDF()
    document.set_title(letter.title)
    document.set_author(letter.author)
    document.add_font("noto", fname=str(_FONT))
    document.set_font("noto", size=_SIZE)
    document.add_page()
    for paragraph in (letter.title, *letter.paragraphs):
        document.multi_cell(0, 8, paragraph, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def chromium(letter: Letter, style: str = "") -> bytes:
    """What a browser prints."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise Missing("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "letter.html", Path(folder) / "letter.pdf"
        source.write_text(page(letter, style), encoding="utf-8")
        run(
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri(),
        )  # fmt: skip
        return target.read_bytes()


def libreoffice(letter: Letter) -> bytes:
    """What an office program exports."""
    return converted(page(letter).encode(), "html", "pdf:writer_web_pdf_Export")


PRODUCERS = {
    "pdf": {
        "reportlab": reportlab,
        "reportlab with heads": partial(reportlab, heads=True),
        "reportlab, columns": columns,
        "fpdf2": fpdf,
        "chromium": chromium,
        "chromium, vertical": partial(chromium, style="body { writing-mode: vertical-rl; height: 600px }"),
        "chromium, two columns": partial(chromium, style="body { columns: 2 }"),
        "libreoffice": libreoffice,
    }
}
