"""How do a document's terms become postings? Interned as numbers, sorted once when written.

A buffer holds one field in the order of the documents: a `PieceBuffer` a number for each piece of a text
that is a term, a `TermBuffer` the same of values that are one term, a `PairBuffer` a symbol for each position
of texts whose terms are characters, pairs of adjacent ones, and words. Nothing is done per token in Python.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from indexer.arrays import Array, SectionWriter
from indexer.engine.embedded.arrays.postings import Part, write_postings, write_terms
from indexer.engine.embedded.kernel import active
from indexer.text.analyzer import Pieces
from indexer.text.units import STOP, Units

CHUNK_POSITIONS = 1 << 20
"""So many are sorted at a time, but for those of a single first character."""
CHUNK_TERMS = 1 << 16
"""So many are spelled at a time: that takes some 60 bytes for each byte of theirs."""


class _Buffer:
    """What buffers have in common: terms, a number for each token, how many tokens each document has.

    The first document is `first`.
    """

    def __init__(self, first: int) -> None:
        self._table: object = active().term_table()
        self._first, self._tokens, self._counts = first, array("I"), array("I")

    def _fill(self, document: int) -> None:
        """Let the documents up to `document` that were not added have no tokens."""
        self._counts.extend(repeat(0, document - self._first - len(self._counts)))

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        held: int = active().table_bytes(self._table)
        return (len(self._tokens) + len(self._counts)) * self._tokens.itemsize + held

    def _arrays(self) -> tuple[Array, Array, Array]:
        """The tokens, the documents, and how many tokens each of these has."""
        counts = np.frombuffer(self._counts, np.uint32)
        docs = np.arange(self._first, self._first + len(counts), dtype=np.uint32)
        return np.frombuffer(self._tokens, np.uint32), docs, counts


class PieceBuffer(_Buffer):
    """The terms of one field without positions, given as pieces of a text."""

    def extend(self, first: int, values: Sequence[Pieces | None]) -> Sequence[int]:
        """Append the terms of documents from `first` on and return how many each has; they come in order."""
        self._fill(first)
        active().intern_slices(self._table, values, self._tokens, self._counts)
        return self._counts[-len(values) :]

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections; nothing can be added afterwards."""
        ranks, blob, offsets = active().order_terms(self._table)
        tokens, docs, counts = self._arrays()
        starts, *postings, _ = active().group(tokens, ranks, docs, counts, None)
        del self._table, self._tokens, tokens
        write_terms(writer, name, blob, offsets, starts)
        write_postings(writer, name, _slices(*postings), lengths, False)


class TermBuffer(PieceBuffer):
    """The same of values that are one term each."""

    def extend(self, first: int, values: Sequence[str | None]) -> Sequence[int]:  # type: ignore[override]
        """Append the terms of documents from `first` on."""
        self._fill(first)
        active().intern(self._table, [value for value in values if value is not None], self._tokens)
        counts = array("I", [value is not None for value in values])
        self._counts += counts
        return counts


class PairBuffer(_Buffer):
    """The units of one field: a symbol for each position, as `kernel.sorting.intern_units` makes them."""

    def extend(self, first: int, values: Sequence[Units | None]) -> Sequence[int]:
        """Append the units of documents; returns how many terms each has, ends of sentences aside."""
        self._fill(first)
        sizes = active().intern_units(self._table, values, self._tokens, self._counts)
        return [size - (each[0].count(STOP) if each else 0) for size, each in zip(sizes, values, strict=True)]

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections, the postings of some first characters at a time."""
        ranks, blob, offsets = active().order_terms(self._table)
        arrays = self._arrays()
        sizes = _place(arrays[0], ranks)
        terms: list[tuple[Array, ...]] = [(np.zeros(0, np.int64),) * 3]
        write_postings(writer, name, _grouped(*arrays, sizes, terms), lengths, True)
        del self._table, self._tokens, arrays
        firsts, seconds, widths = (np.concatenate(column) for column in zip(*terms, strict=True))
        starts = np.concatenate([[0], np.cumsum(widths)])
        write_terms(writer, name, *_spelled(blob, offsets, firsts, seconds), starts)


def _grouped(
    symbols: Array, docs: Array, counts: Array, sizes: Array, terms: list[tuple[Array, ...]]
) -> Iterator[Part]:
    """The postings of symbols, some at a time; of their terms both parts and the sizes go to `terms`."""
    for low, high in _ranges(sizes):
        firsts, seconds, starts, *postings = active().group_pairs(symbols, docs, counts, sizes, low, high)
        terms.append((firsts, seconds, np.diff(starts)))
        yield tuple(postings)


def _slices(docs: Array, freqs: Array) -> Iterator[Part]:
    """Postings, some at a time: what is made of them when they are written takes several times their room."""
    for start in range(0, len(docs), CHUNK_POSITIONS):
        part = slice(start, start + CHUNK_POSITIONS)
        yield docs[part], freqs[part], None


def _place(symbols: Array, ranks: Array) -> Array:
    """Let symbols have places instead of numbers; how many positions have each place."""
    sizes = np.zeros(len(ranks), np.int64)
    for start in range(0, len(symbols), CHUNK_POSITIONS):
        part = symbols[start : start + CHUNK_POSITIONS]
        places = ranks[part >> 1]
        part &= 1
        part |= places << 1
        sizes += np.bincount(places, minlength=len(ranks))
    return sizes


def _ranges(sizes: Array) -> Iterator[tuple[int, int]]:
    """Ranges of places of first terms, each with at most CHUNK_POSITIONS positions, or one term."""
    ends = np.cumsum(sizes)
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
