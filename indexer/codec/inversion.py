"""How do a document's terms become postings? Interned as numbers, sorted once when written.

A `FieldBuffer` holds the tokens of one field in the order of the documents: a number for each term,
its position, and how many tokens each document has. Nothing is done per token in Python but what
`map` and `array.extend` do in C. Terms may be text (from `bulk`) or bytes (from `FieldType.index`);
one field uses one of the two.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from whoosh import fields, formats
from whoosh.analysis import IDTokenizer

from indexer.codec.container import Array, SectionWriter
from indexer.codec.grouping import Keep
from indexer.codec.kernel import active
from indexer.codec.postings import write_postings

TOKEN_BYTES = 8


class FieldBuffer:
    """The tokens of one field. `positional` says whether positions are kept."""

    def __init__(self, positional: bool) -> None:
        self.positional = positional
        self._table: Any = active().term_table()
        self._terms, self._positions = array("I"), array("I")
        self._docs, self._counts = array("I"), array("I")

    def add(self, document: int, tokens: Tokens) -> int:
        """Append a document's terms and return how many there are; documents come in ascending order."""
        count: int
        if tokens.units is not None:
            count = active().intern_units(self._table, tokens.units, self._terms, self._positions)
        elif tokens.pieces is not None:
            text, ends, counts = tokens.pieces
            count = active().intern_slices(self._table, counts, text, ends, self._terms)
        else:
            count = len(tokens.terms)
            active().intern(self._table, tokens.terms, self._terms)
            if tokens.positions is not None:
                self._positions.extend(tokens.positions)
        if count:
            self._docs.append(document)
            self._counts.append(count)
        return count

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        held: int = active().table_bytes(self._table)
        return len(self._terms) * TOKEN_BYTES + held

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections; the buffer is empty afterwards."""
        ranks, *blob = active().order_terms(self._table)
        self._table = active().term_table()
        positions = np.frombuffer(self._positions, np.uint32) if self.positional else None
        tokens = (np.frombuffer(part, np.uint32) for part in (self._terms, self._docs, self._counts))
        terms, docs, counts = tokens
        grouped = active().group(terms, ranks, docs, counts, positions)
        del terms, docs, counts, positions, tokens
        self._terms, self._positions = array("I"), array("I")
        self._docs, self._counts = array("I"), array("I")
        write_postings(writer, name, (blob[0], blob[1]), grouped, lengths)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The terms of one value: `terms` with `positions` where kept, or `units` or `pieces` that hold them."""

    terms: Sequence[Any] = ()
    positions: Sequence[int] | None = None
    units: Sequence[tuple[str, str]] | None = None
    pieces: tuple[str, Sequence[int], Keep | None] | None = None


def tokenizer(field: Any, positional: bool) -> Callable[[Any], Tokens]:
    """How a field's values become tokens.

    By the field's `bulk_units` (pairs as `vectorized.intern_units` takes them) where positions are kept, its
    `bulk_pieces` (a text, where its pieces end, and which of them count: see `grouping.intern_slices`) where
    they are not, its `bulk` (terms and positions), or by `FieldType.index`. What is returned raises
    ValueError for weights other than frequencies: boosts at index time are not supported.
    """
    if type(field) is fields.ID and type(field.analyzer) is IDTokenizer:
        return partial(_whole, field, positional=positional)
    if positional and hasattr(field, "bulk_units"):
        return lambda value: Tokens(units=field.bulk_units(value))
    if not positional and hasattr(field, "bulk_pieces"):
        return lambda value: Tokens(pieces=field.bulk_pieces(value))
    return partial(_told, field, positional=positional)


def _whole(field: Any, value: Any, positional: bool) -> Tokens:
    """The value as one term."""
    # What `index` would give, without its generators.
    return Tokens([value.encode()]) if isinstance(value, str) else _told(field, value, positional)


def _told(field: Any, value: Any, positional: bool) -> Tokens:
    terms, positions = field.bulk(value) if hasattr(field, "bulk") else _indexed(field, value, positional)
    if positional and (positions is None or len(positions) != len(terms)):
        raise ValueError("a field with positions needs one position for each term")
    return Tokens(terms, positions if positional else None)


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
