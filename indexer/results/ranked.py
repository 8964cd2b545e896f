"""Which documents of a result come first? What the engine found best, ordered anew by closeness.

The engine orders all that match by what their terms weigh; among the first `Weights.closeness_depth` the
terms that stand close together add to the score. Of near-identical documents only the best is shown.
**The order does not depend on how much of it is asked for, so pages do not repeat.**
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.engine.protocol import Snapshot, Sort
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.query.ranking import WEIGHTS, Weights
from indexer.query.terms import Terms

_FIELD = "grams"


@dataclass(frozen=True, slots=True)
class Match:
    """One matching document: its number in the snapshot, its score, how many near-identical others match."""

    number: int
    score: float
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Matches:
    """The first matches, how many documents match, whether that is exact, and counts by field.

    `distinct` is how many remain where near-identical ones count once. `head` are the documents that
    closeness counts for, and `top` is the best score before it does.
    """

    best: tuple[Match, ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str | int, int]]
    distinct: int
    head: frozenset[int] = field(default_factory=frozenset)
    top: float = 0.0


def ranked(
    snapshot: Snapshot,
    plan: Plan,
    *,
    limit: int,
    only: Node | None = None,
    sort: Sort = "relevance",
    facets: Sequence[str] = (),
    seconds: float | None = None,
    collapse: bool = False,
    weights: Weights = WEIGHTS,
) -> Matches:
    """The first `limit` matches of a plan, in order. Raises `DeadlineExceeded` after `seconds`.

    With `collapse` only the best of near-identical documents is given.
    """
    by_relevance = sort == "relevance"
    fetched = max(limit, weights.closeness_depth) if by_relevance else limit
    while True:
        found = snapshot.search(
            plan.query, limit=fetched, only=only, sort=sort, facets=facets, copies=collapse, seconds=seconds
        )
        places, scores = range(len(found.documents)), list(found.scores)
        head = found.documents[: weights.closeness_depth] if by_relevance else ()
        top = scores[0] if head else 0.0
        for place, share in enumerate(closeness(snapshot, plan.terms, head, weights)):
            scores[place] += top * (weights.closeness * share[0] + weights.closeness_characters * share[1])
        # What is not ordered anew scored less, and follows; equals stay in the order they have.
        order = [*sorted(places[: len(head)], key=lambda place: -scores[place]), *places[len(head) :]]
        distinct = found.total - sum(found.copies.values()) + len(found.copies)
        if collapse:
            order = list(first_of_each(order, found.leaders))
        if not collapse or len(order) >= min(limit, distinct):
            break
        fetched *= 4
    best = tuple(
        Match(
            found.documents[place],
            round(scores[place], 6),
            found.copies.get(found.leaders[place], 1) - 1 if collapse else 0,
        )
        for place in order[:limit]
    )
    return Matches(best, found.total, found.exact, found.facets, distinct, frozenset(head), top)


def closeness(
    snapshot: Snapshot, terms: Terms, documents: Sequence[int], weights: Weights
) -> list[tuple[float, float]]:
    """For each document what share of the pairs, and of the characters, stands close together.

    Pairs of other names count where they stand, but not for the whole.
    """
    if not documents:
        return []
    others = {pair: weight for name, weight in terms.others.items() for pair in name}
    width = weights.closeness_width
    pairs = snapshot.nearness(_FIELD, terms.pairs, documents, width, others)
    characters = snapshot.nearness(_FIELD, terms.characters, documents, width, {})
    return list(zip(pairs, characters, strict=True))


def first_of_each(places: Sequence[int], leaders: Sequence[int]) -> Iterable[int]:
    """Those of `places` at which a leader comes for the first time.

    >>> list(first_of_each([0, 1, 2, 3], [7, 3, 7, 9]))
    [0, 1, 3]
    """
    firsts: dict[int, int] = {}
    for place in places:
        firsts.setdefault(leaders[place], place)
    return firsts.values()
