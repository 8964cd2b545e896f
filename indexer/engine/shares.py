"""What may be asked of the documents that a query found first? Shares, 0 to 1; `Snapshot` says what they are.

An engine that is told of them with the query may find them out at once (`Snapshot.search`, `again`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nearness:
    """What `Snapshot.nearness` is asked for."""

    field: str
    terms: Mapping[str, float]
    width: int
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What `Snapshot.agreement` is asked for."""

    field: str
    part: str
    terms: Mapping[str, float]
    others: Mapping[str, float]


Share = Nearness | Agreement
