"""What is collected of one field while a segment is written? Its terms, lengths and column."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from indexer.engine.embedded.arrays.columns import ColumnBuffer
from indexer.engine.embedded.building.inversion import Buffer, is_positional, reader_of


class FieldCollector:
    """One field, by its name and type; whatever it has not is None."""

    def __init__(self, name: str, type_: Any) -> None:
        self.name, self.stored = name, bool(type_.stored)
        self.buffer: Buffer | None = None
        self.lengths: array[int] | None = None
        self.column: ColumnBuffer | None = None
        self.read: Callable[[Any], Any] | None = None
        """What a value is turned into, before it is added."""
        self.positional = bool(type_.indexed) and is_positional(type_)
        self.column_value: Callable[[Any], Any] | None = type_.to_column_value if type_.column_type else None
        self._type, self._scorable = type_, bool(type_.scorable)
        if type_.indexed:
            self.read, self._make_buffer = reader_of(type_)

    def add(self, document: int, tokens: Any) -> None:
        """Add what was read of a document's value; documents come in ascending order."""
        if self.buffer is None:
            self.buffer = self._make_buffer()
        count = self.buffer.add(document, tokens)
        if count and self._scorable:
            self.fill_lengths(document).append(count)

    def fill_lengths(self, count: int) -> array[int]:
        """The lengths, 0 for each of `count` documents that has none."""
        if self.lengths is None:
            self.lengths = array("I")
        if len(self.lengths) < count:
            self.lengths.extend([0] * (count - len(self.lengths)))
        return self.lengths

    def fill_column(self, count: int) -> list[Any]:
        """The values of the column, its default for each of `count` documents that has none."""
        if self.column is None:
            self.column = ColumnBuffer(self._type.column_type.default_value())
        self.column.fill(count)
        return self.column.values
