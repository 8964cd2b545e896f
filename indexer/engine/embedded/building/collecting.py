"""What is collected of one field while a segment is written? Its terms, lengths and column."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

from indexer.engine.embedded.building.inversion import Buffer, PairBuffer, PieceBuffer, TermBuffer
from indexer.engine.fields import FIELDS, Kind

_BUFFERS: dict[Kind, Callable[[int], Buffer]] = {
    "words": PieceBuffer,
    "grams": PairBuffer,
    "key": TermBuffer,
    "value": TermBuffer,
}


class FieldCollector:
    """One field, by its name; whatever it has not is None."""

    def __init__(self, name: str) -> None:
        kind = FIELDS[name]
        self.buffer: Buffer | None = None
        self.lengths: array[int] | None = array("I") if kind in ("words", "grams") else None
        self.numbers: array[int] | None = array("q") if kind == "number" else None
        self.strings: list[str] | None = [] if kind == "value" else None
        self.positional = kind == "grams"
        self._make_buffer = _BUFFERS.get(kind)
        self._known: dict[str, str] = {}

    def extend(self, first: int, values: Sequence[Any]) -> None:
        """Add the values of documents from `first` on, None where there is none; they come in order."""
        self.fill(first)
        if self.numbers is not None:
            self.numbers.extend([value or 0 for value in values])
        if self.strings is not None:
            # Of equal ones one is kept.
            self.strings.extend([self._known.setdefault(value, value) if value else "" for value in values])
        if self._make_buffer is not None:
            self.buffer = self.buffer or self._make_buffer(first)
            sizes = self.buffer.extend(first, values)
            if self.lengths is not None:
                self.lengths.extend(sizes)

    def fill(self, count: int) -> None:
        """Give those of `count` documents that had no value the length 0, and what stands for none."""
        if self.lengths is not None:
            self.lengths.extend(repeat(0, count - len(self.lengths)))
        if self.numbers is not None:
            self.numbers.extend(repeat(0, count - len(self.numbers)))
        if self.strings is not None:
            self.strings.extend(repeat("", count - len(self.strings)))
