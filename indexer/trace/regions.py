"""Which regions of which documents are to be aligned with a passage? Chains of one document, joined.

A change of length moves what follows to another diagonal, and so into another strip: **chains that go on
where another leaves off are one region**.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.derived.chains import GAP, STRIP
from indexer.engine.protocol import Chain


@dataclass(frozen=True, slots=True)
class Region:
    """Places `first` to `last` of a passage, and `low` to `high` positions behind them in a document."""

    first: int
    last: int
    low: int
    high: int

    @classmethod
    def of(cls, chain: Chain) -> Region:
        """What a chain covers."""
        (first, last), (start, end) = chain.places, chain.positions
        return cls(first, last, min(start - first, end - last), max(start - first, end - last))

    def goes_on(self, other: Region) -> bool:
        """Whether another is near enough, in both directions, to belong to the same repetition."""
        near = self.first - GAP <= other.last and other.first <= self.last + GAP
        return near and max(self.high, other.high) - min(self.low, other.low) < 2 * STRIP

    def joined(self, other: Region) -> Region:
        """What covers both."""
        return Region(
            min(self.first, other.first),
            max(self.last, other.last),
            min(self.low, other.low),
            max(self.high, other.high),
        )


def regions(chains: Iterable[Chain]) -> dict[int, Sequence[Region]]:
    """Document → its regions, in the order of the best chain of each.

    >>> near, far = Chain(4, (0, 9), (50, 59), 9.0), Chain(4, (12, 20), (80, 88), 8.0)
    >>> regions([near, far, Chain(4, (11, 14), (62, 65), 3.0)])
    {4: [Region(first=0, last=14, low=50, high=51), Region(first=12, last=20, low=68, high=68)]}
    """
    found: dict[int, list[Region]] = {}
    for chain in chains:
        own, region = found.setdefault(chain.document, []), Region.of(chain)
        for place, other in enumerate(own):
            if other.goes_on(region):
                own[place] = other.joined(region)
                break
        else:
            own.append(region)
    return dict(found)
