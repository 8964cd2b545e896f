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
from indexer.engine.embedded.kernel.vectorized import Term
from indexer.engine.embedded.search.collection import ONCE, Collection, Leaf
from indexer.engine.embedded.search.statistics import UNIT, TermStatistics
from indexer.engine.embedded.search.view import Span


def window_shares(
    statistics: TermStatistics,
    field: str,
    terms: Mapping[str, float],
    documents: Sequence[int],
    width: int,
    others: Mapping[str, float],
) -> list[float]:
    """For each document: the share of `terms` that stands within `width` positions somewhere in it."""
    weights, whole = _weighed(statistics, field, terms, others)
    spans = {text: statistics.term(field, text).spans for text in weights}

    def share(number: int, leaf: Leaf, docs: Array) -> Array:
        found = _terms(number, spans, weights)
        return active().windows(leaf.plan(field, None), found, docs, width) / whole if found else _none(docs)

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
    weights, whole = _weighed(statistics, field, terms, others)
    spans = {text: statistics.term(part, text).spans for text in weights}

    def share(number: int, leaf: Leaf, docs: Array) -> Array:
        found, lengths = _terms(number, spans, weights), leaf.postings(part).lengths
        if not found or lengths is None:
            return _none(docs)
        postings, frequent, _, *rest = plain = leaf.plan(part, None)
        held = active().gather([(postings, frequent, ONCE, *rest)], found, [], docs)[0] / whole
        # Without norms a term gives its weight times its frequency.
        times = active().gather([plain], [(*term[:3], 1.0) for term in found], [], docs)[0]
        own = np.maximum(lengths_of(lengths[docs]), 1)
        both: Array = np.minimum(held, 1.0) * np.minimum(times / own, 1.0)
        return both

    return _by_segment(statistics.collection, documents, share)


def _weighed(
    statistics: TermStatistics, field: str, terms: Mapping[str, float], others: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    """What each term and other weighs, in units, and those terms together that occur anywhere."""
    known = {text: statistics.term(field, text) for text in {**others, **terms}}
    weights = {text: known[text].weight * count for text, count in {**others, **terms}.items()}
    held = [weights[text] for text in terms if known[text].documents]
    return weights, float(np.rint(held).sum()) or UNIT


def _terms(number: int, spans: Mapping[str, Sequence[Span]], weights: Mapping[str, float]) -> list[Term]:
    """The terms that segment `number` has, of one field."""
    here = ((own[number], text) for text, own in spans.items())
    return [(0, start, end, weights[text]) for (start, end), text in here if end > start]


def _none(docs: Array) -> Array:
    return np.zeros(len(docs))


def _by_segment(
    collection: Collection, documents: Sequence[int], share: Callable[[int, Leaf, Array], Array]
) -> list[float]:
    """What `share` says of each segment's ascending documents, in the order of `documents`; 1 at most."""
    shares, wanted = np.zeros(len(documents)), np.array(documents, np.int64)
    for number, leaf in enumerate(collection.leaves):
        here = np.flatnonzero((wanted >= leaf.base) & (wanted < leaf.base + leaf.count))
        here = here[np.argsort(wanted[here])]
        if len(here):
            shares[here] = share(number, leaf, (wanted[here] - leaf.base).astype(np.uint32))
    return [min(float(each), 1.0) for each in shares]
