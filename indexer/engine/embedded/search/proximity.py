"""How much of a query stands close together in a document? A share, 0 to 1, of the weight of its terms.

A term weighs its idf, times what is given for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.request import UNIT, Request


def window_shares(
    request: Request,
    field: str,
    terms: Mapping[str, float],
    documents: Sequence[int],
    width: int,
    others: Mapping[str, float],
) -> list[float]:
    """For each document: the share of `terms` that stands within `width` positions somewhere in it.

    `others` may stand for terms: they count where they stand, but not for the whole.
    """
    resolved = {text: request.resolve(field, text) for text in {**others, **terms}}
    weights = {text: resolved[text][1] * count for text, count in {**others, **terms}.items()}
    held = [weights[text] for text in terms if any(end > start for start, end in resolved[text][0])]
    whole = float(np.rint(held).sum()) or UNIT
    shares = np.zeros(len(documents))
    wanted = np.array(documents, np.int64)
    for number, leaf in enumerate(request.collection.leaves):
        here = np.flatnonzero((wanted >= leaf.base) & (wanted < leaf.base + leaf.count))
        here = here[np.argsort(wanted[here])]
        spans = ((spans[number], text) for text, (spans, _) in resolved.items())
        found = [(0, start, end, weights[text]) for (start, end), text in spans if end > start]
        if len(here) and found:
            docs = (wanted[here] - leaf.base).astype(np.uint32)
            shares[here] = active().windows(leaf.plan(field, None), found, docs, width) / whole
    return [min(float(share), 1.0) for share in shares]
