"""What is known of one indexed field in one segment? Sorted terms and flat posting arrays.

    terms       blob of UTF-8 terms in byte order, `offsets[i]:offsets[i+1]` is term i
    starts      `starts[i]:starts[i+1]` are the postings of term i
    postings    document and frequency, packed (`packing`), documents ascending within a term
    frequent    the frequencies that do not fit there
    positions   all positions, posting after posting, ascending within a posting (where the field has them)
    far         the positions that do not fit there (`places`)
    lengths     terms of each document, as one of `LENGTHS` (where the field is scored)

Every 128 postings form a block, whatever terms they belong to: `block_freqs` and `block_lengths` hold
the greatest frequency and the least length in it, `block_positions` where its positions start. The
types of the arrays are as narrow as the segment allows. Invariants: arrays are never written to; those of a
file are read by way of `Section`, so nothing comes from a block that was not verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Array, ArrayFile, Section, SectionWriter, damaged
from indexer.engine.embedded.arrays.packing import ListWriter, narrowest, pack, unpack_docs, unpack_freqs
from indexer.engine.embedded.arrays.places import PositionWriter, positions_from
from indexer.engine.embedded.kernel.vectorized import lower_bound
from indexer.engine.fields import FIELDS
from indexer.query.ranking import LENGTHS
from indexer.text.units import STOP

BLOCK = 128
_LENGTHS = np.array(LENGTHS)


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """The arrays of one field, described in the module's docstring."""

    name: str
    blob: Section
    offsets: Section
    starts: Section
    postings: Section
    frequent: Section
    positions: Section | None
    far: Section | None
    block_positions: Section | None
    _block_freqs: Section
    _block_lengths: Section | None
    _lengths: Section | None

    @property
    def block_freqs(self) -> Array:
        """The greatest frequency of each block."""
        return self._block_freqs.whole()

    @property
    def block_lengths(self) -> Array | None:
        """The least of `lengths` in each block, where they are kept."""
        return None if self._block_lengths is None else self._block_lengths.whole()

    @property
    def lengths(self) -> Array | None:
        """For each document the place of its number of terms in `LENGTHS`, where they are kept."""
        return None if self._lengths is None else self._lengths.whole()

    @property
    def term_count(self) -> int:
        """How many different terms there are."""
        return len(self.offsets) - 1

    def term(self, number: int) -> bytes:
        """Term `number` in byte order."""
        start, end = self.offsets[number : number + 2]
        term: bytes = self.blob[start:end].tobytes()
        return term

    def lower_bound(self, term: bytes) -> int:
        """The number of the first term not less than `term`."""
        return lower_bound(self.blob, self.offsets, term)

    def find(self, term: bytes) -> int:
        """The number of `term`, or -1."""
        number = self.lower_bound(term)
        return number if number < self.term_count and self.term(number) == term else -1

    @property
    def stop(self) -> int:
        """The number of the term for ends of sentences, or -1: no pattern means it, no length counts it."""
        return self.find(STOP.encode()) if FIELDS.get(self.name) == "grams" else -1

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """The half-open range of terms starting with `prefix`."""
        low = self.lower_bound(prefix)
        stem = prefix.rstrip(b"\xff")
        if not stem:
            return low, self.term_count
        return low, self.lower_bound(stem[:-1] + bytes([stem[-1] + 1]))

    def span(self, number: int) -> tuple[int, int]:
        """The half-open range of postings of term `number`."""
        start, end = self.starts[number : number + 2].tolist()
        return start, end

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


def chosen_terms(blob: Array, offsets: Array, chosen: Array) -> tuple[Array, Array]:
    """Some of many terms (blob, offsets): those that are marked True in `chosen`."""
    if chosen.all():
        return blob, offsets
    lengths = np.diff(offsets)
    return blob[np.repeat(chosen, lengths)], np.concatenate([[0], np.cumsum(lengths[chosen])])


def open_postings(file: ArrayFile, name: str) -> FieldPostings:
    """The field `name` of a file; no posting is read."""

    def part(kind: str) -> Section:
        return file.section(f"{name}/{kind}")

    def any_part(kind: str) -> Section | None:
        return part(kind) if f"{name}/{kind}" in file else None

    return FieldPostings(
        name=name,
        blob=part("terms"),
        offsets=part("offsets"),
        starts=part("starts"),
        postings=part("postings"),
        frequent=part("frequent"),
        positions=any_part("positions"),
        far=any_part("far"),
        block_positions=any_part("block_positions"),
        _block_freqs=part("block_freqs"),
        _block_lengths=any_part("block_lengths"),
        _lengths=any_part("lengths"),
    )


def segment_postings(file: ArrayFile, name: str) -> FieldPostings:
    """The same of a segment file. Raises `IndexCorrupt` where its arrays are not as long as they must be."""
    field = open_postings(file, name)
    blocks = -(-len(field.postings) // BLOCK)
    sizes = (
        (field.starts, len(field.offsets)),
        (field._block_freqs, blocks),
        (field._block_lengths, blocks),
        (field.block_positions, blocks + 1),
        (field._lengths, file.metadata["documents"]),
    )
    positional = {part is None for part in (field.positions, field.block_positions, field.far)}
    if any(part is not None and len(part) != size for part, size in sizes) or len(positional) > 1:
        raise damaged(f"field {name}")
    return field


def empty_postings(name: str) -> FieldPostings:
    """A field without any term."""
    zero, none = Section(np.zeros(1, np.uint32), name), Section(np.zeros(0, np.uint32), name)
    bytes_ = Section(np.zeros(0, np.uint8), name)
    return FieldPostings(name, bytes_, zero, zero, none, none, None, None, None, bytes_, None, None)


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


def coded(lengths: Array) -> Array:
    """Lengths as bytes: the place in `LENGTHS` of the greatest that is not above each.

    >>> coded(np.array([0, 23, 40, 41, 1000])).tolist()
    [0, 23, 40, 40, 87]
    """
    return (np.searchsorted(_LENGTHS, lengths, "right") - 1).astype(np.uint8)


def lengths_of(codes: Array) -> Array:
    """The lengths that bytes stand for."""
    found: Array = _LENGTHS[codes]
    return found


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

    `lengths` are the bytes of all documents where the field is scored; `positional`: positions are kept.
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
