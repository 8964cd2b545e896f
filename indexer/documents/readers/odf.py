"""What do OpenDocument files say? Texts by paragraphs, presentations by slides, tables by sheets.

Of ruby the base stays; what tracking keeps of deleted text is not what a reader sees. Notes stand where
they are called, what stands at the edges of the pages at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document, PartStart
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.package import Package, Stated, opened_package, stated_in
from indexer.documents.readers.parts import document_of
from indexer.documents.readers.xlsx import sheet_text
from indexer.documents.readers.xmltree import all_of, attribute, first, name_of, parse_xml
from indexer.errors import ReadError

_UNSEEN = frozenset("ruby-text tracked-changes forms sequence-decls creator date note-citation".split())
_EDGES = ("header", "header-left", "header-first", "footer", "footer-left", "footer-first")
_PARAGRAPHS = frozenset({"p", "h"})
_CHARACTERS = {"tab": "\t", "line-break": "\n"}
_MOST_SPACES = 100


def read_odt(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .odt or .fodt file; headings of the first level are chapters."""
    tree, stated, styles = _opened(name, stream)
    lines: list[str] = []
    parts: list[PartStart] = []
    length = 0
    for line, heading in _lines(_body(tree, "text")):
        if heading:
            parts.append(PartStart(length, "chapter", line))
        lines.append(line)
        length += len(line) + 1
    lines += dict.fromkeys(_edges(tree if styles is None else styles))
    if not lines:
        raise ReadError("the file holds no text")
    yield Document(name, "\n".join(lines), **stated._asdict(), parts=tuple(parts))


def read_odp(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .odp file; slides are its parts."""
    tree, stated, _ = _opened(name, stream)
    slides = [child for child in _body(tree, "presentation") if name_of(child) == "page"]
    yield document_of(name, "slide", ((str(n), _text(slide)) for n, slide in enumerate(slides, 1)), stated)


def read_ods(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .ods file; sheets are its parts."""
    tree, stated, _ = _opened(name, stream)
    sheets = [child for child in _body(tree, "spreadsheet") if name_of(child) == "table"]
    named = [(attribute(sheet, "name") or "", sheet) for sheet in sheets]
    texts = ((label, sheet_text(label, [*filter(None, [_text(sheet)])])) for label, sheet in named)
    yield document_of(name, "sheet", texts, stated)


def _edges(tree: Any) -> Iterator[str]:
    """The lines that stand at the heads and feet of the pages, but for their numbers."""
    for element in all_of(tree, *_EDGES):
        yield from (line for line, _ in _lines(element) if not line.isdigit())


def _opened(name: str, stream: BinaryIO) -> tuple[Any, Stated, Any]:
    """The content of a packed or flat file, what it states of itself, and its styles where they lie apart."""
    if stream.peek(4).startswith(b"PK"):  # type: ignore[attr-defined]  # readers are given streams to look ahead in
        with opened_package(stream) as package:
            _require_open(package)
            stated = stated_in(package.tree("meta.xml"), name)
            return package.needed("content.xml"), stated, package.tree("styles.xml")
    tree = parse_xml(read_whole(stream))
    return tree, stated_in(first(tree, "meta"), name), None


def _require_open(package: Package) -> None:
    manifest = package.tree("META-INF/manifest.xml")
    if manifest is not None and all_of(manifest, "encryption-data"):
        raise ReadError("encrypted; save it without its password")


def _body(tree: Any, kind: str) -> Any:
    body = first(tree, "body", kind)
    if body is None:
        raise ReadError(f"no {kind} in this file")
    return body


def _text(tree: Any) -> str:
    return "\n".join(line for line, _ in _lines(tree))


def _lines(tree: Any) -> Iterator[tuple[str, bool]]:
    """The lines below an element, and whether each is a heading of the first level; a row is one line."""
    stack = [tree]
    while stack:
        element = stack.pop()
        label = name_of(element)
        if label in _PARAGRAPHS:
            heading = label == "h" and (attribute(element, "outline-level") or "1") == "1"
            for number, line in enumerate(_paragraph(element)):
                yield line, heading and number == 0
        elif label == "table-row":
            cells = [" ".join(line for line, _ in _lines(cell)) for cell in element]
            if any(cells):
                yield "\t".join(cells).rstrip("\t"), False
        elif label not in _UNSEEN:
            stack.extend(reversed(element))


def _paragraph(paragraph: Any) -> list[str]:
    """The lines of a paragraph, and after it those of notes and boxes in it."""
    pieces: list[str] = [paragraph.text or ""]
    beside: list[str] = []
    stack = [(child, False) for child in reversed(paragraph)]
    while stack:
        element, closing = stack.pop()
        label = name_of(element)
        if closing:
            pieces.append(element.tail or "")
            continue
        stack.append((element, True))
        if label in ("note-body", "frame", "annotation", "custom-shape"):
            beside += [line for child in element for line, _ in _lines(child)]
        elif label == "s":
            pieces.append(" " * min(_MOST_SPACES, int(attribute(element, "c") or 1)))
        elif label in _CHARACTERS:
            pieces.append(_CHARACTERS[label])
        elif label not in _UNSEEN:
            pieces.append(element.text or "" if label else "")
            stack.extend((child, False) for child in reversed(element))
    return [line.strip() for line in clean("".join(pieces)).split("\n") if line.strip()] + beside
