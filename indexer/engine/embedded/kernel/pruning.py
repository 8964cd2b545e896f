"""Which documents of a union can be among the best, without adding up all of it? With numpy (MaxScore).

No posting of a term scores more than the term's bound. The parts with the greatest bounds are added up
first; the others together cannot lift a document into the result that these do not almost bring there,
so they are looked up for the candidates only. Invariant: results equal those of adding up everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from indexer.arrays import Array, damaged
from indexer.engine.embedded.kernel.slices import (
    BLOCK,
    Field,
    List,
    Term,
    gather_term,
    locate,
    scores,
    slice_docs,
    slice_freqs,
    within,
)

Part = tuple[float, Term | List]
"""A term or a list, and a bound of its scores."""

# Below so many postings adding up everything is faster.
_FEW = 1 << 13
# Parts are added up until the others' bounds come to at most this share of all bounds.
_SHARE = 0.35
_ROW = 64


def top(docs: Array, units: Array, limit: int, ranks: Array) -> tuple[Array, Array]:
    """The `limit` best, best first; equal scores by `ranks`, one for each of `docs`."""
    if len(docs) > 16 * BLOCK and 0 < limit * 4 * BLOCK < len(docs):
        keep = np.flatnonzero(units >= least_of_best(units, limit, BLOCK))
        docs, units, ranks = docs[keep], units[keep], ranks[keep]
    order = np.lexsort((ranks, -units))[:limit]
    return docs[order], units[order]


def least_of_best(units: Array, limit: int, row: int) -> float:
    """A bound from below of the `limit`-th best: the `limit`-th best maximum of sets of `row`."""
    # Whole rows are compared with one another several times faster than items within a row.
    maxima = units[: len(units) // row * row].reshape(row, -1).max(axis=0)
    return float(np.partition(maxima, len(maxima) - limit)[len(maxima) - limit])


def by_bound(fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]) -> list[Part] | None:
    """All parts, those with the greatest bounds first; None where leaving out does not pay or not hold."""
    sizes = sum([end - start for _, start, end, _ in terms]) + sum([len(docs) for docs, _ in lists])
    if sizes < _FEW or len(terms) + len(lists) < 2 or min([term[3] for term in terms], default=1.0) <= 0:
        return None
    if any(len(units) and units.min() < 0 for _, units in lists):
        return None
    parts: list[Part] = [(float(units.max(initial=0)), (docs, units)) for docs, units in lists]
    for term in terms:
        place, start, end, weight = term
        highest = fields[place][3][start // BLOCK : (end - 1) // BLOCK + 1]
        if not len(highest):
            raise damaged("an offset")
        parts.append((weight * float(highest.max()) + 2, term))
    parts.sort(key=lambda part: -part[0])
    return parts


def pruned_top(
    fields: Sequence[Field],
    parts: Sequence[Part],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
    ranks: Array,
) -> tuple[Array, Array] | None:
    """The `limit` best of all `parts` above `floor`, or None where everything must be added up."""
    rests = [*accumulate([bound for bound, _ in reversed(parts)], initial=0.0)][::-1]
    first = next(place for place, rest in enumerate(rests) if rest <= _SHARE * rests[0])
    if limit * _ROW * 4 > doc_count or not 0 < limit or first == len(parts):
        return None
    sums = np.zeros(doc_count)
    _add(fields, parts[:first], sums, allowed)
    least = max(least_of_best(sums, limit, _ROW), floor + 1.0)
    enough = next((place for place, rest in enumerate(rests) if rest < least), len(parts))
    if enough > first:
        _add(fields, parts[first:enough], sums, allowed)
        least = max(least_of_best(sums, limit, _ROW), least)
        first = enough
    docs = np.flatnonzero(sums >= max(least - rests[first], 1.0)).astype(np.uint32)
    values = sums[docs]
    for (_, part), rest in zip(parts[first:], rests[first + 1 :], strict=True):
        _look_up(fields, part, docs, values)
        if len(docs) > 4 * limit:
            least = max(least, float(np.partition(values, len(values) - limit)[len(values) - limit]))
            near = np.flatnonzero(values >= least - rest)
            docs, values = docs[near], values[near]
    keep = np.flatnonzero(values > floor)
    docs = docs[keep]
    return top(docs, values[keep].astype(np.int64), limit, ranks[docs])


def _add(fields: Sequence[Field], parts: Sequence[Part], sums: Array, allowed: Array | None) -> None:
    """Add the scores of `parts` to the `sums` of all documents; those not allowed get 0."""
    for _, part in parts:
        if len(part) == 4:
            place, start, end, weight = part
            docs = slice_docs(fields[place], start, end).astype(np.intp)
            values = scores(fields[place], weight, docs, slice_freqs(fields[place], start, end))
        else:
            docs, values = part[0], part[1].astype(np.float64)
        np.add.at(sums, within(docs, len(sums)), values)
    if allowed is not None:
        sums *= allowed != 0


def _look_up(fields: Sequence[Field], part: Term | List, docs: Array, values: Array) -> None:
    """Add the scores of one part to the `values` of `docs`."""
    if len(part) == 4:
        there, found = gather_term(fields[part[0]], part, docs)
    else:
        at, there = locate(part[0], docs)
        found = part[1][at[there]]
    values[there] += found
