"""What does a snapshot answer with? Plain values; documents in them are the numbers of that snapshot.

Nothing here knows how an engine finds them: what is equal of two engines is equal here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found, best first: documents, and the score of each.

    `total` counts all that match; where `exact` is False it is a lower bound. `facets` maps a field to how
    many of them have each of its values. `leaders` has for each document the first, by id, of those that are
    near-identical to it, itself where it is alone. Where copies were asked for, `copies` has for each leader
    how many of all that match are its, where these are several.
    """

    documents: Sequence[int]
    scores: Sequence[float]
    total: int
    exact: bool = True
    facets: Mapping[str, Mapping[str | int, int]] = field(default_factory=dict)
    leaders: Sequence[int] = ()
    copies: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Documents, in an order, and how often each holds what was asked for."""

    documents: Sequence[int]
    times: Sequence[int]


@dataclass(frozen=True, slots=True)
class Part:
    """What one term gave to a score: how often the document holds it, how many do, its idf and weight.

    `sequence` are the terms of the node that it belongs to where that has several, `apart` where these may
    have gaps between them; `choice` is which node of a `BestOf` it belongs to, from 0, None outside of one.
    """

    field: str
    term: str
    frequency: int
    documents: int
    idf: float
    weight: float
    score: float
    sequence: tuple[str, ...] = ()
    apart: bool = False
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Where a score comes from: its parts add up to it. `held` is the share that `Enough` asks for."""

    parts: tuple[Part, ...] = ()
    held: float | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a document holds terms of a passage in their order and about as far apart.

    `places` are the first and the last of the terms that it holds there, by their number in the passage,
    `positions` where these two stand, `weight` what all that it holds weigh together, by their idf.
    """

    document: int
    places: tuple[int, int]
    positions: tuple[int, int]
    weight: float
