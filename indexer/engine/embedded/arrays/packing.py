"""How is a posting kept in four bytes? The document in the low 24 bits, the frequency in the high 8.

A frequency of 255 or more is kept as 255 and listed in the array `frequent`. So a segment holds at most 2²⁴
documents. **A list of what does not fit is one array of two halves**: the indexes of the places, ascending,
and the numbers that belong there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indexer.arrays import Array, Flat, SectionWriter, damaged

DOC_BITS = 24
MAX_DOCUMENTS = 1 << DOC_BITS
DOC_MASK = np.uint32(MAX_DOCUMENTS - 1)
MOST = 255


def pack(docs: Array, freqs: Array, first: int = 0) -> tuple[Array, Array]:
    """Postings, and what goes into `frequent`; `first` is the index of the first posting.

    >>> postings, frequent = pack(np.array([3, 4]), np.array([2, 300]), first=10)
    >>> unpack_docs(postings).tolist(), frequent.tolist()
    ([3, 4], [11, 300])
    """
    small = np.minimum(freqs, MOST).astype(np.uint32)
    many = np.flatnonzero(freqs >= MOST)
    return docs.astype(np.uint32) | (small << np.uint32(DOC_BITS)), listed(many + first, freqs[many])


def narrowest(top: int, least: int = 1) -> np.dtype[Any]:
    """The narrowest unsigned type of at least `least` bytes that holds `top`."""
    return np.dtype(next(f"u{size}" for size in (1, 2, 4, 8) if size >= least and top < 1 << 8 * size))


def listed(indexes: Array, numbers: Array) -> Array:
    """A list of what does not fit: 64-bit numbers."""
    return np.concatenate([indexes, numbers]).astype(np.uint64)


def look_up(entries: Flat, indexes: Array) -> Array:
    """The numbers that a list has for `indexes`, all of which are in it; else raises `IndexCorrupt`."""
    # Of another type, or not side by side, the list would be copied by each search.
    half = len(entries) // 2
    listed, wanted = entries[:half], indexes.astype(entries.dtype)
    at = np.searchsorted(listed, wanted)
    if len(at) and (int(at.max()) == half or not np.array_equal(listed[at], wanted)):
        raise damaged("a list of what does not fit")
    found: Array = entries[half : 2 * half][at]
    return found


class ListWriter:
    """Takes lists that follow one another, and writes one."""

    def __init__(self, writer: SectionWriter, name: str) -> None:
        self._writer, self._name = writer, name
        self._indexes, self._numbers = writer.spool(name, np.uint64), writer.spool(name, np.uint64)

    def write(self, entries: Array) -> None:
        """Append a list."""
        indexes, numbers = entries.reshape(2, -1)
        self._indexes.write(indexes)
        self._numbers.write(numbers)

    def halves(self) -> tuple[Array, Array]:
        """What was collected."""
        return self._indexes.array(), self._numbers.array()

    def finish(self, kind: np.dtype[Any] | type[Any] = np.uint64) -> None:
        """Write the section."""
        with self._writer.section(self._name, kind) as write:
            for half in (self._indexes, self._numbers):
                for _, part in half.parts():
                    write(part)
        self.discard()

    def discard(self) -> None:
        """Forget what was collected."""
        self._indexes.discard()
        self._numbers.discard()


def unpack_docs(postings: Flat) -> Array:
    """The documents of postings."""
    return np.asarray(postings) & DOC_MASK


def unpack_freqs(postings: Array, frequent: Flat, first: int) -> Array:
    """The frequencies of consecutive postings, the first of which has index `first`."""
    freqs = postings >> np.uint32(DOC_BITS)
    if len(frequent):
        many = np.flatnonzero(freqs == MOST)
        freqs[many] = look_up(frequent, many + first)
    return freqs
