"""What is shared by the segments in one search? Limits, statistics, where terms stand.

A `Request` is made for one search and thrown away; what outlives it is in the `Collection`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from indexer.arrays import Section
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.collection import Collection, Scale
from indexer.engine.embedded.search.expansion import expanded
from indexer.engine.fields import is_scored
from indexer.errors import DeadlineExceeded
from indexer.query.nodes import Enough, Pattern
from indexer.query.ranking import WEIGHTS, Weights, inverse_frequency

UNIT = 2.0**32
"""What a score of 1 is in the integers that scores are added up in."""
# Queries repeat terms; remembering where those stand takes some 2 MB.
MAX_KNOWN_TERMS = 1 << 13
Span = tuple[int, int]
"""The postings of a term in a segment, half-open."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What all terms of a field share in one search: its term tables by segment, and how it is scored."""

    tables: list[tuple[Section, Section, Section]]
    scale: Scale | None


@dataclass(slots=True)
class Request:
    """One search in all segments. `deadline` is a value of `time.monotonic`; `cut`: a pattern was cut."""

    collection: Collection
    deadline: float | None = None
    weights: Weights = WEIGHTS
    cut: bool = False
    _facts: dict[str, FieldFacts] = field(default_factory=dict)
    _resolved: dict[tuple[str, str], tuple[list[Span], float]] = field(default_factory=dict)
    _expanded: dict[tuple[str, Pattern], tuple[list[list[Span]], int]] = field(default_factory=dict)
    _wholes: dict[int, float] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `DeadlineExceeded` after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise DeadlineExceeded("the query took too long; make it narrower")

    def facts(self, name: str) -> FieldFacts:
        """The facts of a field."""
        found = self._facts.get(name)
        if found is None:
            parts = [leaf.postings(name) for leaf in self.collection.leaves]
            average = self.collection.average_length(name)
            scale = (self.weights.b, self.weights.k1, average) if is_scored(name) else None
            tables = [(part.blob, part.offsets, part.starts) for part in parts]
            found = self._facts[name] = FieldFacts(tables, scale)
        return found

    def resolve(self, name: str, text: str) -> tuple[list[Span], float]:
        """For each segment the postings of a term, and the term's weight over all segments, in units."""
        found = self._resolved.get((name, text))
        if found is None:
            spans, frequency = self.look_up(name, text)
            found = self._resolved[name, text] = spans, self._weight(name, frequency)
        return found

    def look_up(self, name: str, text: str) -> tuple[list[Span], int]:
        """For each segment the postings of a term, and how many documents hold it."""
        known, key = self.collection.known_terms, (name, text)
        found = known.get(key)
        if found is None:
            term, find = text.encode("utf-8", "surrogatepass"), active().find_span
            spans = [find(blob, offsets, starts, term) for blob, offsets, starts in self.facts(name).tables]
            if len(known) >= MAX_KNOWN_TERMS:
                known.clear()
            found = known[key] = spans, sum([end - start for start, end in spans])
        return found

    def _weight(self, name: str, frequency: int) -> float:
        """What a term that so many documents hold weighs, in units."""
        scale = self.facts(name).scale
        if scale is None:
            return UNIT
        return UNIT * inverse_frequency(frequency, self.collection.count) * (scale[1] + 1)

    def resolve_pattern(self, name: str, pattern: Pattern) -> tuple[list[list[Span]], int, float]:
        """For each segment the postings of a pattern's terms; how many documents those have; their weight."""
        found = self._expanded.get((name, pattern))
        if found is None:
            terms, cut = expanded(self.collection, name, pattern, self.check)
            self.cut |= cut
            spans = [self.look_up(name, term) for term in terms]
            by_segment = [
                [own[number] for own, _ in spans if own[number][1] > own[number][0]]
                for number in range(len(self.collection.leaves))
            ]
            found = self._expanded[name, pattern] = by_segment, sum(frequency for _, frequency in spans)
        return *found, self._weight(name, found[1])

    def whole(self, node: Enough) -> float:
        """What those of a node's terms weigh together that occur anywhere, in units."""
        found = self._wholes.get(id(node))
        if found is None:
            held = [(self.resolve(node.field, term), count) for term, count in node.terms.items()]
            weights = [weight * count for (spans, weight), count in held if any(b > a for a, b in spans)]
            found = self._wholes[id(node)] = float(np.rint(weights).sum()) or UNIT
        return found
