"""Which portion of a long document is shown? At most 100,000 characters, cut at a line end if there is one.

What was repaired is divided as it was found, between two steps, and its text by what became of that: the
steps of a portion lead from its original to its text. **The portions in their order are the document.**
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from indexer.documents.document import Document, PartStart
from indexer.results.results import DocumentView, Portion
from indexer.text.units import Mark

PORTION = 100_000
_ENDS = re.compile(r".*\n|.*[。！？!?]", re.DOTALL)
Steps = Sequence[Mapping[str, Any]]
Range = tuple[Mark, Mark, slice]
"""Where a portion is in the text and in the original, and which steps lead from one to the other."""


def portion(view: DocumentView, number: int | None = None, at: int | None = None) -> DocumentView:
    """A portion of a document: the one of a number from 1, that of a place in the text, else the first.

    Offsets in what is given are offsets into its own text and original; a number or a place beyond the last
    portion gives the last. A document that is short enough comes whole.
    """
    ranges = _ranges(view)
    texts = [text for text, _, _ in ranges]
    if number is None:
        number = bisect_right([start for start, _ in texts], at or 0)
    number = min(max(1, number), len(ranges))
    (start, end), (first, last), steps = ranges[number - 1]
    marks = [mark[0] for mark in view.marks]
    own = slice(bisect_left(marks, start), bisect_left(marks, end))
    marked = sorted({bisect_right([start for start, _ in texts], mark) for mark in marks})
    return replace(
        view,
        document=_cut(view.document, start, end),
        marks=tuple((begins - start, min(ends, end) - start) for begins, ends in view.marks[own]),
        original=None if view.original is None else view.original[first:last],
        steps=tuple(_moved(step, first) for step in view.steps[steps]),
        portion=Portion(
            number=number,
            of=len(ranges),
            start=start,
            end=end,
            length=len(view.document.text),
            marks=len(marks),
            marks_before=own.start,
            marked_before=max((other for other in marked if other < number), default=None),
            marked_after=min((other for other in marked if other > number), default=None),
        ),
    )


def _ranges(view: DocumentView) -> list[Range]:
    """The portions of a document."""
    text, length = view.document.text, len(view.document.text)
    if view.original is None:
        return [(span, (0, 0), slice(0)) for span in pairwise(_cuts(text))]
    # Of a text that is shown whole nothing is looked for: its steps may be many.
    if max(length, len(view.original)) <= PORTION:
        return [((0, length), (0, len(view.original)), slice(None))]
    return list(_repaired(text, view.original, view.steps))


def _repaired(text: str, original: str, steps: Steps) -> Iterator[Range]:
    """The portions of a repaired text, which may have lost lines at its ends to what the page states."""
    cuts = _cuts(original, steps)
    ends = [step["end"] for step in steps]
    told = [0, *(bisect_right(ends, cut) for cut in cuts[1:-1]), len(steps)]
    pieces = [
        _replayed(original, *cut, steps[first:last])
        for cut, (first, last) in zip(pairwise(cuts), pairwise(told), strict=True)
    ]
    at = -max(0, "".join(pieces).find(text))
    for piece, cut, (first, last) in zip(pieces, pairwise(cuts), pairwise(told), strict=True):
        start, at = at, at + len(piece)
        yield (_within(start, text), _within(at, text)), cut, slice(first, last)


def _within(place: int, text: str) -> int:
    return min(max(0, place), len(text))


def _replayed(original: str, start: int, end: int, steps: Steps) -> str:
    """What some steps make of a piece of the original that holds them."""
    parts: list[str] = []
    for step in steps:
        parts += original[start : step["start"]], step["after"]
        start = step["end"]
    return "".join([*parts, original[start:end]])


def _cuts(text: str, steps: Steps = ()) -> list[int]:
    """Where a text is cut, with its beginning and its end; never inside a step."""
    cuts = [0]
    starts = [step["start"] for step in steps]
    while len(text) - cuts[-1] > PORTION:
        start, end = cuts[-1] + PORTION // 2, cuts[-1] + PORTION
        line = _ENDS.match(text, start, end)
        cut = line.end() if line else end
        before = bisect_left(starts, cut) - 1
        if before >= 0 and cut < steps[before]["end"]:
            cut = starts[before] if starts[before] > cuts[-1] else steps[before]["end"]
        cuts.append(cut)
    return [*cuts, len(text)]


def _cut(document: Document, start: int, end: int) -> Document:
    """A piece of a document; the first of its parts may have begun before."""
    starts = [part.start for part in document.parts]
    parts = document.parts[max(0, bisect_right(starts, start) - 1) : bisect_left(starts, max(end, start + 1))]
    own = tuple(PartStart(max(0, part.start - start), part.kind, part.name) for part in parts)
    return document._replace(text=document.text[start:end], parts=own)


def _moved(step: Mapping[str, Any], start: int) -> Mapping[str, Any]:
    return {**step, "start": step["start"] - start, "end": step["end"] - start}
