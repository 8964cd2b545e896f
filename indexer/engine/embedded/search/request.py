"""What is shared by the segments in one search? Limits, and what was found out for all of them.

A `Request` is made for one search and thrown away; what outlives it is in the `TermStatistics`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import chain

from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.expansion import expanded
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.embedded.search.view import Span
from indexer.errors import DeadlineExceeded
from indexer.query import nodes
from indexer.query.nodes import Enough, Node, Pattern


@dataclass(slots=True)
class Request:
    """One search in all segments. `deadline` is a value of `time.monotonic`; `cut`: a pattern was cut."""

    statistics: TermStatistics
    deadline: float | None = None
    cut: bool = False
    _expanded: dict[tuple[str, Pattern], tuple[list[list[Span]], int]] = field(default_factory=dict)
    _wholes: dict[int, float] = field(default_factory=dict)

    @property
    def collection(self) -> Collection:
        """All segments."""
        return self.statistics.collection

    def check(self) -> None:
        """Raise `DeadlineExceeded` after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise DeadlineExceeded("the query took too long; make it narrower")

    def look_up(self, query: Node) -> None:
        """Find all terms of a query at once: each costs a fraction of what it does by itself."""
        texts: dict[str, list[str]] = {}
        _collect(query, texts)
        for name, several in texts.items():
            self.statistics.terms(name, several)

    def resolve_pattern(self, name: str, pattern: Pattern) -> tuple[list[list[Span]], int, float]:
        """For each segment the postings of a pattern's terms; how many documents those have; their weight."""
        found = self._expanded.get((name, pattern))
        if found is None:
            terms, cut = expanded(self.statistics, name, pattern, self.check)
            self.cut |= cut
            known = [self.statistics.term(name, term) for term in terms]
            by_segment = [
                [own.spans[number] for own in known if own.spans[number][1] > own.spans[number][0]]
                for number in range(len(self.collection.leaves))
            ]
            found = self._expanded[name, pattern] = by_segment, sum(own.documents for own in known)
        return *found, self.statistics.weight(name, found[1])

    def whole(self, node: Enough) -> float:
        """What those of a node's terms weigh together that occur anywhere, in units."""
        found = self._wholes.get(id(node))
        if found is None:
            found = self._wholes[id(node)] = self.statistics.whole(node.field, node.terms)
        return found


def _collect(node: Node, texts: dict[str, list[str]]) -> None:
    """Add the terms of a node and of those below it, by field."""
    match node:
        case nodes.Term(name, text):
            texts.setdefault(name, []).append(text)
        case nodes.Bag(name, weights):
            texts.setdefault(name, []).extend(weights)
        case nodes.AnyOf(several) | nodes.AllOf(several) | nodes.BestOf(several):
            for each in several:
                _collect(each, texts)
        case nodes.Maybe(one, other) | nodes.Without(one, other):
            _collect(one, texts)
            _collect(other, texts)
        case nodes.Sequence(name, terms):
            texts.setdefault(name, []).extend(terms)
        case nodes.Enough(name, counts, _, others):
            texts.setdefault(name, []).extend(chain(counts, *others))
