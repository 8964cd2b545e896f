"""Which regions of which documents are to be aligned with a passage? Chains of one document, joined.

A change of length moves what follows to another diagonal, and so into another strip: **chains that go on
where another leaves off are one region**, however far the diagonals have moved by its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from indexer.derived.chains import GAP, STRIP
from indexer.engine.answers import Chain

# Spans come in order, so a region that goes on is one of the last.
_OPEN = 16
# An alignment keeps a score for every place and diagonal.
_WIDEST, _LONGEST = 512, 20_000


class Span(NamedTuple):
    """Places `first` to `last` of a passage, and how far behind them what a document has: at both ends."""

    first: int
    last: int
    start: int
    end: int

    @classmethod
    def of(cls, chain: Chain) -> Span:
        """What a chain covers."""
        (first, last), (start, end) = chain.places, chain.positions
        return cls(first, last, start - first, end - last)


@dataclass(frozen=True, slots=True)
class Region:
    """Places `first` to `last` of a passage, and `low` to `high` behind them in a document.

    At the end it is `behind`.
    """

    first: int
    last: int
    low: int
    high: int
    behind: int

    def goes_on(self, span: Span) -> bool:
        """Whether a span that does not begin before this region is near enough to be more of it."""
        low, high = min(self.low, span.start, span.end), max(self.high, span.start, span.end)
        near = span.first - self.last <= GAP and abs(span.start - self.behind) < 2 * STRIP
        return near and high - low < _WIDEST and span.last - self.first < _LONGEST

    def joined(self, span: Span) -> Region:
        """What covers both."""
        low, high = min(self.low, span.start, span.end), max(self.high, span.start, span.end)
        later = span.last >= self.last
        return Region(self.first, max(self.last, span.last), low, high, span.end if later else self.behind)


def linked(spans: Iterable[Span]) -> list[Region]:
    """Spans of a document, the earlier places first, as regions.

    >>> linked([Span(0, 9, 50, 50), Span(11, 14, 62, 62)])
    [Region(first=0, last=14, low=50, high=62, behind=62)]
    """
    found: list[Region] = []
    for span in spans:
        for number, region in islice(enumerate(found), max(len(found) - _OPEN, 0), None):
            if region.goes_on(span):
                found[number] = region.joined(span)
                break
        else:
            ends = sorted((span.start, span.end))
            found.append(Region(span.first, span.last, ends[0], ends[1], span.end))
    return found


def regions(chains: Iterable[Chain]) -> dict[int, Sequence[Region]]:
    """Document → its regions, in the order of the best chain of each."""
    found: dict[int, list[Span]] = {}
    for chain in chains:
        found.setdefault(chain.document, []).append(Span.of(chain))
    return {document: linked(sorted(spans)) for document, spans in found.items()}
