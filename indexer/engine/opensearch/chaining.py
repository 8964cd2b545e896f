"""Where do documents of a cluster follow a passage? Those that hold most of its terms are looked at first.

What a document's terms weigh together is at least what any chain of it weighs. **So when the chains that were
found are heavier than what the next document holds, no other is heavier.**
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Array
from indexer.derived.chains import WEIGHT, Chains, chained, heaviest, units_of
from indexer.engine.answers import Chain
from indexer.engine.embedded.search.chaining import rarest
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.opensearch.cluster import Answer
from indexer.engine.opensearch.entries import portable
from indexer.engine.opensearch.listing import number_of
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.queries import any_of, constant
from indexer.engine.opensearch.scripts import spots, spots_of
from indexer.query.ranking import inverse_frequency

# Sums of the cluster are 32-bit numbers.
_SLACK = 1e-5


@dataclass(frozen=True, slots=True)
class Passage:
    """The terms of a passage that are looked for, each with the places it has there; weights by place."""

    field: str
    places: Mapping[str, Sequence[int]]
    weights: Array

    @classmethod
    def of(cls, statistics: TermStatistics, field: str, terms: Sequence[str], most: int) -> Passage:
        """The rarest terms, at most `most` documents of them together."""
        places: dict[str, list[int]] = defaultdict(list)
        weights = np.zeros(len(terms), np.int64)
        for place in rarest(statistics, field, terms, most):
            places[terms[place]].append(place)
            documents = statistics.term(field, terms[place]).documents
            weights[place] = units_of(inverse_frequency(documents, statistics.collection.count))
        return cls(field, places, weights)

    def query(self) -> Json | None:
        """What holds any of the terms, scored by what those that it holds weigh together."""
        return any_of(
            constant({"term": {self.field: {"value": portable(text)}}}, self._weight(text))
            for text in self.places
        )

    def _weight(self, text: str) -> float:
        return float(self.weights[[*self.places[text]]].sum()) / WEIGHT

    def asked_with(self) -> Json:
        """What is to be added to a search, so that `chains` can look at what it finds."""
        return spots_of(self.field, [*self.places])

    def chains(self, hits: Sequence[Answer]) -> Chains:
        """The chains of hits."""
        several = [*self.places.values()]
        spotted = [
            (number, place, at)
            for number, hit in enumerate(hits)
            for term, at in spots(hit)
            for place in several[term]
        ]
        rows = np.array(spotted, np.int64).reshape(-1, 3)
        found = chained(rows[:, 0], rows[:, 1], rows[:, 2], self.weights)
        return found._replace(documents=np.array([*map(number_of, hits)], np.int64)[found.documents])


def _is_full(found: Chains, limit: int, bound: float) -> bool:
    """Whether there are enough chains, none lighter than what is to come can be."""
    return len(found.weights) == limit and int(found.weights[-1]) > bound * WEIGHT * (1 + _SLACK)


def chains(passage: Passage, limit: int, look: Callable[[Json], Iterator[Sequence[Answer]]]) -> list[Chain]:
    """The heaviest chains; `look` gives what a query finds, best first, some documents at a time."""
    query = passage.query()
    found: Chains | None = None
    if query and limit:
        for hits in look(query):
            if found is not None and _is_full(found, limit, hits[0]["_score"]):
                break
            more = passage.chains(hits)
            every = more if found is None else Chains(*map(np.concatenate, zip(found, more, strict=True)))
            best = heaviest(every, limit, every.documents)
            found = Chains(*(column[best] for column in every))
    if found is None:
        return []
    rows = zip(*(column.tolist() for column in found), strict=True)
    return [Chain(doc, (a, b), (start, end), weight / WEIGHT) for doc, a, b, start, end, weight in rows]
