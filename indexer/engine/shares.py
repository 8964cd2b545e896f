"""What may be asked of the documents that a query found first? Shares, 0 to 1 (`Snapshot.shares`).

A term weighs its idf in `field` times what is given for it. `others` stand for some of the terms: they count
where they stand, but not for the whole. An engine that is told of shares with the query may find them out at
once (`Snapshot.search`, `again`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nearness:
    """How much of `terms`, by weight, stands within `width` positions somewhere in the document."""

    field: str
    terms: Mapping[str, float]
    width: int
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much the document's `part`, a field that repeats some of `field`, says the same.

    That is the share of `terms` that it holds, by weight, times the share of its own terms that are `terms`
    or `others`, by its length as one of `ranking.LENGTHS`.
    """

    field: str
    part: str
    terms: Mapping[str, float]
    others: Mapping[str, float]


Share = Nearness | Agreement
"""What is asked for."""
