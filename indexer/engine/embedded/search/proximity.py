"""How much of a query stands close together in a document, and how much of it a title says? Shares, 0 to 1.

What they are is said in `indexer.engine.shares`.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    for number, leaf in enumerate(statistics.collection.leaves):
        low, high = ascending.searchsorted((leaf.base, leaf.base + leaf.count))
        if low == high:
            continue
        docs = (ascending[low:high] - leaf.base).astype(np.uint32)
        for row, share, whole in zip(found, asked, wholes, strict=True):
            row[order[low:high]] = (
                _near(statistics, share, whole, number, docs)
                if isinstance(share, Nearness)
                else _agreeing(statistics, share, whole, number, docs)
            )
    within: list[list[float]] = np.minimum(found, 1.0).tolist()
    return within


def _near(statistics: TermStatistics, share: Nearness, whole: float, number: int, docs: Array) -> Array:
    """Of some documents of a segment."""
    terms = statistics.slices(share.field, number, {**share.others, **share.terms})
    if not terms:
        return np.zeros(len(docs))
    field = statistics.collection.leaves[number].plan(share.field, None)
    near: Array = active().windows(field, terms, docs, share.width) / whole
    return near


def _agreeing(statistics: TermStatistics, share: Agreement, whole: float, number: int, docs: Array) -> Array:
    """The same."""
    leaf, counts = statistics.collection.leaves[number], {**share.others, **share.terms}
    terms = statistics.passing(share.part, number, statistics.weighed(share.field, counts))
    lengths = leaf.postings(share.part).lengths
    if not terms or lengths is None:
        return np.zeros(len(docs))
    held, times = active().holdings(leaf.plan(share.part, None), terms, docs)
    own = np.maximum(lengths_of(lengths[docs]), 1)
    both: Array = np.minimum(held / whole, 1.0) * np.minimum(times / own, 1.0)
    return both
