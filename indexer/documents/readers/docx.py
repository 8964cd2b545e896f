"""What does a .docx file say? Its paragraphs and tables, then its notes.

Headings of the first level are chapters. Of ruby the base stays. Deleted text, hidden text and the codes of
fields are not what a reader sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document, PartStart
from indexer.documents.readers.drawings import drawn
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.package import Package, opened_package, stated_in
from indexer.documents.readers.xmltree import attribute, first, name_of
from indexer.errors import ReadError

_MAIN = ("document", "officeDocument")
_UNSEEN = frozenset("rt delText instrText Fallback rPr pPr sectPr tblPr trPr tcPr del moveFrom".split())
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_NOTES = ("footnotes", "endnotes", "comments")
_EDGES = ("header", "footer")


def read_docx(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a .docx file; raises `ReadError` for one that is damaged or without text."""
    with opened_package(stream) as package:
        main = next(
            (part for kind, part in package.targets("").values() if kind in _MAIN), "word/document.xml"
        )
        levels = _levels(package)
        stated = stated_in(package.tree("docProps/core.xml"), name)
        title, lines = None, []
        parts: list[PartStart] = []
        length = 0
        for line, level in _lines(package.needed(main), levels):
            if level == 0 and title is None:
                title = line
            if level == 1:
                parts.append(PartStart(length, "chapter", line))
            lines.append(line)
            length += len(line) + 1
        lines += [*drawn(package, main), *_beside(package, main)]
    text = "\n".join(lines)
    if not text:
        raise ReadError("the file holds no text")
    yield Document(
        name, text, title=stated.title or title, date=stated.date, author=stated.author, parts=tuple(parts)
    )


def _levels(package: Package) -> dict[str, int]:
    """Styles of titles (0) and headings (1 to 9) by their id."""
    tree = package.tree("word/styles.xml")
    levels: dict[str, int] = {}
    for style in tree if tree is not None else ():
        called = first(style, "name")
        label = (attribute(called, "val") or "").lower() if called is not None else ""
        if label == "title":
            levels[attribute(style, "styleId") or ""] = 0
        elif label.startswith("heading ") and label[8:].isdigit():
            levels[attribute(style, "styleId") or ""] = int(label[8:])
    return levels


def _lines(tree: Any, levels: dict[str, int]) -> Iterator[tuple[str, int | None]]:
    """The lines of a part with the level of those that are headings; a row of a table is one line."""
    stack = [tree]
    while stack:
        element = stack.pop()
        label = name_of(element)
        if label == "p":
            for number, line in enumerate(_paragraph(element)):
                yield line, _level(element, levels) if number == 0 else None
        elif label == "tr":
            cells = [
                " ".join(line for line, _ in _lines(cell, {})) for cell in element if name_of(cell) == "tc"
            ]
            if any(cells):
                yield "\t".join(cells), None
        elif label not in _UNSEEN:
            stack.extend(reversed(element))


def _level(paragraph: Any, levels: dict[str, int]) -> int | None:
    style = first(paragraph, "pPr", "pStyle")
    return levels.get(attribute(style, "val") or "") if style is not None else None


def _paragraph(paragraph: Any) -> list[str]:
    """The lines of a paragraph, and after it those of the boxes that hang on it."""
    pieces: list[str] = []
    boxes: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        label = name_of(element)
        if label == "t":
            pieces.append(element.text or "")
        elif label in _CHARACTERS:
            pieces.append(_CHARACTERS[label])
        elif label == "txbxContent":
            boxes += [line for line, _ in _lines(element, {})]
        elif label not in _UNSEEN and not (label == "r" and _is_hidden(element)):
            stack.extend(reversed(element))
    return [line.strip() for line in clean("".join(pieces)).split("\n") if line.strip()] + boxes


def _is_hidden(run: Any) -> bool:
    """Whether a run is set as hidden text."""
    hidden = first(run, "rPr", "vanish")
    return hidden is not None and attribute(hidden, "val") not in ("0", "false", "off")


def _beside(package: Package, main: str) -> Iterator[str]:
    """The lines of notes and comments, and of what stands at the edges of the pages, each once."""
    seen: set[str] = set()
    targets = package.targets(main).values()
    for wanted in (_NOTES, _EDGES):
        for kind, part in targets:
            tree = package.tree(part) if kind in wanted else None
            for line, _ in _lines(tree, {}) if tree is not None else ():
                if not line.isdigit() and (wanted is _NOTES or line not in seen):
                    seen.add(line)
                    yield line
