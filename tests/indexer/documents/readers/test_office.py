"""Office files say what their readers see, once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from indexer.documents import Document
from indexer.documents.readers.docx import read_docx
from indexer.documents.readers.epub import read_epub
from indexer.documents.readers.odf import read_odt
from indexer.documents.readers.pptx import read_pptx
from indexer.documents.readers.xlsx import read_xlsx
from indexer.errors import ReadError

W = 'xmlns:w="w" xmlns:mc="mc" xmlns:v="v"'
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
XL = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def package(parts: dict[str, str]) -> io.BufferedReader:
    """A zip of parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    target.seek(0)
    return io.BufferedReader(target)  # type: ignore[type-var]


def text(reader: Callable[[str, BinaryIO], Iterator[Document]], parts: dict[str, str]) -> str:
    """The text of the one document of a package."""
    (document,) = reader("a.x", package(parts))
    return document.text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<w:p><w:r><w:t>無</w:t></w:r><w:r><w:t>錫</w:t></w:r></w:p><w:p><w:r><w:t>二</w:t></w:r></w:p>",
            "無錫\n二",
        ),
        ("<w:p><w:r><w:t>一</w:t><w:br/><w:t>二</w:t><w:tab/><w:t>三</w:t></w:r></w:p>", "一\n二\t三"),
        (
            "<w:p><w:ins><w:r><w:t>留</w:t></w:r></w:ins><w:del><w:r><w:delText>去</w:delText></w:r></w:del></w:p>",
            "留",
        ),
        (
            "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:hyperlink><w:r><w:t>連</w:t></w:r></w:hyperlink></w:p>",
            "連",
        ),
        (
            "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p>"
            "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p>"
            "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>外</w:t></w:r></w:p>",
            "外\n框",
        ),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p>"
            "<w:p><w:r><w:t>丙</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "甲\t乙 丙",
        ),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>內</w:t></w:r></w:p></w:sdtContent></w:sdt>", "內"),
    ],
)
def test_docx(body: str, expected: str) -> None:
    """Runs, breaks, changes, fields, boxes, tables and controls."""
    assert (
        text(read_docx, {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"})
        == expected
    )


def test_docx_notes() -> None:
    """Notes and heads of pages come after the text, each head once."""
    note = "<w:footnotes {0}><w:footnote><w:p><w:r><w:t>註一</w:t></w:r></w:p></w:footnote></w:footnotes>"
    head = "<w:hdr {0}><w:p><w:r><w:t>園區月報</w:t></w:r></w:p></w:hdr>"
    relations = "".join(
        f'<Relationship Id="r{n}" Type="x/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(
            [("header", "h1.xml"), ("header", "h2.xml"), ("footnotes", "footnotes.xml")]
        )
    )
    parts = {
        "word/document.xml": (
            f"<w:document {W}><w:body><w:p><w:r><w:t>文</w:t></w:r></w:p></w:body></w:document>"
        ),
        "word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>",
        "word/footnotes.xml": note.format(W),
        "word/h1.xml": head.format(W),
        "word/h2.xml": head.format(W),
    }
    assert text(read_docx, parts) == "文\n註一\n園區月報"


A = 'xmlns:a="a"'


def relations(*targets: tuple[str, str]) -> str:
    """The relations of a part: kinds and targets."""
    rows = (
        f'<R Id="r{n}" Type="x/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1)
    )
    return f"<Relationships>{''.join(rows)}</Relationships>"


def shape(words: str) -> str:
    """A paragraph of a drawing, in two pieces."""
    return f"<a:p><a:r><a:t>{words[:1]}</a:t></a:r><a:r><a:t>{words[1:]}</a:t></a:r></a:p>"


DRAWN = {
    "d.xml": f"<wsDr {A}>{shape('圖框')}</wsDr>",
    "g.xml": f"<dataModel {A}><pt>{shape('流程')}</pt><pt>{shape('流程')}</pt></dataModel>",
    "c.xml": (
        f"<chartSpace {A}>{shape('客數')}<strCache><pt><v>北岸</v></pt></strCache>"
        "<numCache><pt><v>7</v></pt></numCache></chartSpace>"
    ),
}


def test_what_is_drawn() -> None:
    """Diagrams, titles of charts and the names in them are text; their numbers stand in the table."""
    word = {f"word/{name}": part for name, part in DRAWN.items()}
    main = f"<w:document {W}><w:body><w:p><w:r><w:t>文</w:t></w:r></w:p></w:body></w:document>"
    links = relations(("diagramData", "g.xml"), ("chart", "c.xml"))
    parts = {"word/document.xml": main, "word/_rels/document.xml.rels": links}
    assert text(read_docx, parts | word) == "文\n流程\n客數\n北岸"
    slides = {f"ppt/slides/{name}": part for name, part in DRAWN.items()} | {
        "ppt/presentation.xml": f'<presentation {REL}><sldId r:id="r1"/></presentation>',
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/s.xml")),
        "ppt/slides/s.xml": f"<sld {A}><sp>{shape('題目')}</sp></sld>",
        "ppt/slides/_rels/s.xml.rels": relations(("chart", "c.xml"), ("diagramData", "g.xml")),
    }
    assert text(read_pptx, slides) == "題目\n客數\n北岸\n流程"


def test_hidden_text() -> None:
    """Word does not show it, nor is it read."""
    runs = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隱</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>見</w:t></w:r>'
    body = f"<w:document {W}><w:body><w:p>{runs}{shown}</w:p></w:body></w:document>"
    assert text(read_docx, {"word/document.xml": body}) == "見"


def test_sheets() -> None:
    """A sheet has its name, its comments and what is drawn on it; a hidden one is not read."""
    row = '<row><c t="inlineStr"><is><t>{}</t></is></c></row>'
    cell = f"<worksheet {XL}><sheetData>{row}</sheetData></worksheet>"
    sheets = (
        '<sheet name="船費" r:id="r1"/><sheet name="底稿" state="hidden" r:id="r2"/>'
        '<sheet name="Sheet3" r:id="r3"/>'
    )
    parts = {f"xl/{name}": part for name, part in DRAWN.items()} | {
        "xl/workbook.xml": f"<workbook {XL} {REL}><sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(*(("worksheet", f"s{n}.xml") for n in (1, 2, 3))),
        **{f"xl/s{n}.xml": cell.format(f"格{n}") for n in (1, 2, 3)},
        "xl/_rels/s1.xml.rels": relations(("comments", "m.xml"), ("drawing", "d.xml")),
        "xl/_rels/d.xml.rels": relations(("chart", "c.xml")),
        "xl/m.xml": "<comments><comment><text><r><t>待</t></r><r><t>查</t></r></text></comment></comments>",
    }
    (document,) = read_xlsx("a.xlsx", package(parts))
    assert document.text == "船費\n格1\n待查\n圖框\n客數\n北岸\n格3"
    assert [part.name for part in document.parts] == ["船費", "Sheet3"]


def test_edges_of_pages() -> None:
    """What stands at the head of the pages of an .odt comes at the end, their numbers do not."""
    odf = f'xmlns:office="{OFFICE}" xmlns:text="{TEXT}" xmlns:style="style"'
    head = "<style:header><text:p>月報</text:p><text:p>12</text:p></style:header>"
    parts = {
        "content.xml": f"<d {odf}><office:body><office:text><text:p>文</text:p></office:text></office:body>"
        "</d>",
        "styles.xml": f"<s {odf}>{head}{head}</s>",
    }
    assert text(read_odt, parts) == "文\n月報"


def test_xlsx_cells() -> None:
    """Shared strings without readings, inline strings, numbers, and dates as dates."""
    parts = {
        "xl/workbook.xml": f'<workbook {XL} {REL}><sheets><sheet name="表" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<R><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></R>',
        "xl/sharedStrings.xml": f"<sst {XL}><si><t>東京</t><rPh><t>トウキョウ</t></rPh></si>"
        "<si><r><t>無</t></r><r><t>錫</t></r></si></sst>",
        "xl/styles.xml": f"<styleSheet {XL}><numFmts>"
        '<numFmt numFmtId="164" formatCode="yyyy年m月"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        "xl/s.xml": f'<worksheet {XL}><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>'
        '<c t="inlineStr"><is><t>內</t></is></c><c><v>3.5</v></c><c s="1"><v>45692</v></c>'
        '<c s="2"><v>45692.5</v></c><c t="b"><v>1</v></c></row><row><c/></row></sheetData></worksheet>',
    }
    assert text(read_xlsx, parts) == "東京\t無錫\t內\t3.5\t2025-02-04\t2025-02-04T12:00:00\t1"


def test_odt() -> None:
    """Ruby keeps its base, spaces and breaks are kept, deleted text is not, notes follow their paragraph."""
    body = (
        f'<office:document-content xmlns:office="{OFFICE}" xmlns:text="{TEXT}"><office:body><office:text>'
        "<text:tracked-changes><text:p>去</text:p></text:tracked-changes>"
        "<text:p><text:ruby><text:ruby-base>無</text:ruby-base><text:ruby-text>wu</text:ruby-text></text:ruby>錫"
        '<text:s text:c="2"/>園<text:line-break/>區<text:note><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>註</text:p></text:note-body></text:note>尾</text:p>"
        "</office:text></office:body></office:document-content>"
    )
    assert text(read_odt, {"content.xml": body}) == "無錫  園\n區尾\n註"


@pytest.mark.parametrize(
    ("reader", "parts", "reason"),
    [
        (read_docx, {"word/document.xml": f"<w:document {W}/>"}, "no text"),
        (read_docx, {"x": ""}, "document.xml is missing"),
        (read_docx, {"word/document.xml": "<w:document"}, "not sound XML"),
        (read_xlsx, {"x": ""}, "workbook.xml is missing"),
        (read_epub, {"mimetype": "application/epub+zip"}, "names no package"),
        (
            read_epub,
            {
                "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'
            },
            "DRM",
        ),
        (read_odt, {"META-INF/manifest.xml": "<m><encryption-data/></m>"}, "encrypted"),
    ],
)
def test_bad(
    reader: Callable[[str, BinaryIO], Iterator[Document]], parts: dict[str, str], reason: str
) -> None:
    """What is missing, broken or locked is named."""
    with pytest.raises(ReadError, match=reason):
        text(reader, parts)


@pytest.mark.parametrize(
    ("reader", "part"), [(read_docx, "word/document.xml"), (read_epub, "META-INF/container.xml")]
)
@pytest.mark.parametrize("on_disk", [False, True])
def test_bytes_that_are_lost_on_the_way(
    tmp_path: Path, reader: Callable[[str, BinaryIO], Iterator[Document]], part: str, on_disk: bool
) -> None:
    """Parts seem to lie before the beginning then: the part is named, not what Python makes of it."""
    content = package({part: "<a/>" * 99}).read()
    (tmp_path / "a").write_bytes(content[:40] + content[99:])
    stream = (tmp_path / "a").open("rb") if on_disk else io.BytesIO((tmp_path / "a").read_bytes())
    with stream, pytest.raises(ReadError, match=f"^its part {part} is damaged$"):
        [*reader("a.x", stream)]
