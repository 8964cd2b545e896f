"""How close together do a query's terms stand in documents? Shares of its weight: of pairs, of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indexer.engine.embedded.search.proximity import window_shares
from indexer.query.terms import Terms


def closeness(searcher: Any, terms: Terms, numbers: Sequence[int], width: int) -> list[tuple[float, float]]:
    """For each document what share of the pairs, and of the characters, stands within `width` positions.

    Pairs of other names count where they stand, but not for the whole.
    """
    others = {pair: weight for name, weight in terms.others.items() for pair in name}
    near = window_shares(searcher, "grams", terms.pairs, numbers, width, others)
    loose = window_shares(searcher, "grams", terms.characters, numbers, width)
    return list(zip(near, loose, strict=True))
