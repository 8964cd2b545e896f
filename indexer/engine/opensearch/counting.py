"""How many of what matches have each value of a field? All values, however many there are.

A cluster answers with so many buckets at most, of all counts of a request together. **So counts that do not
fit together are asked for apart, and one that does not fit alone in parts**; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from indexer.engine.opensearch.asking import AskedIndex
from indexer.engine.opensearch.cluster import Answer
from indexer.engine.opensearch.mapping import Json

BUCKETS = 60_000
"""So many values are counted in one request: clusters refuse more than 65,535."""
# Parts are by a hash of the value, so some have a little more than others.
_PART = 50_000

Counted = dict[str, dict[Any, int]]
"""By name of a count, the documents by value, in the order of values."""


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted under a name: the values of a field, of which the index has so many.

    Values of fewer than `least` documents are left out; `more` is asked of the documents of each. `named`
    has the value that a number stands for, where not itself is meant.
    """

    name: str
    field: str
    values: int
    least: int = 1
    more: Json | None = None
    named: Mapping[int, str] | None = None

    @property
    def parts(self) -> int:
        """In how many parts it is asked for."""
        return 1 if self.values <= BUCKETS else -(-self.values // _PART)

    def asked(self, part: int = 0) -> Json:
        """The aggregation, or one part of it."""
        size = min(self.values, BUCKETS)
        terms: Json = {"field": self.field, "size": size, "min_doc_count": self.least}
        if self.parts > 1:
            terms["include"] = {"partition": part, "num_partitions": self.parts}
        return {self.name: {"terms": terms, **({"aggs": self.more} if self.more else {})}}

    def value(self, row: Answer) -> Any:
        """The value that a row of an answer is about."""
        return row["key"] if self.named is None else self.named[row["key"]]

    def in_order(self, rows: Iterable[Answer]) -> dict[Any, int]:
        """How many documents each value has, in the order of values."""
        return dict(sorted((self.value(row), row["doc_count"]) for row in rows))


def together(counts: Iterable[Count]) -> tuple[list[Count], list[Count]]:
    """Those that one request can ask for, the small ones first, and the others. What has no value is in none.

    >>> first, others = together([Count("a", "a", 50_000), Count("b", "b", 9), Count("c", "c", 70_000)])
    >>> [each.name for each in first], [each.name for each in others]
    (['b', 'a'], ['c'])
    """
    left, first, others = BUCKETS, list[Count](), list[Count]()
    for count in sorted(counts, key=lambda count: count.values):
        fits = count.values <= left
        left -= count.values if fits else 0
        if count.values:
            (first if fits else others).append(count)
    return first, others


def aggregations(counts: Iterable[Count]) -> Json:
    """What asks for counts that fit together."""
    return {name: asked for count in counts for name, asked in count.asked().items()}


def counted(answer: Answer, counts: Iterable[Count]) -> Counted:
    """What an answer says of counts."""
    return {count.name: count.in_order(answer["aggregations"][count.name]["buckets"]) for count in counts}


def apart(asked: AskedIndex, query: Json, counts: Sequence[Count], deadline: float | None) -> Counted:
    """The counts that do not fit together, of what a query finds."""
    several = [count for count in counts if count.values]
    return {count.name: count.in_order(rows_of(asked, query, count, deadline)) for count in several}


def rows_of(asked: AskedIndex, query: Json, count: Count, deadline: float | None = None) -> Iterator[Answer]:
    """What the cluster says of each value."""
    for part in range(count.parts):
        body: Json = {"query": query, "size": 0, "track_total_hits": False, "aggs": count.asked(part)}
        yield from asked.search(body, deadline)["aggregations"][count.name]["buckets"]


def volumes(asked: AskedIndex, count: Count, query: Json) -> Mapping[str | int, int]:
    """See `Snapshot.volumes`; `count` is by what."""
    if not count.values:
        return {}
    count = replace(count, more={"characters": {"sum": {"field": "characters"}}})
    rows = rows_of(asked, query, count)
    found = {count.value(row): round(row["characters"]["value"]) for row in rows}
    return {value: characters for value, characters in sorted(found.items()) if characters}
