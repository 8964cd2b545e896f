"""How is a position kept in one byte? Most are near the beginning of a text; the others are listed.

A position of 255 or more is kept as 255 and listed in the array `far` (a list as in `packing`). Where that
takes more room than wide positions, as of long texts, they are kept as they are and `far` is empty: then
nothing is looked up.
"""

from __future__ import annotations

import numpy as np

from indexer.arrays import Array, Flat, SectionWriter, damaged
from indexer.engine.embedded.arrays.packing import ListWriter, listed, look_up, narrowest

NEAR = 255


def split(positions: Array, first: int = 0) -> tuple[Array, Array]:
    """Positions as bytes, and what goes into `far`; `first` is the index of the first.

    >>> near, far = split(np.array([7, 300]), first=10)
    >>> near.tolist(), far.tolist(), positions_at(near, np.array([1, 300]), np.array([0, 1])).tolist()
    ([7, 255], [11, 300], [7, 300])
    """
    at = np.flatnonzero(positions >= NEAR)
    return np.minimum(positions, NEAR).astype(np.uint8), listed(at + first, positions[at])


def positions_at(positions: Flat, far: Flat, places: Array) -> Array:
    """The positions with the indexes `places`, as 64-bit numbers."""
    found: Array = positions[places].astype(np.int64)
    if len(far):
        at = np.flatnonzero(found == NEAR)
        found[at] = numbers = look_up(far, places[at])
        if len(at) and int(numbers.max()) >> 32:
            raise damaged("a list of positions")
    return found


def positions_from(positions: Flat, far: Flat, start: int, end: int) -> Array:
    """Consecutive positions, the first of which has the index `start`."""
    here: Array = positions[start:end]
    return positions_at(positions, far, np.arange(start, end)) if len(far) else here


class PositionWriter:
    """Takes the positions of a field as they come, and writes them in the way that takes less room."""

    def __init__(self, writer: SectionWriter, name: str) -> None:
        self._writer, self._name = writer, name
        self._near = writer.spool(f"{name}/positions", np.uint8)
        self._far = ListWriter(writer, f"{name}/far")
        self._top = 0

    def write(self, positions: Array) -> None:
        """Append positions."""
        near, far = split(positions, self._near.count)
        self._near.write(near)
        self._far.write(far)
        self._top = max(self._top, int(positions.max(initial=0)))

    def finish(self) -> None:
        """Write the sections `positions` and `far`."""
        indexes, far = self._far.halves()
        kind, wide = narrowest(max(self._top, self._near.count), 4), narrowest(self._top)
        if 2 * len(far) * kind.itemsize <= self._near.count * (wide.itemsize - 1):
            self._near.finish()
            self._far.finish(kind)
        else:
            with self._writer.section(f"{self._name}/positions", wide) as write:
                for start, part in self._near.parts():
                    low, high = np.searchsorted(indexes, np.array([start, start + len(part)], np.uint64))
                    whole = part.astype(wide)
                    whole[indexes[low:high].astype(np.int64) - start] = far[low:high]
                    write(whole)
            self._near.discard()
            self._writer.add(f"{self._name}/far", np.zeros(0, np.uint32))
            self._far.discard()
