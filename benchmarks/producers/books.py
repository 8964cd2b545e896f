"""EPUB 3 with a navigation document, EPUB 2 with an NCX, both made here, and LibreOffice's."""

from __future__ import annotations

import io
import zipfile

from benchmarks.producers.letter import Letter, converted
from benchmarks.producers.office import odfpy_text

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def _chapter(number: int, paragraph: str) -> str:
    """A chapter whose first character has its reading in ruby."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>{number}</title></head><body><h2>第{number}章</h2>"
        f"<p><ruby>{paragraph[0]}<rp>(</rp><rt>du</rt><rp>)</rp></ruby>{paragraph[1:]}</p></body></html>"
    )


def _book(letter: Letter, contents: dict[str, str], items: str, version: str) -> bytes:
    numbers = range(1, len(letter.paragraphs) + 1)
    manifest = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr(
            "OPS/book.opf",
            f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}" unique-identifier="i">'
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{letter.title}</dc:title>'
            f"<dc:creator>{letter.author}</dc:creator><dc:date>{letter.date}</dc:date></metadata>"
            f"<manifest>{items}{manifest}</manifest><spine>{spine}</spine></package>",
        )
        for number, paragraph in zip(numbers, letter.paragraphs, strict=True):
            archive.writestr(f"OPS/c{number}.xhtml", _chapter(number, paragraph))
        for name, content in contents.items():
            archive.writestr(name, content)
    return target.getvalue()


def epub3(letter: Letter) -> bytes:
    """A book whose contents are a web page."""
    links = "".join(
        f'<li><a href="c{n}.xhtml">第{n}節</a></li>' for n in range(1, len(letter.paragraphs) + 1)
    )
    nav = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{links}</ol></nav></body></html>'
    item = '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    return _book(letter, {"OPS/nav.xhtml": nav}, item, "3.0")


def epub2(letter: Letter) -> bytes:
    """A book whose contents are an NCX."""
    points = "".join(
        f'<navPoint><navLabel><text>第{n}節</text></navLabel><content src="c{n}.xhtml#a"/></navPoint>'
        for n in range(1, len(letter.paragraphs) + 1)
    )
    ncx = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    return _book(letter, {"OPS/toc.ncx": ncx}, item, "2.0")


PRODUCERS = {
    "epub": {
        "epub 3": epub3,
        "epub 2": epub2,
        "libreoffice": lambda letter: converted(odfpy_text(letter), "odt", "epub"),
    }
}
