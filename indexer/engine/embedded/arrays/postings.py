"""What is known of one indexed field in one segment? Sorted terms and flat posting arrays.

    terms       blob of UTF-8 terms in byte order, `offsets[i]:offsets[i+1]` is term i
    starts      `starts[i]:starts[i+1]` are the postings of term i
    postings    document and frequency, packed (`packing`), documents ascending within a term
    frequent    the frequencies that do not fit there
    positions   all positions, posting after posting, ascending within a posting (where the field has them)
    far         the positions that do not fit there (`places`)
    lengths     terms of each document, exact (where the field is scorable)

Every 128 postings form a block, whatever terms they belong to: `block_freqs` and `block_lengths` hold
the greatest frequency and the least length in it, `block_positions` where its positions start. The
types of the arrays are as narrow as the segment allows. Invariant: arrays are never written to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.packing import ListWriter, narrowest, pack, unpack_docs, unpack_freqs
from indexer.engine.embedded.arrays.places import PositionWriter, positions_from
from indexer.engine.embedded.kernel.vectorized import lower_bound

BLOCK = 128
_EMPTY = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """The arrays of one field, described in the module's docstring."""

    name: str
    blob: Array
    offsets: Array
    starts: Array
    postings: Array
    frequent: Array
    positions: Array | None
    far: Array | None
    block_positions: Array | None
    block_freqs: Array
    block_lengths: Array | None
    lengths: Array | None

    @property
    def term_count(self) -> int:
        """How many different terms there are."""
        return len(self.offsets) - 1

    def term(self, number: int) -> bytes:
        """Term `number` in byte order."""
        return self.blob[self.offsets[number] : self.offsets[number + 1]].tobytes()

    def lower_bound(self, term: bytes) -> int:
        """The number of the first term not less than `term`."""
        return lower_bound(self.blob, self.offsets, term)

    def find(self, term: bytes) -> int:
        """The number of `term`, or -1."""
        number = self.lower_bound(term)
        return number if number < self.term_count and self.term(number) == term else -1

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """The half-open range of terms starting with `prefix`."""
        low = self.lower_bound(prefix)
        stem = prefix.rstrip(b"\xff")
        if not stem:
            return low, self.term_count
        return low, self.lower_bound(stem[:-1] + bytes([stem[-1] + 1]))

    def span(self, number: int) -> tuple[int, int]:
        """The half-open range of postings of term `number`."""
        return int(self.starts[number]), int(self.starts[number + 1])

    def docs(self, start: int, end: int) -> Array:
        """The documents of postings `start:end`."""
        return unpack_docs(self.postings[start:end])

    def freqs(self, start: int, end: int) -> Array:
        """The frequencies of postings `start:end`."""
        return unpack_freqs(self.postings[start:end], self.frequent, start)

    def position_start(self, posting: int) -> int:
        """Where the positions of posting `posting` start."""
        assert self.block_positions is not None
        block = posting // BLOCK
        inside = self.freqs(block * BLOCK, posting).sum(dtype=np.int64)
        return int(self.block_positions[block]) + int(inside)

    def positions_of(self, posting: int) -> list[int]:
        """The positions of posting `posting`."""
        start = self.position_start(posting)
        found: list[int] = self.positions_from(start, int(self.freqs(posting, posting + 1)[0])).tolist()
        return found

    def positions_from(self, start: int, count: int) -> Array:
        """So many positions, from the one with the index `start` on."""
        assert self.positions is not None and self.far is not None
        return positions_from(self.positions, self.far, start, start + count)


def open_postings(file: ArrayFile, name: str) -> FieldPostings:
    """The field `name` of a segment file; no posting is read."""

    def part(kind: str) -> Any:
        return file.get(f"{name}/{kind}")

    return FieldPostings(
        name=name,
        blob=part("terms"),
        offsets=part("offsets"),
        starts=part("starts"),
        postings=part("postings"),
        frequent=part("frequent"),
        positions=part("positions"),
        far=part("far"),
        block_positions=part("block_positions"),
        block_freqs=part("block_freqs"),
        block_lengths=part("block_lengths"),
        lengths=part("lengths"),
    )


def empty_postings(name: str) -> FieldPostings:
    """A field without any term."""
    zero, none = np.zeros(1, np.uint32), np.zeros(0, np.uint32)
    return FieldPostings(name, _EMPTY, zero, zero, none, none, None, None, None, _EMPTY, None, None)


def narrow(array: Array) -> Array:
    """The array in the narrowest unsigned type that holds its greatest value.

    >>> narrow(np.array([0, 300], np.int64)).dtype
    dtype('uint16')
    """
    return array.astype(narrowest(int(array.max()) if len(array) else 0), copy=False)


class BlockStatistics:
    """Collects the three block arrays while postings pass by in order."""

    def __init__(self, lengths: Array | None, positional: bool) -> None:
        self._lengths, self._positional = lengths, positional
        self._docs: Array = np.zeros(0, np.uint32)
        self._freqs: Array = np.zeros(0, np.uint32)
        self._parts: list[tuple[Array, Array | None, Array]] = []

    def add(self, docs: Array, freqs: Array, last: bool = False) -> None:
        """Take the next postings; `last` closes the block that is not full."""
        docs = np.concatenate([self._docs, docs])
        freqs = np.concatenate([self._freqs, freqs])
        whole = len(docs) if last else len(docs) // BLOCK * BLOCK
        self._docs, self._freqs = docs[whole:], freqs[whole:]
        if not whole:
            return
        heads = np.arange(0, whole, BLOCK)
        docs, freqs = docs[:whole], freqs[:whole]
        least = None if self._lengths is None else np.minimum.reduceat(self._lengths[docs], heads)
        counts = np.add.reduceat(freqs, heads, dtype=np.uint64)
        self._parts.append((np.maximum.reduceat(freqs, heads), least, counts))

    def write(self, writer: SectionWriter, name: str) -> None:
        """Write the block sections of field `name`."""
        empty = [np.zeros(0, np.uint8)]
        writer.add(f"{name}/block_freqs", narrow(np.concatenate([part[0] for part in self._parts] or empty)))
        if self._lengths is not None:
            least = [part[1] for part in self._parts if part[1] is not None]
            writer.add(f"{name}/block_lengths", narrow(np.concatenate(least or empty)))
        if self._positional:
            counts = np.concatenate([part[2] for part in self._parts] or empty)
            ends = np.concatenate([[0], np.cumsum(counts, dtype=np.uint64)])
            writer.add(f"{name}/block_positions", narrow(ends.astype(np.uint64)))


Part = tuple[Array, Array, Array | None]
"""Consecutive postings: documents, frequencies, and all positions where they are kept."""


def write_terms(writer: SectionWriter, name: str, blob: Array, offsets: Array, starts: Array) -> None:
    """Write the terms of field `name`, and where the postings of each start."""
    writer.add(f"{name}/terms", blob)
    writer.add(f"{name}/offsets", narrow32(offsets))
    writer.add(f"{name}/starts", narrow32(starts))


def write_postings(
    writer: SectionWriter,
    name: str,
    parts: Iterable[Part],
    lengths: Array | None,
    positional: bool,
) -> None:
    """Write the postings of field `name`, which come in parts, in order.

    `lengths` are those of all documents where the field is scorable; `positional`: positions are kept.
    """
    frequent = ListWriter(writer, f"{name}/frequent")
    positions = PositionWriter(writer, name) if positional else None
    blocks = BlockStatistics(lengths, positional)
    count = 0
    with writer.section(f"{name}/postings", np.uint32) as write:
        for docs, freqs, where in parts:
            packed, many = pack(docs, freqs, count)
            write(packed)
            frequent.write(many)
            blocks.add(docs, freqs)
            count += len(docs)
            if positions is not None and where is not None:
                positions.write(where)
    blocks.add(np.zeros(0, np.uint32), np.zeros(0, np.uint8), last=True)
    frequent.finish()
    if positions is not None:
        positions.finish()
    if lengths is not None:
        writer.add(f"{name}/lengths", lengths)
    blocks.write(writer, name)


def narrow32(array: Array) -> Array:
    """The array as uint32, or as uint64 where it does not fit (it is ascending)."""
    return array.astype(np.uint32 if not len(array) or int(array[-1]) < 2**32 else np.uint64, copy=False)
