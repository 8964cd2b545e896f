"""Which matching documents come first, and how many are there? The native search call.

`evaluate` is the one entry: it runs the evaluator over all segments and takes the best documents without
sorting all of them. Documents are numbered over the whole reader, as Whoosh numbers them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.kernel.vectorized import List, top
from indexer.engine.embedded.search.collection import Collection, collection_of
from indexer.engine.embedded.search.evaluator import UNIT, LeafRun, Run, Scored


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a query found, best first.

    `total` counts all matching documents; it is a lower bound where `exact` is False (counting was not
    asked for, or an expansion was cut). `facets` maps column name → value → number of documents, and
    `matching` holds all these documents, ascending; None where no facets were asked for.
    """

    docnums: list[int]
    scores: list[float]
    total: int
    exact: bool = True
    facets: Mapping[str, Mapping[Any, int]] = field(default_factory=dict)
    matching: Array | None = None


# Below any score: the floor as long as fewer documents than asked for are known.
LOWEST = -(1 << 62)
Sort = Sequence[tuple[str, bool]]


def evaluate(
    searcher: Any,
    question: Any,
    *,
    limit: int | None = 10,
    filter: Any = None,
    mask: Any = None,
    sort: Sort = (),
    facets: Sequence[str] = (),
    weighting: Any = None,
    deadline: float | None = None,
    max_expansions: int | None = None,
    count: bool = True,
) -> Evaluation:
    """Find the `limit` best documents (None: all) of a Whoosh query.

    `filter` and `mask` are queries whose documents alone are, or are not, taken. `sort` names columns,
    each with whether it descends; documents without a value come last. `deadline` is a value of
    `time.monotonic()`; past it `DeadlineExceeded` is raised. `max_expansions` bounds how many terms a
    prefix, pattern or fuzzy term stands for. Without `count` the total may be a lower bound, which
    is faster. Raises `QueryTooLong` for a query nested too deep.
    """
    collection = collection_of(searcher.reader())
    run = Run(collection, searcher, weighting or searcher.weighting, deadline, max_expansions)
    chosen: list[List] = []
    total, floor = 0, LOWEST
    fast = limit is not None and not sort and not facets
    for number, leaf in enumerate(collection.leaves):
        part = LeafRun(run, number)
        scored = part.evaluate(question, 1.0)
        if not scored.terms and not scored.lists:
            continue
        allowed = allowed_documents(part, filter, mask)
        if fast:
            docs, units = best_of(part, scored, limit or 0, floor, allowed)
            total += _count(part, scored, allowed) if count else len(docs)
        else:
            docs, units = _admit(part.union(scored), allowed)
            total += len(docs)
        chosen.append((docs.astype(np.int64) + leaf.base if leaf.base else docs, units))
        if fast and limit is not None and number + 1 < len(collection.leaves):
            floor = floor_of(chosen, limit)
    run.check()
    docs, units = joined(chosen)
    counts = {name: facet(collection, name, docs) for name in facets}
    matching = docs if facets else None
    if not fast or len(chosen) > 1:
        docs, units = ordered(collection, docs, units, limit, sort)
    scores: list[float] = (units / UNIT).tolist()
    exact = not run.cut and (count or not fast or len(docs) < (limit or 0))
    return Evaluation(docs.tolist(), scores, total, exact, counts, matching)


def allowed_documents(part: LeafRun, filter: Any, mask: Any) -> Array | None:
    """1 for each document that may be found, or None where all may."""
    allowed = part.leaf.live
    for question, keep in ((filter, True), (mask, False)):
        if question is not None:
            marks = np.full(part.leaf.count, not keep, np.uint8)
            marks[part.materialize(question, 1.0)[0]] = keep
            allowed = marks if allowed is None else allowed & marks
    return allowed


def best_of(part: LeafRun, scored: Scored, limit: int, floor: int, allowed: Array | None) -> List:
    """The `limit` best of what a segment scored above `floor`, best first."""
    found: List = active().top_union(
        part.fields, scored.terms, scored.lists, part.leaf.count, limit, floor, allowed
    )
    return found


def _count(part: LeafRun, scored: Scored, allowed: Array | None) -> int:
    if allowed is None and len(scored.terms) + len(scored.lists) == 1:
        return scored.terms[0][2] - scored.terms[0][1] if scored.terms else len(scored.lists[0][0])
    found: int = active().union_count(part.fields, scored.terms, scored.lists, part.leaf.count, allowed)
    return found


def _admit(found: List, allowed: Array | None) -> List:
    if allowed is None:
        return found
    keep = allowed[found[0]] != 0
    return found[0][keep], found[1][keep]


def floor_of(chosen: list[List], limit: int) -> int:
    """The score that a document of a later segment must exceed."""
    units = np.concatenate([units for _, units in chosen])
    return int(np.sort(units)[-limit]) if len(units) >= limit else LOWEST


def joined(chosen: list[List]) -> List:
    """Per-segment results as one."""
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([docs for docs, _ in chosen]), np.concatenate([units for _, units in chosen])


def _column(collection: Collection, name: str, docs: Array) -> tuple[list[Any], Array]:
    """A column's sorted values, and for each of the ascending `docs` its value's place."""
    values, arrays = collection.ordinals(name)
    parts = []
    for leaf, places in zip(collection.leaves, arrays, strict=True):
        low, high = np.searchsorted(docs, [leaf.base, leaf.base + leaf.count])
        parts.append(places[docs[low:high] - leaf.base])
    return values, np.concatenate(parts) if parts else np.zeros(0, np.int64)


def facet(collection: Collection, name: str, docs: Array) -> dict[Any, int]:
    """How many of `docs` have each value; documents without a value are not counted."""
    type_ = collection.reader.schema[name]
    default = type_.column_type.default_value()
    values, places = _column(collection, name, docs)
    counts = np.bincount(places, minlength=len(values)).tolist()
    return {
        type_.from_column_value(value): number
        for value, number in zip(values, counts, strict=True)
        if number and value != default
    }


def ordered(collection: Collection, docs: Array, units: Array, limit: int | None, sort: Sort) -> List:
    """The results in order: by columns, or by score and number."""
    if not sort:
        return top(docs, units, len(docs) if limit is None else limit)
    keys: list[Array] = [docs]
    for name, descending in reversed(sort):
        values, places = _column(collection, name, docs)
        missing = values.index(collection.reader.schema[name].column_type.default_value())
        keys += [-places if descending else places, places == missing]
    order = np.lexsort(keys)[:limit]
    return docs[order], units[order]
