"""In which order is a printed page read? Characters with their boxes → lines → paragraphs.

A page is taken in the order in which it was drawn, which is the order of reading, but for vertical
writing: its columns go from right to left, tier by tier. Lines are joined where a sentence goes on: where
a line is full and the next one is not indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.documents.readers.flow import joined


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points, y upward."""

    left: float
    bottom: float
    right: float
    top: float

    def around(self, other: Box) -> Box:
        """The smallest box with both in it."""
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character of a page. `box` is None for white space that the page does not draw."""

    character: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a column of vertical writing, turned so that it reads like a line.

    `start` and `end` are where it begins and ends in the direction of reading, `at` where it lies across
    it, growing from line to line; `size` is how high its characters are.
    """

    text: str
    start: float
    end: float
    at: float
    size: float


_FULL = 1.6
"""Characters that a full line may be short of its block: for punctuation, and for Latin words."""
_INDENT = 0.7
_HANGING = 3.0
"""Characters between the end of a short last line and the indented line above it."""
_GAP = 0.6
"""Widths of a character that part two words of a table; what is less is no space between Han characters."""
_LEADING = 2.2
_ALIKE = 1.25
_SENTENCE_END = re.compile(r"[。！？!?…：:；;」』”）)】》.]$")
_LIST = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、．.]|[（(]?\d{1,3}[)）.、]|[•●■◆※▪·-]\s?|第.{1,4}[章條条節节編编])"
)
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")


def lines_of(glyphs: Sequence[Glyph]) -> list[Line]:
    """The lines of a page in the order they are read; glyphs come as drawn, lines of them end in U+000A."""
    runs = list(_runs(glyphs))
    vertical = is_vertical(runs)
    lines = [line for run in runs if (line := _line(run, vertical)) is not None]
    return [line for tier in _tiers(lines) for line in tier] if vertical else lines


def _runs(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    run: list[Glyph] = []
    for glyph in glyphs:
        if glyph.character == "\n":
            if run:
                yield run
            run = []
        elif glyph.character != "\r":
            run.append(glyph)
    if run:
        yield run


def is_vertical(runs: Iterable[Sequence[Glyph]]) -> bool:
    """Whether most steps from one Han character to the next lead downward."""
    down = across = 0
    for run in runs:
        boxes = [glyph.box for glyph in run if glyph.box and _WIDE.match(glyph.character)]
        for one, two in pairwise(boxes):
            dx = abs((one.left + one.right) - (two.left + two.right))
            dy = (one.bottom + one.top) - (two.bottom + two.top)
            down += dy > 2 * dx
            across += dx > 2 * abs(dy)
    return down > across


def _line(run: Sequence[Glyph], vertical: bool) -> Line | None:
    text = "".join(_characters(run, vertical)).strip()
    boxes = [glyph.box for glyph in run if glyph.box and not glyph.character.isspace()]
    if not text or not boxes:
        return None
    whole = boxes[0]
    for box in boxes:
        whole = whole.around(box)
    if vertical:
        return Line(text, -whole.top, -whole.bottom, -whole.right, whole.right - whole.left)
    return Line(text, whole.left, whole.right, -whole.top, _median([box.top - box.bottom for box in boxes]))


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _characters(run: Sequence[Glyph], vertical: bool) -> Iterator[str]:
    """The characters of a run; white space beside a Han character only where a gap is seen."""
    for number, glyph in enumerate(run):
        if not glyph.character.isspace() or not 0 < number < len(run) - 1:
            yield glyph.character
            continue
        before, after = run[number - 1], run[number + 1]
        if not (_WIDE.match(before.character) or _WIDE.match(after.character)):
            yield " "
        elif before.box and after.box:
            gap = before.box.bottom - after.box.top if vertical else after.box.left - before.box.right
            size = before.box.right - before.box.left if vertical else before.box.top - before.box.bottom
            yield " " if gap > _GAP * size else ""


def _tiers(lines: Sequence[Line]) -> list[list[Line]]:
    """Columns of vertical writing by the tier they stand in, from the top; in each from right to left."""
    tiers: list[list[Line]] = []
    reach = 0.0
    for line in sorted(lines, key=lambda line: (line.start, line.at)):
        if tiers and line.start < reach:
            tiers[-1].append(line)
            # A short column does not end the tier of those beside it.
            reach = max(reach, min(line.end, _median([other.end for other in tiers[-1]])))
        else:
            tiers.append([line])
            reach = line.end
    return [sorted(tier, key=lambda line: (line.at, line.start)) for tier in tiers]


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """The text of lines, those of one paragraph joined."""
    found: list[str] = []
    for block in _blocks(lines):
        end = max(line.end for line in block)
        start = min(line.start for line in block)
        previous: Line | None = None
        for line in block:
            if previous is not None and _goes_on(previous, line, start, end):
                found[-1] = joined(found[-1], line.text)
            else:
                found.append(line.text)
            previous = line
    return found


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that follow one another at the distance of lines, and of one size."""
    block: list[Line] = []
    for line in lines:
        if block and not _is_next(block[-1], line):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _is_next(line: Line, following: Line) -> bool:
    size = max(line.size, following.size, 0.1)
    step = following.at - line.at
    overlap = min(line.end, following.end) - max(line.start, following.start)
    return (
        0 < step < _LEADING * size
        and overlap > -_HANGING * size
        and size < _ALIKE * max(0.1, min(line.size, following.size))
    )


def _goes_on(line: Line, following: Line, start: float, end: float) -> bool:
    full = line.end > end - _FULL * line.size
    indented = following.start > start + _INDENT * following.size and following.start > line.start
    return full and not indented and not _SENTENCE_END.search(line.text) and not _LIST.match(following.text)


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph that ends a page may go on with the one that begins the next."""
    return bool(_WIDE.match(before[-1:])) and not _SENTENCE_END.search(before) and not _LIST.match(after)
