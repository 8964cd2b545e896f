"""Office files by the libraries that write them, and by LibreOffice."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from benchmarks.producers.letter import Letter, converted, page

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def python_docx(letter: Letter) -> bytes:
    """A heading, paragraphs, and a table with the last of them."""
    import docx

    document = docx.Document()
    document.core_properties.title = letter.title
    document.core_properties.author = letter.author
    document.core_properties.created = datetime.fromisoformat(letter.date)
    document.add_heading(letter.title, 1)
    for paragraph in letter.paragraphs[:-1]:
        document.add_paragraph(paragraph)
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text = "附"
    table.rows[0].cells[1].text = letter.paragraphs[-1]
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def bare_docx(letter: Letter) -> bytes:
    """The least that is a .docx: one part, runs cut in the middle of words, ruby over the first character."""
    body = ""
    for paragraph in letter.paragraphs:
        ruby = (
            f"<w:r><w:ruby><w:rt><w:r><w:t>du</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>{paragraph[0]}</w:t></w:r>"
            "</w:rubyBase></w:ruby></w:r>"
        )
        runs = "".join(
            f"<w:r><w:t>{paragraph[at : at + 3]}</w:t></w:r>" for at in range(1, len(paragraph), 3)
        )
        body += f"<w:p>{ruby}{runs}<w:del><w:r><w:delText>刪去</w:delText></w:r></w:del></w:p>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {_W}><w:body>{body}</w:body></w:document>")
    return target.getvalue()


def python_pptx(letter: Letter) -> bytes:
    """A slide for each paragraph, the last in the notes."""
    import pptx

    document = pptx.Presentation()
    document.core_properties.title = letter.title
    document.core_properties.author = letter.author
    for paragraph in letter.paragraphs[:-1]:
        slide = document.slides.add_slide(document.slide_layouts[1])
        slide.shapes.title.text = letter.title
        slide.placeholders[1].text = paragraph
    slide.notes_slide.notes_text_frame.text = letter.paragraphs[-1]
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def openpyxl(letter: Letter) -> bytes:
    """Two sheets of rows."""
    import openpyxl as library

    book = library.Workbook()
    book.properties.title = letter.title
    book.properties.creator = letter.author
    first = book.active
    first.title = "正文"
    first.append(["段", "內容", "日期"])
    first.append([1, letter.paragraphs[0], datetime(2025, 2, 4)])
    second = book.create_sheet("其餘")
    for number, paragraph in enumerate(letter.paragraphs[1:], 2):
        second.append([number, paragraph])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def odfpy_text(letter: Letter) -> bytes:
    """A heading and paragraphs."""
    from odf import dc, meta, text
    from odf.opendocument import OpenDocumentText

    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text=letter.title))
    document.meta.addElement(meta.InitialCreator(text=letter.author))
    document.text.addElement(text.H(outlinelevel=1, text=letter.title))
    for paragraph in letter.paragraphs:
        document.text.addElement(text.P(text=paragraph))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def odfpy_slides(letter: Letter) -> bytes:
    """A slide for each paragraph."""
    from odf import dc, draw, style, text
    from odf.opendocument import OpenDocumentPresentation

    document = OpenDocumentPresentation()
    document.meta.addElement(dc.Title(text=letter.title))
    layout = style.PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="master", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for number, paragraph in enumerate(letter.paragraphs, 1):
        slide = draw.Page(masterpagename=master, name=str(number))
        frame = draw.Frame(width="20cm", height="10cm", x="1cm", y="1cm")
        box = draw.TextBox()
        box.addElement(text.P(text=paragraph))
        frame.addElement(box)
        slide.addElement(frame)
        document.presentation.addElement(slide)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def odfpy_table(letter: Letter) -> bytes:
    """A sheet with a row for each paragraph."""
    from odf import dc, table, text
    from odf.opendocument import OpenDocumentSpreadsheet

    document = OpenDocumentSpreadsheet()
    document.meta.addElement(dc.Title(text=letter.title))
    sheet = table.Table(name="正文")
    for paragraph in letter.paragraphs:
        row = table.TableRow()
        cell = table.TableCell(valuetype="string")
        cell.addElement(text.P(text=paragraph))
        row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _sheet(letter: Letter) -> bytes:
    return "\n".join(f'{n},"{text}"' for n, text in enumerate(letter.paragraphs)).encode()


PRODUCERS = {
    "docx": {
        "python-docx": python_docx,
        "bare": bare_docx,
        "libreoffice": lambda letter: converted(odfpy_text(letter), "odt", "docx"),
    },
    "pptx": {
        "python-pptx": python_pptx,
        "libreoffice": lambda letter: converted(odfpy_slides(letter), "odp", "pptx"),
    },
    "xlsx": {
        "openpyxl": openpyxl,
        "libreoffice": lambda letter: converted(odfpy_table(letter), "ods", "xlsx"),
    },
    "odt": {
        "odfpy": odfpy_text,
        "libreoffice": lambda letter: converted(page(letter).encode(), "html", "odt:writer8"),
    },
    "fodt": {"libreoffice": lambda letter: converted(odfpy_text(letter), "odt", "fodt")},
    "odp": {
        "odfpy": odfpy_slides,
        "libreoffice": lambda letter: converted(python_pptx(letter), "pptx", "odp"),
    },
    "ods": {
        "odfpy": odfpy_table,
        "libreoffice": lambda letter: converted(openpyxl(letter), "xlsx", "ods"),
    },
    "rtf": {"libreoffice": lambda letter: converted(odfpy_text(letter), "odt", "rtf")},
}
