"""How much of a query stands close together in a document? A share, 0 to 1, of the weight of its terms.

A term weighs its idf, times what is given for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.kernel.vectorized import Term
from indexer.engine.embedded.search.collection import Leaf, collection_of
from indexer.engine.embedded.search.evaluator import UNIT, LeafRun, Run


def window_shares(
    searcher: Any,
    field: str,
    terms: Mapping[str, float],
    docnums: Sequence[int],
    width: int,
    others: Mapping[str, float] | None = None,
) -> list[float]:
    """For each document: the share of `terms` that stands within `width` positions somewhere in it.

    `others` may stand for terms: they count where they stand, but not for the whole.
    """
    run = Run(collection_of(searcher.reader()), searcher, searcher.weighting)
    parts, whole = terms_by_segment(run, field, terms, others or {})
    shares = np.zeros(len(docnums))
    wanted = np.array(docnums, np.int64)
    for leaf, found in parts:
        here = np.flatnonzero((wanted >= leaf.base) & (wanted < leaf.base + leaf.count))
        here = here[np.argsort(wanted[here])]
        if len(here) and found:
            docs = (wanted[here] - leaf.base).astype(np.uint32)
            shares[here] = active().windows(leaf.plan(field, None), found, docs, width) / whole
    return [min(float(share), 1.0) for share in shares]


def terms_by_segment(
    run: Run, field: str, terms: Mapping[str, float], others: Mapping[str, float]
) -> tuple[list[tuple[Leaf, list[Term]]], float]:
    """The terms of each segment, and what those of `terms` weigh together that occur anywhere."""
    parts = []
    weights: dict[str, float] = {}
    for number, leaf in enumerate(run.collection.leaves):
        part = LeafRun(run, number)
        counts = {**others, **terms}
        found = {text: term for text, count in counts.items() if (term := part.term(field, text, count))}
        weights |= {text: term[3] for text, term in found.items() if text in terms}
        parts.append((leaf, [(0, *term[1:]) for term in found.values()]))
    return parts, float(np.rint(list(weights.values())).sum()) or UNIT
