"""Which places of an archive have the same few symbols in a row? Hashes of them, sorted on disk.

Of each document those hashes are kept that are the least of `WINDOW` neighbors (minimizers, Roberts et al.
2004): two texts that agree in `SIZE` + `WINDOW` − 1 symbols in a row keep one in common. **What is in memory
at a time is one of many parts of the hashes**, however large the archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from indexer.arrays import Array

SIZE = 6
"""Symbols of a shingle."""
WINDOW = 4
PARTS = 64
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def minimizers(codes: Array) -> tuple[Array, Array]:
    """The hashes that are kept of a document's symbols, and where the shingle of each begins.

    >>> hashes, places = minimizers(np.arange(20, dtype=np.uint32))
    >>> len(hashes) == len(places) >= 3, bool((np.diff(places) <= WINDOW).all())
    (True, True)
    """
    if len(codes) < SIZE:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    hashes = np.zeros(len(codes) - SIZE + 1, np.uint64)
    for place in range(SIZE):
        hashes = (hashes + codes[place : place + len(hashes)]) * _FACTOR
    hashes ^= hashes >> np.uint64(31)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(29)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, min(WINDOW, len(hashes)))
    kept = np.zeros(len(hashes), bool)
    kept[np.arange(len(windows)) + windows.argmin(axis=1)] = True
    places = np.flatnonzero(kept)
    return hashes[places], places


class Partitions:
    """Rows of equal type in files by part. State: the open files, which go with the directory."""

    def __init__(self, directory: Path, name: str, row: np.dtype[np.void]) -> None:
        self._paths = [directory / f"{name}-{part}" for part in range(PARTS)]
        self._row, self._stack = row, ExitStack()
        self._files = [self._stack.enter_context(path.open("wb")) for path in self._paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, parts: Array, rows: Array) -> None:
        """Append rows, each to its part."""
        order = np.argsort(parts, kind="stable")
        edges = np.searchsorted(parts[order], np.arange(PARTS + 1))
        for file, start, end in zip(self._files, edges, edges[1:], strict=False):
            if end > start:
                file.write(rows[order[start:end]].tobytes())

    def parts(self) -> Iterator[Array]:
        """The rows of each part, which is then gone; nothing can be added any more."""
        self._stack.close()
        for path in self._paths:
            yield np.fromfile(path, self._row)
            path.unlink()
