"""Which matching documents come first, and how many are there?

`search` runs the evaluator over all segments and takes the best documents without sorting all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.columns import Values
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.vectorized import FEW, List, top
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.evaluator import Evaluator, Scored
from indexer.engine.embedded.search.request import Request
from indexer.engine.fields import FIELDS
from indexer.engine.protocol import Sort
from indexer.query.nodes import Enough, Maybe, Node, Without

# Below any score: the floor as long as fewer documents than asked for are known.
_LOWEST = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Selection:
    """The first documents in order with their scores, in units; how many match, and where asked for, which.

    `matching` holds all documents that match, ascending, or None; `exact` says whether `total` is.
    """

    documents: Array
    units: Array
    total: int
    exact: bool
    matching: Array | None = None


def _nobody(document_id: str) -> Array:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Search:
    """A query as it goes over the segments.

    `alike` is for `Evaluator`. With `all_matching` every document that matches is kept; without `count` the
    total may be a lower bound, which is faster.
    """

    request: Request
    query: Node
    limit: int
    only: Node | None = None
    sort: Sort = "relevance"
    alike: Callable[[str], Array] = _nobody
    all_matching: bool = False
    count: bool = True
    _best: list[List] = field(default_factory=list)
    _matching: list[Array] = field(default_factory=list)
    _total: int = 0

    def selected(self) -> Selection:
        """The documents that come first."""
        collection = self.request.collection
        self.request.look_up(self.query)
        for number in range(len(collection.leaves)):
            self._in_segment(Evaluator(self.request, number, self.alike))
        self.request.check()
        keep_all = self.all_matching or self.sort != "relevance"
        matching = np.concatenate([np.zeros(0, np.int64), *self._matching]) if keep_all else None
        docs, units = _joined(self._best)
        if self.sort != "relevance":
            assert matching is not None
            docs = ordered(collection, matching, self.sort)[: self.limit]
            units = np.zeros(len(docs), np.int64)
        elif len(self._best) > 1:
            docs, units = top(docs, units, self.limit, collection.ranks_of(docs))
        return Selection(docs, units, self._total, not self.request.cut, matching)

    def _in_segment(self, part: Evaluator) -> None:
        """Add what a segment has; the kernel counts and takes the best without a list of all where it can."""
        query, allowed = self.query, allowed_in(part, self.only)
        if isinstance(query, Without):
            wanted = 1 - marked(part, query.unwanted)
            query, allowed = query.node, wanted if allowed is None else allowed & wanted
        if self.sort == "relevance" and not self.all_matching and not isinstance(query, Maybe):
            if scored := part.evaluate(query):
                best = self._top(part, scored, allowed)
                self._total += _count(part, scored, allowed) if self.count else len(best[0])
                self._best.append(_numbered(part, best))
            return
        if self.sort == "relevance" and isinstance(query, Maybe) and isinstance(query.node, Enough):
            self._best_of_enough(part, query.node, query.more, allowed)
            return
        required = part.evaluate(query.node if isinstance(query, Maybe) else query)
        docs, units = part.union(required)
        if allowed is not None:
            keep = allowed[docs] != 0
            docs, units = docs[keep], units[keep]
        self._matched(part, docs)
        if self.sort == "relevance" and len(docs):
            part.within = docs if len(docs) <= FEW else None
            part.choosing = len(docs) <= FEW
            scored = (
                required + part.evaluate(query.more)
                if isinstance(query, Maybe)
                else Scored(lists=[(docs, units)])
            )
            self._best.append(_numbered(part, self._best_of(part, scored, docs)))

    def _best_of_enough(self, part: Evaluator, enough: Enough, more: Node, allowed: Array | None) -> None:
        """Add the documents that hold enough, by what more they have; all of it is one call of the kernel."""
        part.choosing = True
        held, standing, least = part.deciding(enough)
        scored = part.evaluate(more)
        *best, docs = active().top_enough(
            part.fields,
            held,
            standing,
            least,
            scored.terms,
            scored.lists,
            scored.choices,
            part.leaf.count,
            self.limit,
            self._floor(),
            allowed,
            self._ranks(part),
        )
        self._matched(part, docs)
        self._best.append(_numbered(part, (best[0], best[1])))

    def _matched(self, part: Evaluator, docs: Array) -> None:
        """Note which documents of a segment match."""
        self._total += len(docs)
        self._matching.append(docs.astype(np.int64) + part.leaf.base)

    def _best_of(self, part: Evaluator, scored: Scored, docs: Array) -> List:
        """The best of the documents `docs`: few are looked up in postings, of many these are read."""
        if len(docs) > FEW and scored.terms:
            marks = np.zeros(part.leaf.count, np.uint8)
            marks[docs] = 1
            return self._top(part, scored, marks)
        found: List = active().top_among(
            part.fields,
            scored.terms,
            scored.lists,
            scored.choices,
            docs,
            self.limit,
            self._floor(),
            self._ranks(part),
        )
        return found

    def _top(self, part: Evaluator, scored: Scored, allowed: Array | None) -> List:
        """The best of what is scored and allowed; what an earlier segment has enough of is left out."""
        found: List = active().top_union(
            part.fields,
            scored.terms,
            scored.lists,
            part.leaf.count,
            self.limit,
            self._floor(),
            allowed,
            self._ranks(part),
        )
        return found

    def _floor(self) -> int:
        """What a score must exceed, in units, where earlier segments have as many documents as are wanted."""
        if not self._best:
            return _LOWEST
        units = np.concatenate([units for _, units in self._best])
        # One that is as good as the last may come before it by its id.
        return int(np.sort(units)[-self.limit]) - 1 if 0 < self.limit <= len(units) else _LOWEST

    def _ranks(self, part: Evaluator) -> Array:
        return self.request.collection.id_ranks[part.number]


def allowed_in(part: Evaluator, only: Node | None) -> Array | None:
    """1 for each document of a segment that may be found; None for all.

    Those are the ones of `only` that are of the view, and not deleted. **Whatever gives documents asks
    this**, or else it would give those that are not to be seen.
    """
    view = part.request.statistics.view
    seen = part.leaf.alive if view is None else view.marks[part.number]
    if only is None:
        return seen
    wanted = marked(part, only)
    return wanted if seen is None else wanted & seen


def marked(part: Evaluator, only: Node) -> Array:
    """1 for each document of a filter."""
    marks = np.zeros(part.leaf.count, np.uint8)
    marks[part.documents(only)] = 1
    return marks


def _count(part: Evaluator, scored: Scored, allowed: Array | None) -> int:
    if allowed is part.leaf.alive and len(scored.terms) + len(scored.lists) == 1:
        if scored.terms:
            return part.documents_of(scored.terms[0])
        if allowed is None:
            return len(scored.lists[0][0])
    found: int = active().union_count(part.fields, scored.terms, scored.lists, part.leaf.count, allowed)
    return found


def _numbered(part: Evaluator, found: List) -> List:
    """Documents of a segment as documents of the index."""
    return found[0].astype(np.int64) + part.leaf.base, found[1]


def _joined(parts: Sequence[List]) -> List:
    """Results of several segments one after the other."""
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    docs, units = zip(*parts, strict=True)
    return np.concatenate(docs), np.concatenate(units)


def ordered(collection: Collection, docs: Array, sort: Sort) -> Array:
    """The ascending `docs` by day, arrival, title or source, or by id: see `Sort`."""
    keys = [collection.ranks_of(docs)]
    if sort == "title":
        keys.append(collection.title_ranks[docs])
    elif sort == "added_desc":
        # What came at once, as in the first build, is by day.
        keys += [-_column(collection, name, docs)[1] for name in ("day", "added")]
    elif sort != "id":
        _, places = _column(collection, "source" if sort == "source" else "day", docs)
        # The first value is none.
        keys += [-places if sort == "date_desc" else places, places == 0]
    return docs[np.lexsort(keys)]


def facet(
    collection: Collection, name: str, docs: Array, amounts: Array | None = None
) -> Mapping[str | int, int]:
    """How many of the ascending `docs` have each value of a column; those without one are not counted.

    With `amounts`, a number for each document of the collection, what those of a value have together.
    """
    values, places = _column(collection, name, docs)
    if len(values) == 1:
        return {}
    weights = None if amounts is None else amounts[docs]
    counts = np.bincount(places, weights, len(values)).astype(np.int64, copy=False)
    counts[:1] = 0
    held = np.flatnonzero(counts)
    return dict(zip(map(values.__getitem__, held.tolist()), counts[held].tolist(), strict=True))


def _column(collection: Collection, name: str, docs: Array) -> tuple[Values, Array]:
    """A column's sorted values, and for each of the ascending `docs` its value's place."""
    if FIELDS.get(name) not in ("value", "number"):
        raise ValueError(f"{name}: no field with one value for each document")
    values, places = collection.ordinals(name)
    return values, places[docs].astype(np.int64)
