"""Which lines of a page are its furniture? Running heads and page numbers, told by their coming again.

A line at the edge of a page is furniture where three pages have it at the same height, whatever the numbers
in it, or where it is nothing but the number of its page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.documents.readers.pdf.layout import Line

_ROWS = 2
_NEAR = 3.0
"""Heights of a line that two rows of a running head may be apart."""
_PAGES = 3
_NUMBER = re.compile(r"\d+|[ivxlc]{1,6}(?![a-z])|[〇零一二三四五六七八九十百]{1,5}")
_PAGE_NUMBER = re.compile(
    r"[\s\-–—·.|/]*(?:第|page|p\.)?\s*(?P<number>\d{1,4})\s*(?:[頁页]|(?:/|of|共)\s*\d{1,4}\s*[頁页]?)?[\s\-–—·.|/]*",
    re.I,
)
_SLACK = 3.0
"""Points that the height of a running head may differ by."""

Key = tuple[str, int]


def without_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without their running heads and page numbers."""
    counts: Counter[Key] = Counter()
    for page in pages:
        counts.update({key for line in _edge(page) for key in _keys(line)})
    return [
        [line for line in page if not _is_furniture(line, edge, counts, number)]
        for number, page in enumerate(pages, 1)
        for edge in [{id(line) for line in _edge(page)}]
    ]


def _is_furniture(line: Line, edge: set[int], counts: Counter[Key], number: int) -> bool:
    if id(line) not in edge:
        return False
    match = _PAGE_NUMBER.fullmatch(line.text)
    if match and int(match["number"]) == number:
        return True
    return any(counts[key] >= _PAGES for key in _keys(line))


def _edge(page: Sequence[Line]) -> Iterator[Line]:
    """The outermost lines at either end of a page: one row, and a second where it is near to that."""
    rows = sorted(page, key=lambda line: line.at)
    for ordered in (rows, rows[::-1]):
        last: Line | None = None
        row = 0
        for line in ordered:
            step = abs(line.at - last.at) if last else 0.0
            row += step > _SLACK
            if row >= _ROWS or (last and step > _NEAR * line.size):
                break
            yield line
            last = line


def _keys(line: Line) -> tuple[Key, Key]:
    """What a line may share with those of other pages: its text but for numbers, and about where it is."""
    text = _NUMBER.sub("#", line.text.lower())
    place = int(line.at // _SLACK)
    return (text, place), (text, place + 1)
