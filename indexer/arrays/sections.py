"""Is what is read of a mapped file what was written? Blocks with sums, verified when they are first read.

A `Section` stands where an array would, and gives arrays for what is asked of it: a slice, some places, or
all. The blocks (64 KiB of the file each) that hold it are verified before; that they were is
remembered, so the second time costs a look at a byte for each. **No item leaves a section before its block
was verified, and no place outside of it is ever read**: a place is where another array says, which may lie.

Threads share the marks without a lock: two may verify a block at the same time, and both find the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xxhash import xxh3_64_intdigest as digest

from indexer.errors import IndexCorrupt

Array = NDArray[Any]

BLOCK_BITS = 16
"""A block has 2^16 bytes: as many as one fault maps, and fewer than a long list of postings."""
BLOCK = 1 << BLOCK_BITS


class Blocks:
    """The blocks of one opened file, and which of them were found to be as written."""

    __slots__ = ("_sums", "_view", "marks", "seen", "where")

    def __init__(self, view: memoryview, sums: memoryview, where: str) -> None:
        self._view, self._sums, self.where = view, sums, where
        self.seen = bytearray(len(sums))
        """Of each block 1 once it was verified."""
        self.marks: Array = np.frombuffer(self.seen, np.uint8)
        """The same, as an array."""

    def ensure(self, start: int, end: int, section: str) -> None:
        """Verify those blocks that hold the bytes `start:end` of the file and were not yet.

        Raises `IndexCorrupt` that names the section.
        """
        stop = (end - 1 >> BLOCK_BITS) + 1 if end > start else 0
        at = self.seen.find(0, start >> BLOCK_BITS, stop)
        while at >= 0:
            if digest(self._view[at << BLOCK_BITS : (at + 1) << BLOCK_BITS]) != self._sums[at]:
                raise self.damaged(section)
            self.seen[at] = 1
            at = self.seen.find(0, at + 1, stop)

    def damaged(self, section: str) -> IndexCorrupt:
        """The error that says so."""
        return damaged(section, self.where)


def damaged(what: str, where: str = "index") -> IndexCorrupt:
    """The error for something that cannot be as it was written."""
    return IndexCorrupt(f"{where}: {what} is damaged; run `hansou rollback` or `hansou rebuild`")


Native = tuple[Array, bytearray | None, Callable[[int, int, str], None] | None, int, str]


class Section:
    """One section of an opened file, verified as it is read; or an array that nothing stands behind."""

    __slots__ = ("_array", "_blocks", "_start", "name", "native")

    def __init__(self, array: Array, name: str, blocks: Blocks | None = None, start: int = 0) -> None:
        self._array, self._blocks, self._start, self.name = array, blocks, start, name
        seen, ensure = (None, None) if blocks is None else (blocks.seen, blocks.ensure)
        self.native: Native = (array, seen, ensure, start, f"section {name}")
        """What the compiled kernel takes: the items, the marks of the file's blocks, whom to ask for more."""

    def __len__(self) -> int:
        return len(self._array)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the items."""
        return self._array.dtype

    def __getitem__(self, at: slice | int | np.integer[Any] | Array) -> Any:
        """Items by number, slice or array of numbers; raises `IndexCorrupt` for places outside."""
        if isinstance(at, slice):
            start = 0 if at.start is None else operator.index(at.start)
            stop = len(self._array) if at.stop is None else operator.index(at.stop)
            self.ensure(start, stop)
            return self._array[start:stop]
        if isinstance(at, np.ndarray):
            return self._take(at)
        place = operator.index(at)
        self.ensure(place, place + 1)
        return self._array[place]

    def _take(self, places: Array) -> Array:
        if not places.size:
            return self._array[:0].reshape(places.shape)
        low, high = int(places.min()), int(places.max())
        self._check(low, high + 1)
        if self._blocks is not None:
            blocks = self._start + places.astype(np.int64) * self._array.itemsize >> BLOCK_BITS
            new = np.flatnonzero(self._blocks.marks[blocks] == 0)
            for block in np.unique(blocks.ravel()[new]).tolist() if len(new) else ():
                self._blocks.ensure(block << BLOCK_BITS, (block << BLOCK_BITS) + 1, self.native[4])
        return self._array[places]

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= len(self._array):
            raise self.damaged()

    @property
    def unverified(self) -> Array:
        """All items, none of which may be read before it was verified."""
        return self._array

    def ensure(self, start: int, stop: int) -> None:
        """Verify items; raises `IndexCorrupt` where there are none."""
        self._check(start, stop)
        if self._blocks is not None:
            size = self._array.itemsize
            self._blocks.ensure(self._start + start * size, self._start + stop * size, self.native[4])

    def whole(self) -> Array:
        """All items."""
        self.ensure(0, len(self._array))
        return self._array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.asarray(self.whole(), dtype)

    @property
    def data(self) -> memoryview:
        """All items as a memoryview, of which single ones are read several times faster than of an array."""
        return self.whole().data

    def damaged(self) -> IndexCorrupt:
        """The error for items that cannot be."""
        what = f"section {self.name}"
        return damaged(what) if self._blocks is None else self._blocks.damaged(what)


Flat = Array | Section
"""An array, or what stands for one in an opened file."""


def verified(items: Flat, spans: Array) -> Array:
    """An array with these items, of which only those of the spans, rows of start and end, may be read."""
    if not isinstance(items, Section):
        return items
    for start, end in spans.tolist():
        items.ensure(start, end)
    return items.unverified


def taken(array: Array, places: Array, what: str) -> Array:
    """The items at `places`, which another array says; raises `IndexCorrupt` where there is none at one."""
    try:
        found: Array = array[places]
    except IndexError as error:
        raise damaged(what) from error
    return found


def decoded(raw: bytes, what: str = "a text") -> str:
    """The text whose UTF-8 this is; raises `IndexCorrupt` where it is none."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise damaged(what) from error


def decoded_parts(blob: Array, starts: Array, ends: Array) -> list[str]:
    """The strings that stand at `starts` to `ends` of the UTF-8 of many."""
    starts = np.asarray(starts, np.int64)
    lengths = np.asarray(ends, np.int64) - starts
    if len(starts) and (lengths.min() < 0 or starts.min() < 0 or (starts + lengths).max() > len(blob)):
        raise damaged("a text")
    behind = np.cumsum(lengths)
    bytes_ = blob[np.repeat(starts - behind + lengths, lengths) + np.arange(lengths.sum())]
    # All are decoded as one text, which is cut where their characters end.
    begins = (bytes_ & 0xC0) != 0x80
    if not begins[(behind - lengths)[lengths > 0]].all():
        raise damaged("a text")
    cuts = np.concatenate([[0], np.cumsum(begins)])[behind].tolist()
    text = decoded(bytes_.tobytes())
    return [text[start:end] for start, end in pairwise([0, *cuts])]
