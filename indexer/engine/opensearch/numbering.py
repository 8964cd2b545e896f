"""Which number does a document have on a cluster? One in the order of ids, with room before and behind it.

So a document that comes gets a number between its neighbors', and nobody else another one. **Ids that come
again and again behind one another (dates, counters) take a small part of the room that is left, each time**:
halves of it would be used up after some thirty updates.
"""

from __future__ import annotations

import numpy as np

from indexer.arrays import Array
from indexer.errors import IndexCrowded

SPAN = 1 << 52
"""Numbers are below it: whole numbers up to there are exact also where they pass through a double."""
_RESERVED = 256
"""Of the room behind the last one those that follow one another take this part."""
_STEADY = 64
"""So much nearer to what is before it than what follows is, a document is taken for one that was added."""


def spread(count: int) -> Array:
    """Numbers for so many documents: far apart, with much room before the first and behind the last.

    >>> numbers = spread(3)
    >>> sorted({*(numbers[1:] - numbers[:-1]).tolist()}) == [SPAN // 2 // 3], int(numbers[0]) > SPAN // 4
    (True, True)
    """
    step = SPAN // 2 // max(count, 1)
    return SPAN // 4 + step // 2 + step * np.arange(count, dtype=np.int64)


def filled(numbers: Array) -> Array:
    """Ascending numbers where some are missing (-1), with a number for each of these.

    Raises `IndexCrowded` where there is no room for one.

    >>> (filled(np.array([SPAN // 4, -1, SPAN // 2])) / SPAN).tolist()
    [0.25, 0.375, 0.5]
    """
    missing = numbers < 0
    if missing.all():
        return spread(len(numbers))
    known = np.concatenate([[-1 - SPAN, -1], numbers[~missing], [SPAN, 2 * SPAN]])
    found = numbers.copy()
    edges = np.flatnonzero(np.diff(missing.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    before = np.cumsum(~missing)
    for start, end in edges.tolist():
        place = int(before[start]) + 1
        found[start:end] = _between(known[place - 1 : place + 3].tolist(), end - start)
    return found


def _between(neighbors: list[int], count: int) -> Array:
    """So many numbers between the second and the third of four."""
    lower, low, high, higher = neighbors
    room = high - low
    if room <= count:
        raise IndexCrowded(
            "between two documents so many were added by and by that there is no room for more"
        )
    behind, ahead = low - lower, higher - high
    step = max(1, room // (_RESERVED * count))
    if behind * _STEADY <= ahead:
        return low + step * np.arange(1, count + 1, dtype=np.int64)
    if ahead * _STEADY <= behind:
        return high - step * np.arange(count, 0, -1, dtype=np.int64)
    return low + room // (count + 1) * np.arange(1, count + 1, dtype=np.int64)
