"""How do a document's terms become postings? Interned as numbers, sorted once when written.

A buffer holds one field in the order of the documents: a `TermBuffer` a number for each term and its
position, a `PairBuffer` a symbol for each position of texts whose terms are characters, pairs of adjacent
ones, and words. `reader_of` says which of them takes what a field reads in its values. Nothing is done per
token in Python but what `map` and `array.extend` do in C. Terms may be text (from `bulk`) or bytes (from
`FieldType.index`); one field uses one of the two.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from whoosh import fields, formats
from whoosh.analysis import IDTokenizer

from indexer.arrays import Array, SectionWriter
from indexer.engine.embedded.arrays.postings import Part, write_postings, write_terms
from indexer.engine.embedded.kernel.kernel import active

CHUNK_POSITIONS = 1 << 21
"""So many are sorted at a time, but for those of a single first character."""
CHUNK_TERMS = 1 << 16
"""So many are spelled at a time: that takes some 60 bytes for each byte of theirs."""


class TermBuffer:
    """The terms of one field. `positional` says whether positions are kept."""

    def __init__(self, positional: bool = False) -> None:
        self._table: Any = active().term_table()
        self._terms, self._positions = array("I"), array("I") if positional else None
        self._docs, self._counts = array("I"), array("I")

    def add(self, document: int, tokens: Any) -> int:
        """Append a document's terms and return how many there are; documents come in ascending order."""
        count = self._intern(tokens)
        if count:
            self._docs.append(document)
            self._counts.append(count)
        return count

    def _intern(self, tokens: Any) -> int:
        """Number terms, which come with their positions where those are kept; returns how many there are."""
        terms: Sequence[Any]
        terms, positions = tokens
        active().intern(self._table, terms, self._terms)
        if self._positions is not None:
            self._positions.extend(positions or ())
        return len(terms)

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        held: int = active().table_bytes(self._table)
        places = len(self._terms) + len(self._positions or ())
        return places * self._terms.itemsize + held

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections; nothing can be added afterwards."""
        ranks, blob, offsets = active().order_terms(self._table)
        tokens = (np.frombuffer(part, np.uint32) for part in (self._terms, self._docs, self._counts))
        terms, docs, counts = tokens
        positions = None if self._positions is None else np.frombuffer(self._positions, np.uint32)
        starts, *postings = active().group(terms, ranks, docs, counts, positions)
        del self._table, self._terms, self._positions, tokens, terms, positions
        write_terms(writer, name, blob, offsets, starts)
        write_postings(writer, name, _slices(*postings), lengths, postings[2] is not None)


class PieceBuffer(TermBuffer):
    """The same of terms that are pieces of a text."""

    def _intern(self, tokens: Any) -> int:
        """Number those pieces that count."""
        text, ends, counts = tokens
        count: int = active().intern_slices(self._table, counts, text, ends, self._terms)
        return count


class PairBuffer:
    """The units of one field: a symbol for each position, as `grouping.intern_units` makes them."""

    def __init__(self) -> None:
        self._table: Any = active().term_table()
        self._symbols, self._docs, self._counts = array("I"), array("I"), array("I")

    def add(self, document: int, tokens: tuple[str, Sequence[int]]) -> int:
        """Append a document's units and return how many terms they stand for."""
        before = len(self._symbols)
        count: int = active().intern_units(self._table, *tokens, self._symbols)
        if count:
            self._docs.append(document)
            self._counts.append(len(self._symbols) - before)
        return count

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


def _slices(docs: Array, freqs: Array, positions: Array | None) -> Iterator[Part]:
    """Postings, some at a time: what is made of them when they are written takes several times their room."""
    at = 0
    for start in range(0, len(docs), CHUNK_POSITIONS):
        part = slice(start, start + CHUNK_POSITIONS)
        to = at if positions is None else at + int(freqs[part].sum(dtype=np.int64))
        yield docs[part], freqs[part], None if positions is None else positions[at:to]
        at = to


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


Buffer = TermBuffer | PairBuffer


def reader_of(field: Any) -> tuple[Callable[[Any], Any], Callable[[], Buffer]]:
    """How the values of a field are read, and what makes the buffer that takes what is read.

    By the field's `bulk_units` (a text and its units: see `grouping.spans_of`) where positions are kept, its
    `bulk_pieces` (a text, where its pieces end, and which of them count: see `grouping.intern_slices`) where
    they are not, its `bulk` (terms and positions), or by `FieldType.index`. Reading raises ValueError for
    weights other than frequencies: boosts at index time are not supported.
    """
    positional = is_positional(field)
    if positional and hasattr(field, "bulk_units"):
        return field.bulk_units, PairBuffer
    if not positional and hasattr(field, "bulk_pieces"):
        return field.bulk_pieces, PieceBuffer
    whole = type(field) is fields.ID and type(field.analyzer) is IDTokenizer
    return partial(_whole if whole else _told, field, positional=positional), partial(TermBuffer, positional)


def _whole(field: Any, value: Any, positional: bool) -> tuple[Sequence[Any], Sequence[int] | None]:
    """The value as one term."""
    # What `index` would give, without its generators.
    return ((value.encode(),), None) if isinstance(value, str) else _told(field, value, positional)


def _told(field: Any, value: Any, positional: bool) -> tuple[Sequence[Any], Sequence[int] | None]:
    terms, positions = field.bulk(value) if hasattr(field, "bulk") else _indexed(field, value, positional)
    if positional and (positions is None or len(positions) != len(terms)):
        raise ValueError("a field with positions needs one position for each term")
    return terms, positions


def _indexed(field: Any, value: Any, positional: bool) -> tuple[list[bytes], list[int]]:
    terms: list[bytes] = []
    positions: list[int] = []
    for text, frequency, weight, payload in field.index(value):
        if weight != frequency:
            raise ValueError(f"term {text!r}: boosts at index time are not supported")
        terms.extend(repeat(text, frequency))
        if positional:
            positions.extend(field.format.decode_positions(payload))
    return terms, positions


def is_positional(field: Any) -> bool:
    """Whether a field keeps positions; raises TypeError for formats that keep still more."""
    kinds = (formats.Existence, formats.Frequency, formats.Positions)
    if type(field.format) not in kinds:
        raise TypeError(f"format {type(field.format).__name__} is not supported")
    return type(field.format) is formats.Positions
