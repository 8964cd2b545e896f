"""What is written in what an office file draws? In shapes, in diagrams, in titles and names of charts.

Drawings are parts that a page, slide or sheet points at, and that may point at charts and diagrams in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexer.documents.readers.encoding import clean
from indexer.documents.readers.package import Package
from indexer.documents.readers.xmltree import all_of, name_of

_DRAWN = frozenset({"chart", "chartEx", "diagramData", "chartUserShapes"})
_DRAWING = "drawing"


def drawn(package: Package, part: str) -> Iterator[str]:
    """The lines of all that the part `part` of an Office Open XML file draws, each once."""
    seen: set[str] = set()
    for kind, other in package.targets(part).values():
        if kind == _DRAWING or kind in _DRAWN:
            lines = [*shape_lines(package.tree(other)), *(drawn(package, other) if kind == _DRAWING else ())]
            for line in lines:
                if line not in seen:
                    seen.add(line)
                    yield line


def shape_lines(tree: Any) -> Iterator[str]:
    """The paragraphs of shapes in a drawing, and the names that a chart has of what it shows."""
    stack = [tree] if tree is not None else []
    while stack:
        element = stack.pop()
        label = name_of(element)
        if label == "p":
            yield from paragraph(element)
        elif label == "strCache":
            yield from filter(None, (clean(value.text or "").strip() for value in all_of(element, "v")))
        elif label != "Fallback":
            stack.extend(reversed(element))


def paragraph(element: Any) -> list[str]:
    """The lines of a paragraph of a shape."""
    pieces = ["\n" if name_of(piece) == "br" else piece.text or "" for piece in all_of(element, "t", "br")]
    return [line.strip() for line in clean("".join(pieces)).split("\n") if line.strip()]
