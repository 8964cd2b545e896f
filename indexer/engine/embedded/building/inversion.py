"""How do a document's terms become postings? Interned as numbers, sorted once when written.

A buffer holds one field in the order of the documents: a `PieceBuffer` a number for each piece of a text
that is a term, a `TermBuffer` the same of values that are one term, a `PairBuffer` a symbol for each position
of texts whose terms are characters, pairs of adjacent ones, and words. Nothing is done per token in Python.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np

from indexer.arrays import Array, SectionWriter
from indexer.engine.embedded.arrays.postings import Part, write_postings, write_terms
from indexer.engine.embedded.kernel import active
from indexer.text.analyzer import Pieces
from indexer.text.units import STOP, Units

CHUNK_POSITIONS = 1 << 21
"""So many are sorted at a time, but for those of a single first character."""
CHUNK_TERMS = 1 << 16
"""So many are spelled at a time: that takes some 60 bytes for each byte of theirs."""


class PieceBuffer:
    """The terms of one field without positions, given as pieces of a text."""

    def __init__(self) -> None:
        self._table: object = active().term_table()
        self._terms, self._docs, self._counts = array("I"), array("I"), array("I")

    def add(self, document: int, pieces: Pieces) -> int:
        """Append a document's terms and return how many there are; documents come in ascending order."""
        text, ends, counts = pieces
        count: int = active().intern_slices(self._table, counts, text, ends, self._terms)
        if count:
            self._docs.append(document)
            self._counts.append(count)
        return count

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        held: int = active().table_bytes(self._table)
        return len(self._terms) * self._terms.itemsize + held

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections; nothing can be added afterwards."""
        ranks, blob, offsets = active().order_terms(self._table)
        tokens = (np.frombuffer(part, np.uint32) for part in (self._terms, self._docs, self._counts))
        terms, docs, counts = tokens
        starts, *postings, _ = active().group(terms, ranks, docs, counts, None)
        del self._table, self._terms, tokens, terms
        write_terms(writer, name, blob, offsets, starts)
        write_postings(writer, name, _slices(*postings), lengths, False)


class TermBuffer(PieceBuffer):
    """The same of values that are one term each."""

    def add(self, document: int, value: str) -> int:  # type: ignore[override]
        """Append a document's term."""
        active().intern(self._table, (value,), self._terms)
        self._docs.append(document)
        self._counts.append(1)
        return 1


class PairBuffer:
    """The units of one field: a symbol for each position, as `kernel.sorting.intern_units` makes them."""

    def __init__(self) -> None:
        self._table: object = active().term_table()
        self._symbols, self._docs, self._counts = array("I"), array("I"), array("I")

    def add(self, document: int, units: Units) -> int:
        """Append a document's units and return how many terms they stand for, but for ends of sentences."""
        before = len(self._symbols)
        count: int = active().intern_units(self._table, *units, self._symbols)
        if count:
            self._docs.append(document)
            self._counts.append(len(self._symbols) - before)
        return count - units[0].count(STOP)

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        held: int = active().table_bytes(self._table)
        return len(self._symbols) * self._symbols.itemsize + held

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections, the postings of some first characters at a time."""
        ranks, blob, offsets = active().order_terms(self._table)
        tokens = (np.frombuffer(part, np.uint32) for part in (self._symbols, self._docs, self._counts))
        symbols, docs, counts = tokens
        terms: list[tuple[Array, ...]] = [(np.zeros(0, np.int64),) * 3]

        def parts() -> Iterator[Part]:
            for low, high in _ranges(symbols, ranks):
                firsts, seconds, starts, *postings = active().group_pairs(
                    symbols, ranks, docs, counts, low, high
                )
                terms.append((firsts, seconds, np.diff(starts)))
                yield tuple(postings)

        write_postings(writer, name, parts(), lengths, True)
        firsts, seconds, sizes = (np.concatenate(column) for column in zip(*terms, strict=True))
        starts = np.concatenate([[0], np.cumsum(sizes)])
        write_terms(writer, name, *_spelled(blob, offsets, firsts, seconds), starts)


def _slices(docs: Array, freqs: Array) -> Iterator[Part]:
    """Postings, some at a time: what is made of them when they are written takes several times their room."""
    for start in range(0, len(docs), CHUNK_POSITIONS):
        part = slice(start, start + CHUNK_POSITIONS)
        yield docs[part], freqs[part], None


def _ranges(symbols: Array, ranks: Array) -> Iterator[tuple[int, int]]:
    """Ranges of places of first terms, each with at most CHUNK_POSITIONS positions, or one term."""
    counts = np.zeros(len(ranks), np.int64)
    for start in range(0, len(symbols), CHUNK_POSITIONS):
        counts += np.bincount(symbols[start : start + CHUNK_POSITIONS] >> 1, minlength=len(ranks))
    placed = np.empty_like(counts)
    placed[ranks] = counts
    ends = np.cumsum(placed)
    low = done = 0
    while low < len(ends):
        high = max(low + 1, int(np.searchsorted(ends, done + CHUNK_POSITIONS, side="right")))
        yield low, high
        low, done = high, int(ends[high - 1])


def _spelled(blob: Array, offsets: Array, firsts: Array, seconds: Array) -> tuple[Array, Array]:
    """Terms as (blob, offsets): the one at place `firsts`, and that at `seconds` - 1 but where it is 0."""
    # One more term, an empty one, stands for a second that there is none of.
    begins, ends = np.append(offsets[-1:], offsets[:-1]), np.append(offsets[-1:], offsets[1:])
    spelled, widths = [blob[:0]], [offsets[:1]]
    for start in range(0, len(firsts), CHUNK_TERMS):
        chunk = slice(start, start + CHUNK_TERMS)
        parts = np.stack([firsts[chunk].astype(np.int64) + 1, seconds[chunk].astype(np.int64)], axis=1)
        sizes = (ends - begins)[parts]
        flat = sizes.ravel()
        at = np.repeat(begins[parts].ravel() - np.cumsum(flat) + flat, flat)
        at += np.arange(len(at))
        spelled.append(blob[at])
        widths.append(sizes.sum(axis=1))
    return np.concatenate(spelled), np.cumsum(np.concatenate(widths))


Buffer = PieceBuffer | PairBuffer
