"""Does an alignment hold? It is long enough, and little enough of it differs; what does not hold is cut down.

**What holds has at least `LEAST` symbols on both sides, and of the longer side at most the share `CHANGED`
was changed, left out or put in.** Any edit distance between the two sides is at most that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from indexer.trace.alignment import Run

LEAST = 8
"""Characters that a parallel has at least."""
CHANGED = 0.35
"""The share of them that may differ at most."""


def changes(runs: Sequence[Run]) -> int:
    """How many symbols differ between the runs of an alignment.

    >>> changes([Run(0, 0, 4), Run(5, 5, 3), Run(8, 10, 2)])
    3
    """
    return sum(max(gap) for gap in gaps(runs))


def gaps(runs: Sequence[Run]) -> list[tuple[int, int]]:
    """How many symbols of passage and document stand between each two runs."""
    return [
        (after.place - run.place - run.length, after.at - run.at - run.length)
        for run, after in pairwise(runs)
    ]


def extent(runs: Sequence[Run]) -> tuple[int, int]:
    """How many symbols of passage and document an alignment covers."""
    first, last = runs[0], runs[-1]
    return last.place + last.length - first.place, last.at + last.length - first.at


def holds(runs: Sequence[Run]) -> bool:
    """Whether an alignment is a parallel."""
    return bool(runs) and min(extent(runs)) >= LEAST and changes(runs) <= CHANGED * max(extent(runs))


def overlap(runs: Sequence[Run], other: Sequence[Run]) -> bool:
    """Whether two alignments are for more than half of the shorter the same, in passage and document."""

    def shared(start: int, size: int, from_: int, length: int) -> bool:
        return 2 * (min(start + size, from_ + length) - max(start, from_)) > min(size, length)

    one, two = extent(runs), extent(other)
    return shared(runs[0].place, one[0], other[0].place, two[0]) and shared(
        runs[0].at, one[1], other[0].at, two[1]
    )


def cut_down(runs: Sequence[Run]) -> Sequence[Run]:
    """The part of an alignment, from one run to another, that agrees most and in which little enough differs.

    >>> cut_down([Run(0, 0, 2), Run(14, 14, 9), Run(24, 24, 8)])
    [Run(place=14, at=14, length=9), Run(place=24, at=24, length=8)]
    """
    if not runs or changes(runs) <= CHANGED * max(extent(runs)):
        return runs
    # A symbol that is the same pays for CHANGED / (1 - CHANGED) others; one that is on one side alone counts
    # for the changes and only half for the length.
    best, total, start, chosen = 0.0, 0.0, 0, (0, 0)
    for place, run in enumerate(runs):
        if total <= 0:
            total, start = 0.0, place
        total += CHANGED * run.length
        if total > best:
            best, chosen = total, (start, place + 1)
        if place + 1 < len(runs):
            here, there = gaps(runs[place : place + 2])[0]
            total -= (1 - CHANGED) * min(here, there) + (1 - CHANGED / 2) * abs(here - there)
    return runs[chosen[0] : chosen[1]]
