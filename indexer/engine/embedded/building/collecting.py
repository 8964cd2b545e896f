"""What is collected of one field while a segment is written? Its terms, lengths and column."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from indexer.engine.embedded.building.inversion import Buffer, PairBuffer, PieceBuffer, TermBuffer
from indexer.engine.fields import FIELDS, Kind

_BUFFERS: dict[Kind, Callable[[], Buffer]] = {
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
        self.numbers: list[int] | None = [] if kind == "number" else None
        self.strings: list[str] | None = [] if kind == "value" else None
        self.positional = kind == "grams"
        self._make_buffer = _BUFFERS.get(kind)

    def add(self, document: int, value: Any) -> None:
        """Add a document's value; documents come in ascending order."""
        self.fill(document)
        if self.numbers is not None:
            self.numbers.append(value)
        if self.strings is not None:
            self.strings.append(value)
        if self._make_buffer is not None:
            self.buffer = self.buffer or self._make_buffer()
            count = self.buffer.add(document, value)
            if self.lengths is not None:
                self.lengths.append(count)

    def fill(self, count: int) -> None:
        """Give those of `count` documents that had no value the length 0, and what stands for none."""
        if self.lengths is not None:
            self.lengths.extend([0] * (count - len(self.lengths)))
        if self.numbers is not None:
            self.numbers.extend([0] * (count - len(self.numbers)))
        if self.strings is not None:
            self.strings.extend([""] * (count - len(self.strings)))
