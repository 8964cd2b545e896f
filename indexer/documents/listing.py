"""Which files are there, when they are gone through more than once? Listed once, held as packed names.

**What is gone through is what was listed**, in that order, however the folders change meanwhile. A file takes
some twenty bytes instead of half a thousand: there may be millions.
"""

from __future__ import annotations

import os
import zlib
from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from indexer.documents.sources import SourceFile, SourceListed, file_of

_TOGETHER = 1 << 10
_LEVEL = 1  # names of a folder begin alike: the least that packing can do is enough
_BETWEEN = b"\0"  # what no name has


class _Part(NamedTuple):
    """Some files of a source, and the places of them below its path, packed."""

    of: SourceListed
    size: int
    places: bytes


class Listing:
    """The files of sources in their order, each with the number that it is known by, or 0.

    It can be gone through as often as is needed, also while it is made.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._numbers = array("q")
        self._of: SourceListed | None = None
        self._waiting: list[str] = []

    def extend(self, files: Iterable[tuple[SourceFile, int]]) -> None:
        """More files come, each with the number that it is known by, or 0."""
        for file, number in files:
            if file.of is not self._of or len(self._waiting) == _TOGETHER:
                self._pack()
                self._of = file.of
            self._waiting.append(file.place)
            self._numbers.append(number)

    def _pack(self) -> None:
        if self._of is not None and self._waiting:
            start = len(os.fspath(self._of.root))
            places = _BETWEEN.join(os.fsencode(place[start:]) for place in self._waiting)
            self._parts.append(_Part(self._of, len(self._waiting), zlib.compress(places, _LEVEL)))
        self._waiting = []

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[SourceFile]:
        self._pack()
        first = 0
        for of, size, places in self._parts:
            root = os.fspath(of.root)
            below = zlib.decompress(places).split(_BETWEEN)
            for place, number in zip(below, self._numbers[first : first + size], strict=True):
                yield file_of(of, root + os.fsdecode(place), number)
            first += size
