"""Where do documents follow a passage? Occurrences of its terms, chained on diagonals.

An occurrence of term i at position p is on the diagonal p − i. Where a document repeats part of a passage,
occurrences lie on one diagonal, or beside it where something was put in or left out. So a chain is what one
strip of diagonals has of one document without a gap. **A chain is the same in whatever order its occurrences
came**: engines that find the same occurrences find the same chains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indexer.arrays import Array

STRIP_BITS = 4
STRIP = 1 << STRIP_BITS
"""So many diagonals are one strip."""
GAP = 64
"""Places of a chain that follow one another are at most so far apart."""
PLACE_BITS = 13
MAX_PLACES = 1 << PLACE_BITS
"""A passage has fewer places than this."""
MAX_POSITION = 1 << 26
"""Occurrences from this position on are not chained: no document of that length is one text."""
WEIGHT = 1 << 16
"""Weights are whole numbers of so many parts, so that sums do not depend on their order."""
_DOCUMENT_SHIFT, _STRIP_SHIFT = np.uint64(40), np.uint64(PLACE_BITS + STRIP_BITS)


class Chains(NamedTuple):
    """Chains in columns: document, first and last place, their positions, weight in parts of `WEIGHT`."""

    documents: Array
    first: Array
    last: Array
    start: Array
    end: Array
    weights: Array


def units_of(idf: float) -> int:
    """What a term of such an idf weighs, in parts of `WEIGHT`."""
    return round(idf * WEIGHT)


def chained(documents: Array, places: Array, positions: Array, weights: Array) -> Chains:
    """The chains of at least two places among occurrences: the document, place and position of each.

    `weights` has what each place weighs, in parts of `WEIGHT`; in a chain it counts once. Documents are
    below 2^24, places below `MAX_PLACES`.

    >>> one = chained(*map(np.array, ([7, 7, 7], [0, 1, 2], [40, 41, 90], [9, 9, 9])))
    >>> one.documents.tolist(), one.first.tolist(), one.last.tolist(), one.end.tolist(), one.weights.tolist()
    ([7], [0], [1], [41], [18])
    """
    near = positions < MAX_POSITION
    keys = np.sort(_packed(documents[near], places[near], positions[near]))
    strips, places = keys >> _STRIP_SHIFT, (keys >> np.uint64(STRIP_BITS)).astype(np.int64) & (MAX_PLACES - 1)
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (strips[1:] != strips[:-1]) | (places[1:] - places[:-1] > GAP)
    new_place = fresh.copy()
    new_place[1:] |= places[1:] != places[:-1]
    starts = np.flatnonzero(fresh)
    ends = np.append(starts[1:], len(keys))[: len(starts)] - 1
    several = places[ends] > places[starts]
    starts, ends = starts[several], ends[several]
    sums = np.cumsum(np.where(new_place, weights[places], 0))
    documents = (keys[starts] >> _DOCUMENT_SHIFT).astype(np.int64)
    first, last = places[starts], places[ends]
    weighed = sums[ends] - sums[starts] + weights[first]
    return Chains(documents, first, last, _positions(keys[starts]), _positions(keys[ends]), weighed)


def _packed(documents: Array, places: Array, positions: Array) -> Array:
    """Occurrences as numbers, in the order of document, strip, place and position."""
    diagonals = positions.astype(np.int64) - places + MAX_PLACES
    low = (diagonals >> STRIP_BITS << PLACE_BITS | places) << STRIP_BITS | diagonals & (STRIP - 1)
    return documents.astype(np.uint64) << _DOCUMENT_SHIFT | low.astype(np.uint64)


def _positions(keys: Array) -> Array:
    """The positions of packed occurrences."""
    places = (keys >> np.uint64(STRIP_BITS)).astype(np.int64) & (MAX_PLACES - 1)
    strips = (keys & ((np.uint64(1) << _DOCUMENT_SHIFT) - np.uint64(1))) >> _STRIP_SHIFT
    offsets = (keys & np.uint64(STRIP - 1)).astype(np.int64)
    return (strips.astype(np.int64) << STRIP_BITS | offsets) - MAX_PLACES + places


def heaviest(chains: Chains, limit: int, ranks: Array) -> Array:
    """The numbers of the `limit` chains of most weight, in order; equals by their documents' `ranks`."""
    if len(chains.weights) > limit:
        least = np.partition(chains.weights, -limit)[-limit] if limit else np.inf
        kept = np.flatnonzero(chains.weights >= least)
    else:
        kept = np.arange(len(chains.weights))
    own = Chains(*(column[kept] for column in chains))
    order = np.lexsort((own.start, own.first, ranks[kept], -own.weights))[:limit]
    best: Array = kept[order]
    return best
