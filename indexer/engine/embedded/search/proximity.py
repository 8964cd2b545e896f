"""How much of a query stands close together in a document, and how much of it a title says? Shares, 0 to 1.

A term weighs its idf in the field that is searched, times what is given for it; others may stand for terms:
they count where they stand, but not for the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.postings import lengths_of
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.collection import Collection, Leaf
from indexer.engine.embedded.search.statistics import TermStatistics


def window_shares(
    statistics: TermStatistics,
    field: str,
    terms: Mapping[str, float],
    documents: Sequence[int],
    width: int,
    others: Mapping[str, float],
) -> list[float]:
    """For each document: the share of `terms` that stands within `width` positions somewhere in it."""
    weights, whole = _weights(statistics, field, terms, others)

    def share(number: int, leaf: Leaf, docs: Array) -> Array:
        found = statistics.slices(field, number, weights)
        if not found:
            return np.zeros(len(docs))
        near: Array = active().windows(leaf.plan(field, None), found, docs, width) / whole
        return near

    return _by_segment(statistics.collection, documents, share)


def agreements(
    statistics: TermStatistics,
    field: str,
    part: str,
    terms: Mapping[str, float],
    documents: Sequence[int],
    others: Mapping[str, float],
) -> list[float]:
    """For each document: the share of `terms` that `part` holds, times the share of `part` that is terms."""
    weights, whole = _weights(statistics, field, terms, others)

    def share(number: int, leaf: Leaf, docs: Array) -> Array:
        found, lengths = statistics.passing(part, number, weights), leaf.postings(part).lengths
        if not found or lengths is None:
            return np.zeros(len(docs))
        held, times = active().holdings(leaf.plan(part, None), found, docs)
        own = np.maximum(lengths_of(lengths[docs]), 1)
        both: Array = np.minimum(held / whole, 1.0) * np.minimum(times / own, 1.0)
        return both

    return _by_segment(statistics.collection, documents, share)


def _weights(
    statistics: TermStatistics, field: str, terms: Mapping[str, float], others: Mapping[str, float]
) -> tuple[Mapping[str, float], float]:
    """What each term and other weighs that occurs anywhere, in units, and those terms together."""
    if not others:
        return statistics.weighed(field, terms)
    return statistics.weighed(field, {**others, **terms})[0], statistics.weighed(field, terms)[1]


def _by_segment(
    collection: Collection, documents: Sequence[int], share: Callable[[int, Leaf, Array], Array]
) -> list[float]:
    """What `share` says of each segment's ascending documents, in the order of `documents`; 1 at most."""
    shares, wanted = np.zeros(len(documents)), np.array(documents, np.int64)
    order = wanted.argsort()
    ascending = wanted[order]
    for number, leaf in enumerate(collection.leaves):
        low, high = ascending.searchsorted((leaf.base, leaf.base + leaf.count))
        if low < high:
            own = share(number, leaf, (ascending[low:high] - leaf.base).astype(np.uint32))
            shares[order[low:high]] = own
    within: list[float] = np.minimum(shares, 1.0).tolist()
    return within
