"""Which documents of a result come first? What the engine found best, the first of it scored again.

The engine orders all that match by what their terms weigh; among the first `[ranking] depth` terms that stand
close together, and a title that asks the same, add to the score. Of near-identical documents only the best is
shown.
**The order does not depend on how much of it is asked for, so pages do not repeat.**
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from indexer.config import RankingSettings
from indexer.engine.answers import Found
from indexer.engine.protocol import Snapshot, Sort
from indexer.engine.shares import Agreement, Nearness
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.query.ranking import RANKING
from indexer.query.terms import Terms

_FIELD, _TITLE = "grams", "title_grams"


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
    are scored again, and `top` is the best score before they are.
    """

    best: tuple[Match, ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[str | int, int]]
    distinct: int
    head: frozenset[int] = field(default_factory=frozenset)
    top: float = 0.0


Keep = Callable[[int, Callable[[], "Considered"]], "Considered"]


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
    ranking: RankingSettings = RANKING,
    keep: Keep = lambda fetched, consider: consider(),
) -> Matches:
    """The first `limit` matches of a plan, in order. Raises `DeadlineExceeded` after `seconds`.

    With `collapse` only the best of near-identical documents is given. `keep` gives what considering so many
    documents gives, or gave the last time.
    """
    again = asked_again(plan.terms, ranking) if sort == "relevance" else ()

    def consider(fetched: int) -> Considered:
        found = snapshot.search(
            plan.query,
            limit=fetched,
            only=only,
            sort=sort,
            facets=facets,
            copies=collapse,
            again=again,
            seconds=seconds,
        )
        head = found.documents[: ranking.depth] if again else ()
        worth = worths(Shares(*snapshot.shares(again, head)), ranking) if head else ()
        return _considered(found, head, worth, collapse)

    # Whoever turns the page asks for no more than this.
    fetched = max(limit, ranking.depth)
    while True:
        own = keep(fetched, partial(consider, fetched))
        if not collapse or len(own.order) >= min(limit, own.distinct):
            return own.matches(limit, collapse)
        fetched *= 4


@dataclass(frozen=True, slots=True)
class Considered:
    """What was found, the scores after the first of it was scored again, and the places that are in order."""

    found: Found
    scores: Sequence[float]
    order: Sequence[int]
    distinct: int
    head: Sequence[int]
    top: float

    def matches(self, limit: int, collapse: bool) -> Matches:
        """The first `limit`."""
        found = self.found
        best = tuple(
            Match(
                found.documents[place],
                round(self.scores[place], 6),
                found.copies.get(found.leaders[place], 1) - 1 if collapse else 0,
            )
            for place in self.order[:limit]
        )
        head = frozenset(self.head)
        return Matches(best, found.total, found.exact, found.facets, self.distinct, head, self.top)


def _considered(found: Found, head: Sequence[int], worth: Sequence[float], collapse: bool) -> Considered:
    """What was found, of which the documents of the head are worth so much more, in best scores."""
    places, scores = range(len(found.documents)), list(found.scores)
    top = scores[0] if head else 0.0
    for place, more in enumerate(worth):
        scores[place] += top * more
    # What is not ordered anew scored less, and follows; equals stay in the order they have.
    order = [*sorted(places[: len(head)], key=lambda place: -scores[place]), *places[len(head) :]]
    if collapse:
        order = list(first_of_each(order, found.leaders))
    distinct = found.total - sum(found.copies.values()) + len(found.copies)
    return Considered(found, scores, order, distinct, head, top)


class Shares(NamedTuple):
    """What is looked at again of some documents, in their order; each is a share, 0 to 1.

    `pairs` and `characters` are how much of the query's stands close together, `titles` how much the title
    and the query say the same.
    """

    pairs: Sequence[float]
    characters: Sequence[float]
    titles: Sequence[float]


def shares(snapshot: Snapshot, terms: Terms, documents: Sequence[int], ranking: RankingSettings) -> Shares:
    """The shares of documents."""
    return Shares(*snapshot.shares(asked_again(terms, ranking), documents))


def asked_again(terms: Terms, ranking: RankingSettings) -> tuple[Nearness, Nearness, Agreement]:
    """The shares that make `Shares`; pairs of other names count where they stand, but not for the whole."""
    others = {pair: weight for name, weight in terms.others.items() for pair in name}
    width = ranking.closeness_width
    return (
        Nearness(_FIELD, terms.pairs, width, others),
        Nearness(_FIELD, terms.characters, width, {}),
        Agreement(_FIELD, _TITLE, {**terms.characters, **terms.pairs}, others),
    )


def worths(shares: Shares, ranking: RankingSettings) -> list[float]:
    """What shares add to the score of each document, in best scores."""
    near, characters, answered = ranking.closeness, ranking.closeness_characters, ranking.answered
    return [near * a + characters * b + answered * c for a, b, c in zip(*shares, strict=True)]


def first_of_each(places: Sequence[int], leaders: Sequence[int]) -> Iterable[int]:
    """Those of `places` at which a leader comes for the first time.

    >>> list(first_of_each([0, 1, 2, 3], [7, 3, 7, 9]))
    [0, 1, 3]
    """
    firsts: dict[int, int] = {}
    for place in places:
        firsts.setdefault(leaders[place], place)
    return firsts.values()
