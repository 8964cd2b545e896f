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
from indexer.engine.opensearch.entries import portable
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.places import Places
from indexer.engine.opensearch.queries import any_of, constant
from indexer.query.ranking import inverse_frequency

# Sums of the cluster are 32-bit numbers.
_SLACK = 1e-5
Looked = tuple[Sequence[int], Sequence[float], Sequence[Places]]
"""Documents, what the terms that each holds weigh together, and where its terms stand."""


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

    def chains(self, documents: Sequence[int], places: Sequence[Places]) -> Chains:
        """The chains of documents."""
        spots = [
            (number, place, at)
            for number, own in enumerate(places)
            for text, several in self.places.items()
            for at in own.of(text)
            for place in several
        ]
        rows = np.array(spots, np.int64).reshape(-1, 3)
        found = chained(rows[:, 0], rows[:, 1], rows[:, 2], self.weights)
        return found._replace(documents=np.array(documents, np.int64)[found.documents])


def _is_full(found: Chains, limit: int, bound: float) -> bool:
    """Whether there are enough chains, none lighter than what is to come can be."""
    return len(found.weights) == limit and int(found.weights[-1]) > bound * WEIGHT * (1 + _SLACK)


def chains(passage: Passage, limit: int, look: Callable[[Json], Iterator[Looked]]) -> list[Chain]:
    """The heaviest chains; `look` gives what a query finds, best first, some documents at a time."""
    query = passage.query()
    found: Chains | None = None
    if query and limit:
        for documents, bounds, places in look(query):
            if found is not None and _is_full(found, limit, bounds[0]):
                break
            more = passage.chains(documents, places)
            every = more if found is None else Chains(*map(np.concatenate, zip(found, more, strict=True)))
            best = heaviest(every, limit, every.documents)
            found = Chains(*(column[best] for column in every))
    if found is None:
        return []
    rows = zip(*(column.tolist() for column in found), strict=True)
    return [Chain(doc, (a, b), (start, end), weight / WEIGHT) for doc, a, b, start, end, weight in rows]
