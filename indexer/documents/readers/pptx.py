"""What does a .pptx file say? Slide by slide what stands on it and is drawn there, and the notes to it.

Slides are its parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.drawings import drawn, paragraph
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.package import Package, opened_package, stated_in
from indexer.documents.readers.parts import document_of
from indexer.documents.readers.xmltree import all_of, attribute, first, name_of

_MAIN = "ppt/presentation.xml"
_UNSEEN = frozenset({"sldNum", "dt"})


def read_pptx(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a .pptx file; raises `ReadError` for one that is damaged or without text."""
    with opened_package(stream) as package:
        targets = package.targets(_MAIN)
        slides = all_of(package.needed(_MAIN), "sldId")
        parts = [part for slide in slides if (part := targets.get(_relation(slide), ("", ""))[1])]
        texts = [(str(number), "\n".join(_slide(package, part))) for number, part in enumerate(parts, 1)]
        stated = stated_in(package.tree("docProps/core.xml"), name)
    yield document_of(name, "slide", texts, stated)


def _relation(slide: Any) -> str:
    """The id of the relation: an attribute in a namespace, beside a number without one."""
    return next((str(value) for key, value in slide.attrib.items() if key.endswith("}id")), "")


def _slide(package: Package, part: str) -> Iterator[str]:
    tree = package.tree(part)
    yield from _lines(tree)
    yield from drawn(package, part)
    for kind, other in package.targets(part).values():
        if kind in ("notesSlide", "comments"):
            yield from _lines(package.tree(other))


def _lines(tree: Any) -> Iterator[str]:
    """The paragraphs of shapes, but for numbers of slides; a row of a table is one line."""
    stack = [tree] if tree is not None else []
    while stack:
        element = stack.pop()
        label = name_of(element)
        if label == "p":
            yield from paragraph(element)
        elif label == "tr":
            cells = [" ".join(_lines(cell)) for cell in element if name_of(cell) == "tc"]
            if any(cells):
                yield "\t".join(cells)
        elif label == "text" and element.text:
            yield clean(element.text).strip()
        elif not (label == "sp" and _is_number(element)) and label != "Fallback":
            stack.extend(reversed(element))


def _is_number(shape: Any) -> bool:
    place = first(shape, "nvSpPr", "nvPr", "ph")
    return place is not None and attribute(place, "type") in _UNSEEN
