"""How much of a query stands close together in a document, and how much of it a title says? Shares, 0 to 1.

What they are is said in `indexer.engine.shares`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.postings import lengths_of
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.shares import Agreement, Nearness, Share


def shares(statistics: TermStatistics, asked: Sequence[Share], documents: Sequence[int]) -> list[list[float]]:
    """Each share that is asked for, of each document."""
    wanted = np.array(documents, np.int64)
    order = wanted.argsort()
    ascending = wanted[order]
    found = np.zeros((len(asked), len(documents)))
    wholes = [statistics.whole(share.field, share.terms) for share in asked]
    counted = [_counted(statistics, share) for share in asked]
    for number, leaf in enumerate(statistics.collection.leaves):
        low, high = ascending.searchsorted((leaf.base, leaf.base + leaf.count))
        if low == high:
            continue
        docs = (ascending[low:high] - leaf.base).astype(np.uint32)
        for row, share, counts, whole in zip(found, asked, counted, wholes, strict=True):
            row[order[low:high]] = (
                _near(statistics, share, counts, number, docs) / whole
                if isinstance(share, Nearness)
                else _agreeing(statistics, share, counts, whole, number, docs)
            )
    within: list[list[float]] = np.minimum(found, 1.0).tolist()
    return within


def _counted(statistics: TermStatistics, share: Share) -> Mapping[str, float]:
    """What each term and other counts for; of a field that only agrees what it weighs in the one searched."""
    counts = {**share.others, **share.terms}
    return counts if isinstance(share, Nearness) else statistics.weighed(share.field, counts)


def _near(
    statistics: TermStatistics, share: Nearness, counts: Mapping[str, float], number: int, docs: Array
) -> Array:
    """How much stands close together in some documents of a segment, in units."""
    if not (terms := statistics.slices(share.field, number, counts)):
        return np.zeros(len(docs))
    field = statistics.collection.leaves[number].plan(share.field, None)
    near: Array = active().windows(field, terms, docs, share.width)
    return near


def _agreeing(
    statistics: TermStatistics,
    share: Agreement,
    weights: Mapping[str, float],
    whole: float,
    number: int,
    docs: Array,
) -> Array:
    """How much of some documents of a segment agrees, of `whole` units."""
    leaf = statistics.collection.leaves[number]
    terms = statistics.passing(share.part, number, weights)
    lengths = leaf.postings(share.part).lengths
    if not terms or lengths is None:
        return np.zeros(len(docs))
    held, times = active().holdings(leaf.plan(share.part, None), terms, docs)
    own = np.maximum(lengths_of(lengths[docs]), 1)
    both: Array = np.minimum(held / whole, 1.0) * np.minimum(times / own, 1.0)
    return both
