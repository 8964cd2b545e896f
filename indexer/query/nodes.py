"""What does an engine evaluate? A tree of frozen nodes over the fields of an index.

A node finds documents and gives each a score. **What every engine computes for a node is said here:**

- a term of a scored field counts `weight · idf · tf·(k1+1) / (tf + k1·(1-b + b·(length/average)^beta))`, with
  the parameters, the idf and the rounded lengths of `indexer.query.ranking`, over all documents of the index;
- a term of any other field (`id`, `source`, `lang`) counts `weight`, and what is no more than a filter 0;
- the scores of a node's parts add up, but for those of `BestOf`.

Documents of equal score are in the order of their ids, by code points. `str` of a node is for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""

    def __str__(self) -> str:
        return "nothing"


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document, each with the score 1."""

    def __str__(self) -> str:
        return "everything"


class Term(NamedTuple):
    """Documents that hold a term."""

    field: str
    text: str
    weight: float = 1.0

    def __str__(self) -> str:
        return f"{self.field}:{self.text}{_times(self.weight)}"


@dataclass(frozen=True, slots=True)
class Bag:
    """Documents that hold any of a field's terms, each of which has its weight; their scores add up."""

    field: str
    weights: Mapping[str, float]

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms one by one."""
        return tuple([Term(self.field, text, weight) for text, weight in self.weights.items()])

    def __str__(self) -> str:
        return _joined(" OR ", *self.terms)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Documents that hold two or more terms at consecutive positions; the terms' scores add up."""

    field: str
    terms: tuple[str, ...]
    weight: float = 1.0

    def __str__(self) -> str:
        return f'{self.field}:"{" ".join(self.terms)}"{_times(self.weight)}'


@dataclass(frozen=True, slots=True)
class Pattern:
    """The terms that `text` stands for, in which `*` is any characters and `?` is one; no end of a sentence.

    They count as one term: their frequencies add up, and so do the numbers of documents that hold them.
    An engine may take only those of most documents, and then says that its total is not exact.
    """

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Place:
    """A term, or any of a pattern's, `least` to `most` positions behind the place before."""

    term: str | Pattern
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True)
class Spaced:
    """Documents that hold what is asked at each place, one after the other; the places' scores add up.

    No occurrence of the term `stop`, where there is one, lies between two of the places.
    """

    field: str
    places: tuple[Place, ...]
    weight: float = 1.0
    stop: str = ""

    def __str__(self) -> str:
        first, *rest = self.places
        steps = "".join(f" {{{place.least},{place.most}}} {place.term}" for place in rest)
        return f"{self.field}:[{first.term}{steps}]{_times(self.weight)}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents of at least one node."""

    nodes: tuple[Node, ...]

    @property
    def spread(self) -> tuple[Node, ...]:
        """The nodes, those that are bags as their terms."""
        several = [each.terms if isinstance(each, Bag) else (each,) for each in self.nodes]
        return tuple(chain.from_iterable(several))

    def __str__(self) -> str:
        return _joined(" OR ", *self.spread)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Documents of every node."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return _joined(" AND ", *self.nodes)


@dataclass(frozen=True, slots=True)
class BestOf:
    """Documents of at least one node, with the best score that any gives, at least 0."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return _joined(" BEST ", *self.nodes)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Documents of `node`; those that are also of `more` score that besides."""

    node: Node
    more: Node

    def __str__(self) -> str:
        return _joined(" MAYBE ", self.node, self.more)


@dataclass(frozen=True, slots=True)
class Without:
    """Documents of `node` that are not of `unwanted`."""

    node: Node
    unwanted: Node

    def __str__(self) -> str:
        return _joined(" NOT ", self.node, self.unwanted)


@dataclass(frozen=True, slots=True)
class Enough:
    """Documents that hold at least the share `least` of a field's `terms`, by what they weigh; a filter.

    A term weighs its idf times what is given for it, whatever its frequency; one that no document holds
    weighs nothing. `others` are sequences of terms that stand for some of them: each adds what its terms
    weigh, times what is given for it.
    """

    field: str
    terms: Mapping[str, float]
    least: float
    others: Mapping[tuple[str, ...], float]

    def __str__(self) -> str:
        return f"{self.least:.0%} of {self.field}:({' '.join(self.terms)})"


@dataclass(frozen=True, slots=True)
class Between:
    """Documents whose number in `field` is from `low` to `high`, both included; a filter."""

    field: str
    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.field}:{self.low}…{self.high}"


@dataclass(frozen=True, slots=True)
class Present:
    """Documents that have any term in `field`; a filter."""

    field: str

    def __str__(self) -> str:
        return f"{self.field}:*"


@dataclass(frozen=True, slots=True)
class Alike:
    """The document with an id and all that are near-identical to it; a filter."""

    id: str

    def __str__(self) -> str:
        return f"alike:{self.id}"


Filter = Enough | Between | Present | Alike
"""What finds documents and scores none."""
Node = (
    Nothing | Everything | Term | Bag | Sequence | Spaced | AnyOf | AllOf | BestOf | Maybe | Without | Filter
)


def _times(weight: float) -> str:
    return "" if weight == 1 else f"×{weight:g}"


def _joined(operator: str, *nodes: Node) -> str:
    return f"({operator.join(map(str, nodes))})"
