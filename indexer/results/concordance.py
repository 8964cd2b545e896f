"""How is a word used? Every place where it stands on a line of its own, with what is left and right of it.

All places are counted; the lines of a page are read from the documents that they are in, so that a first page
costs no more than any other search. In the order of what is beside them all documents are read, once.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, islice
from typing import Any, Literal

from indexer.engine.answers import Standing
from indexer.engine.fields import Record
from indexer.engine.protocol import Snapshot
from indexer.query.nodes import Node
from indexer.results.keywords import Keywords, Seen, context

LineSort = Literal["document", "date", "left", "right"]
Unit = Literal["character", "word"]
LINES_ON_A_PAGE = 100
"""Lines on a page."""
WIDTH = 24
"""Characters on each side of a keyword."""
MOST_SORTED = 250_000
"""So many lines are put into the order of what is beside them."""
_BATCH = 500
_WORD_WIDTH = 16


@dataclass(frozen=True, slots=True)
class KeywordLine:
    """One place: `keyword` as it is written at `start` of the text of a document, and what is beside it."""

    id: str
    start: int
    left: str
    keyword: str
    right: str
    date: str | None
    source: str | None
    title: str | None = None
    lang: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The line as the API gives it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Concordance:
    """One page of lines; `total` places stand in `documents` documents."""

    query: str
    total: int
    documents: int
    page: int
    size: int
    sort: LineSort
    lines: tuple[KeywordLine, ...]

    def to_json(self) -> dict[str, Any]:
        """The page as `GET /api/v1/concordance` gives it."""
        return asdict(self) | {"lines": [line.to_json() for line in self.lines]}


@dataclass(frozen=True, slots=True)
class Order:
    """Lines in an order: the documents they are in, and which place of its document each is, from 0."""

    documents: Sequence[int]
    places: Sequence[int]


def places_in(
    snapshot: Snapshot,
    keywords: Keywords,
    condition: Node | None,
    sort: Literal["id", "date_asc"],
    seconds: float | None,
) -> Standing:
    """The documents whose texts hold what is looked for, in order, and how often; titles do not count."""
    if not keywords.sequences:
        return Standing((), ())
    found = snapshot.standing("grams", keywords.sequences, only=condition, sort=sort, seconds=seconds)
    titles = snapshot.standing("title_grams", keywords.sequences, only=condition, seconds=seconds)
    if not titles.documents:
        return found
    besides = dict(zip(titles.documents, titles.times, strict=True))
    documents, times = array("I"), array("I")
    for number, count in zip(found.documents, found.times, strict=True):
        if left := count - besides.get(number, 0):
            documents.append(number)
            times.append(left)
    return Standing(documents, times)


def read_places(batches: Iterator[Sequence[int]], snapshot: Snapshot, keywords: Keywords) -> Standing:
    """The same by reading documents: for rows of pieces, which no engine counts."""
    documents, times = array("I"), array("I")
    for numbers in batches:
        for number, record in zip(numbers, snapshot.records(numbers), strict=True):
            if count := len(keywords.find(Seen.of(record["text"]).folded)):
                documents.append(number)
                times.append(count)
    return Standing(documents, times)


def page_of(
    snapshot: Snapshot, keywords: Keywords, found: Standing, first: int, size: int
) -> list[KeywordLine]:
    """The lines from number `first`, from 0, in the order of documents."""
    ends = [*accumulate(found.times)]
    start = bisect_right(ends, first)
    skipped = first - (ends[start - 1] if start else 0)
    stop = bisect_right(ends, first + size - 1) + 1
    lines = lines_of(snapshot, keywords, found.documents[start:stop])
    return [*islice(lines, skipped, skipped + size)]


def lines_of(snapshot: Snapshot, keywords: Keywords, documents: Sequence[int]) -> Iterator[KeywordLine]:
    """All lines of documents, one after the other."""
    for start in range(0, len(documents), _BATCH):
        for record in snapshot.records(documents[start : start + _BATCH]):
            yield from lines_in(record, keywords)


def lines_in(record: Record, keywords: Keywords) -> Iterator[KeywordLine]:
    """The lines of one document."""
    text: str = record["text"]
    seen = Seen.of(text)
    for mark in keywords.find(seen.folded):
        start, end = seen.span(mark)
        yield KeywordLine(
            record["id"],
            start,
            context(text[max(0, start - WIDTH) : start]),
            text[start:end],
            context(text[end : end + WIDTH]),
            record["date"],
            record["source"],
            record["title"],
            record["lang"],
        )


def beside(
    snapshot: Snapshot,
    keywords: Keywords,
    found: Standing,
    left: bool,
    by: int,
    words: Callable[[str], list[str]] | None,
) -> Order:
    """All lines by the first `by` characters left or right of the keyword, or words where `words` divides.

    What stands next to it comes first; equal ones stay in the order of documents.
    """
    keyed: list[tuple[str | tuple[str, ...], int, int, int]] = []
    ranks = {number: rank for rank, number in enumerate(found.documents)}
    # Documents are read in the order they are kept in.
    numbers = sorted(found.documents)
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        for number, record in zip(batch, snapshot.records(batch), strict=True):
            folded = Seen.of(record["text"]).folded
            keyed += (
                (_key(folded, mark, left, by, words), ranks[number], place, number)
                for place, mark in enumerate(keywords.find(folded))
            )
    keyed.sort()
    return Order(array("I", [key[3] for key in keyed]), array("I", [key[2] for key in keyed]))


def _key(
    folded: str, mark: tuple[int, int], left: bool, by: int, words: Callable[[str], list[str]] | None
) -> str | tuple[str, ...]:
    start, end = mark
    if words is None:
        return folded[max(0, start - by) : start][::-1] if left else folded[end : end + by]
    if left:
        return tuple(words(folded[max(0, start - _WORD_WIDTH) : start])[: -by - 1 : -1])
    return tuple(words(folded[end : end + _WORD_WIDTH])[:by])


def page_in_order(
    snapshot: Snapshot, keywords: Keywords, order: Order, first: int, size: int
) -> Iterator[KeywordLine]:
    """The lines from number `first`, from 0, of an order."""
    numbers = order.documents[first : first + size]
    different = [*dict.fromkeys(numbers)]
    records = dict(zip(different, snapshot.records(different), strict=True))
    lines = {number: [*lines_in(record, keywords)] for number, record in records.items()}
    for number, place in zip(numbers, order.places[first : first + size], strict=True):
        yield lines[number][place]
