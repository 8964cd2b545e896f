"""What does a PDF say? Its text page by page, and what its metadata state that is not a program's litter.

PDFium decodes fonts, also those that name no characters; `layout` finds the order of reading,
`running_heads` what belongs to the pages and not to the text. A document keeps where its pages begin.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document, PartStart
from indexer.documents.limits import seekable
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.flow import joined
from indexer.documents.readers.litter import author_of, title_of
from indexer.documents.readers.ocr import page_text
from indexer.documents.readers.pdf.layout import Box, Glyph, Line, goes_on, lines_of, paragraphs
from indexer.documents.readers.pdf.radicals import without_radicals
from indexer.documents.readers.pdf.running_heads import without_running_heads
from indexer.errors import ReadError

_MAX_PAGES = 20_000
_DATE = re.compile(r"D?:?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?(?:([-+])(\d\d)'?(\d\d)|Z)?")
_FIRST_YEAR = 1990
_OCR_SCALE = 300 / 72


def read_pdf(name: str, stream: BinaryIO, *, ocr: bool = False) -> Iterator[Document]:
    """The one document of a PDF; with `ocr` pages without text are read as pictures.

    Raises `ReadError` for one that is encrypted, damaged, or without text.
    """
    with seekable(stream) as file:
        document = _opened(file)
        try:
            if len(document) > _MAX_PAGES:
                raise ReadError(f"more than {_MAX_PAGES:,} pages; split it")
            pages = [_lines(page, ocr) for page in _pages(document)]
            stated = document.get_metadata_dict()
        finally:
            document.close()
    text, parts = text_of(pages)
    if not text:
        raise ReadError("no text: its pages are pictures; [documents] ocr = true reads them")
    yield Document(
        id=name,
        text=text,
        title=title_of(clean(stated.get("Title", "")), name),
        author=author_of(clean(stated.get("Author", ""))),
        date=date_of(stated.get("CreationDate", "")),
        parts=parts,
    )


def _opened(file: BinaryIO) -> Any:
    import pypdfium2  # slow to import, and needed only where there are PDFs
    import pypdfium2.raw as pdfium

    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise ReadError("encrypted; save it without its password") from error
        raise ReadError(f"not a sound PDF: {error}") from error


def _pages(document: Any) -> Iterator[Any]:
    """The pages; one that is damaged comes as None, so that the others keep their numbers."""
    from pypdfium2 import PdfiumError

    for number in range(len(document)):
        try:
            page = document[number]
        except PdfiumError:
            yield None
            continue
        yield page
        page.close()


def _lines(page: Any, ocr: bool) -> list[Line]:
    """The lines of a page, of a picture as tesseract reads it."""
    lines = lines_of(_glyphs(page))
    if lines or not ocr or page is None:
        return lines
    _, text = page_text(page.render(scale=_scale(page), grayscale=True).to_pil())
    # Each is a paragraph already: lines this far apart are not joined.
    return [Line(line, 0, 0, number * 100, 1) for number, line in enumerate(filter(None, text.split("\n")))]


def _scale(page: Any) -> float:
    """Pixels a point at which the largest picture of a page comes out as it was scanned."""
    import pypdfium2.raw as pdfium

    widest, scale = 0.0, _OCR_SCALE
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, _, right, _ = picture.get_bounds()
        if right - left > widest:
            widest = right - left
            scale = picture.get_px_size()[0] / widest
    return min(max(scale, 1.0), _OCR_SCALE)


def _glyphs(page: Any) -> list[Glyph]:
    """The characters of a page as PDFium has them; lines end in U+000A."""
    import pypdfium2.raw as pdfium

    if page is None:
        return []
    text = page.get_textpage()
    raw = text.raw
    box = pdfium.FS_RECTF()
    pointer = ctypes.byref(box)
    glyphs: list[Glyph] = []
    for number in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, number)
        if not code or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
            continue
        drawn = not pdfium.FPDFText_IsGenerated(raw, number) and pdfium.FPDFText_GetLooseCharBox(
            raw, number, pointer
        )
        glyphs.append(Glyph(chr(code), Box(box.left, box.bottom, box.right, box.top) if drawn else None))
    text.close()
    return glyphs


def text_of(pages: list[list[Line]]) -> tuple[str, tuple[PartStart, ...]]:
    """The text of pages without their furniture, and where each page that has text begins in it."""
    text = ""
    parts: list[PartStart] = []
    for number, lines in enumerate(without_running_heads(pages), 1):
        page = clean(without_radicals("\n".join(paragraphs(lines)))).strip()
        if not page:
            continue
        first, _, rest = page.partition("\n")
        if parts and goes_on(text.rpartition("\n")[2], first):
            whole = joined(text, first)
            parts.append(PartStart(len(whole) - len(first), "page", str(number)))
            text = f"{whole}\n{rest}" if rest else whole
        else:
            text += "\n" if text else ""
            parts.append(PartStart(len(text), "page", str(number)))
            text += page
    return text, tuple(parts)


def date_of(value: str) -> str | None:
    """A date as PDF writes it, in ISO 8601; None for none, and for clocks that had lost the time.

    >>> date_of("D:20250204155200+08'00'"), date_of("D:19700101000000Z")
    ('2025-02-04T15:52:00+08:00', None)
    """
    match = _DATE.match(value)
    if not match or int(match[1]) < _FIRST_YEAR:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = f"{sign}{hours}:{minutes}" if sign else ("Z" if "Z" in value else "")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"
