"""What is shared by the segments in one evaluation? Limits, statistics, where terms stand.

A `Run` is made for one query and thrown away; what outlives it is in the `Collection`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from whoosh import scoring
from whoosh.fields import FieldType

from indexer.arrays import Array
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.expansion import expand
from indexer.engine.embedded.whoosh.weighting import inverse_frequency, parameters
from indexer.errors import DeadlineExceeded

UNIT = 2.0**32
# Queries repeat terms; remembering where those stand takes some 2 MB.
MAX_KNOWN_TERMS = 1 << 13


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What all terms of a field share in one run."""

    tables: list[tuple[Array, Array, Array]]
    scale: tuple[float, float, float] | None
    encode: Callable[[Any], bytes]


@dataclass(slots=True)
class Run:
    """One evaluation over all segments. `deadline` is a value of `time.monotonic`."""

    collection: Collection
    searcher: Any
    weighting: Any
    deadline: float | None = None
    max_expansions: int | None = None
    cut: bool = False
    depth: int = 0
    facts: dict[str, FieldFacts | None] = field(default_factory=dict)
    resolved: dict[tuple[str, Any], tuple[list[tuple[int, int]], float]] = field(default_factory=dict)
    # The query is kept beside its terms, so that its id is not given to another one meanwhile.
    expanded: dict[int, tuple[Any, list[bytes]]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `DeadlineExceeded` after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise DeadlineExceeded("the query took too long; make it narrower")

    @property
    def native(self) -> bool:
        """Whether the scores are ours to compute: they are BM25F."""
        return isinstance(self.weighting, scoring.BM25F)

    def facts_of(self, name: str) -> FieldFacts | None:
        """The facts of a field, None where the schema has no such field."""
        if name not in self.facts:
            self.facts[name] = self._gather_facts(name)
        return self.facts[name]

    def _gather_facts(self, name: str) -> FieldFacts | None:
        schema = self.collection.reader.schema
        if name not in schema:
            return None
        type_ = schema[name]
        postings = [leaf.terms.field(name) for leaf in self.collection.leaves]
        scale = None
        if type_.scorable:
            scale = (*parameters(self.weighting, name), self.collection.average_length(name))
        # Whoosh's own `to_bytes` is UTF-8; calling the codec directly saves half the time.
        plain = type(type_).to_bytes is FieldType.to_bytes
        tables = [(field.blob, field.offsets, field.starts) for field in postings]
        return FieldFacts(tables, scale, _encode if plain else type_.to_bytes)

    def resolve(self, name: str, text: Any, facts: FieldFacts) -> tuple[list[tuple[int, int]], float]:
        """For each segment the postings of a term, and the term's weight over all segments, in units.

        Raises ValueError for text that the field cannot hold.
        """
        key = (name, text)
        found = self.resolved.get(key)
        if found is None:
            spans, frequency = self._look_up(key, facts)
            found = self.resolved[key] = spans, self._weight(frequency, facts)
        return found

    def _weight(self, frequency: int, facts: FieldFacts) -> float:
        """What a term that so many documents hold weighs, in units."""
        if facts.scale is None:
            return UNIT
        idf: float = inverse_frequency(self.weighting, frequency, self.collection.count)
        return UNIT * idf * (facts.scale[1] + 1)

    def resolve_pattern(self, question: Any) -> tuple[list[list[tuple[int, int]]], float]:
        """For each segment the postings of all terms of a pattern; and what they weigh as one, in units."""
        name = question.field()
        facts = self.facts_of(name)
        if facts is None:
            return [[] for _ in self.collection.leaves], 0.0
        found = [self._look_up((name, text), facts) for text in self.terms_of(question)]
        weight = self._weight(sum(frequency for _, frequency in found), facts)
        by_segment = [[spans[number] for spans, _ in found] for number in range(len(self.collection.leaves))]
        return [[(a, b) for a, b in spans if b > a] for spans in by_segment], weight

    def _look_up(self, key: tuple[str, Any], facts: FieldFacts) -> tuple[list[tuple[int, int]], int]:
        known = self.collection.known_terms
        found = known.get(key)
        if found is None:
            term, find = facts.encode(key[1]), active().find_span
            spans = [find(blob, offsets, starts, term) for blob, offsets, starts in facts.tables]
            if len(known) >= MAX_KNOWN_TERMS:
                known.clear()
            found = known[key] = spans, sum([end - start for start, end in spans])
        return found

    def terms_of(self, question: Any) -> list[bytes]:
        """The expansion of a query that stands for several terms."""
        found = self.expanded.get(id(question))
        if found is None:
            type_ = self.collection.reader.schema[question.field()]
            terms, cut = expand(self.collection, question, type_, self.max_expansions, self.check)
            found = self.expanded[id(question)] = question, terms
            self.cut |= cut
        return found[1]


def _encode(text: Any) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)
