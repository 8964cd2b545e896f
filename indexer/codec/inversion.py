"""How do a document's terms become postings? Interned as numbers, sorted once when written.

A `FieldBuffer` holds the tokens of one field in the order of the documents: a number for each term,
its position, and how many tokens each document has. Nothing is done per token in Python but what
`map` and `array.extend` do in C. Terms may be text (from `bulk`) or bytes (from `FieldType.index`);
one field uses one of the two.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from whoosh import formats

from indexer.codec.container import Array, SectionWriter
from indexer.codec.kernel import active
from indexer.codec.postings import write_postings

TOKEN_BYTES = 8
TERM_BYTES = 220


class Numbers(dict[Any, int]):
    """Gives each new key the next number."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class FieldBuffer:
    """The tokens of one field. `positional` says whether positions are kept."""

    def __init__(self, positional: bool) -> None:
        self.positional = positional
        self._numbers = Numbers()
        self._terms, self._positions = array("I"), array("I")
        self._docs, self._counts = array("I"), array("I")

    def add(self, document: int, terms: Sequence[Any], positions: Sequence[int] | None) -> None:
        """Append a document's terms; at least one; documents come in ascending order."""
        active().intern(self._numbers, terms, self._terms)
        if self.positional:
            if positions is None or len(positions) != len(terms):
                raise ValueError("a field with positions needs one position for each term")
            self._positions.extend(positions)
        self._docs.append(document)
        self._counts.append(len(terms))

    @property
    def size(self) -> int:
        """About how many bytes the buffer holds."""
        return len(self._terms) * TOKEN_BYTES + len(self._numbers) * TERM_BYTES

    def write(self, writer: SectionWriter, name: str, lengths: Array | None) -> None:
        """Write the field's sections; the buffer is empty afterwards."""
        ordered = sorted(self._numbers)
        numbers = np.fromiter(map(self._numbers.__getitem__, ordered), np.uint32, len(ordered))
        ranks = np.empty(len(ordered), np.uint32)
        ranks[numbers] = np.arange(len(ordered), dtype=np.uint32)
        self._numbers = Numbers()
        blob = encode_terms(ordered)
        del ordered, numbers
        positions = np.frombuffer(self._positions, np.uint32) if self.positional else None
        tokens = (np.frombuffer(part, np.uint32) for part in (self._terms, self._docs, self._counts))
        terms, docs, counts = tokens
        grouped = active().group(terms, ranks, docs, counts, positions)
        del terms, docs, counts, positions, tokens
        self._terms, self._positions = array("I"), array("I")
        self._docs, self._counts = array("I"), array("I")
        write_postings(writer, name, blob, grouped, lengths)


def encode_terms(terms: Sequence[Any]) -> tuple[Array, Array]:
    """Sorted terms (all text or all bytes) as (blob, offsets)."""
    if terms and isinstance(terms[0], str):
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
    else:
        encoded = list(terms)
    ends = np.cumsum(np.fromiter(chain((0,), map(len, encoded)), np.int64, len(encoded) + 1))
    return np.frombuffer(b"".join(encoded), np.uint8), ends


def terms_of(field: Any, value: Any) -> tuple[Sequence[Any], Sequence[int] | None]:
    """The terms of a field's value in order and their positions, where the field has them.

    Asks the field's `bulk` where it has one, else `FieldType.index`. Raises ValueError for weights
    other than frequencies: boosts at index time are not supported.
    """
    if hasattr(field, "bulk"):
        bulk: tuple[Sequence[Any], Sequence[int] | None] = field.bulk(value)
        return bulk
    terms: list[bytes] = []
    positions: list[int] = []
    positional = is_positional(field)
    for text, frequency, weight, payload in field.index(value):
        if weight != frequency:
            raise ValueError(f"term {text!r}: boosts at index time are not supported")
        terms.extend(repeat(text, frequency))
        if positional:
            positions.extend(field.format.decode_positions(payload))
    return terms, positions if positional else None


def is_positional(field: Any) -> bool:
    """Whether a field keeps positions; raises TypeError for formats that keep still more."""
    kinds = (formats.Existence, formats.Frequency, formats.Positions)
    if type(field.format) not in kinds:
        raise TypeError(f"format {type(field.format).__name__} is not supported")
    return type(field.format) is formats.Positions
