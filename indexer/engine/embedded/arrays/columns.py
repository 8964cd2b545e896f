"""How are column values kept? Numbers as one array, byte strings as codes into sorted unique values.

Both sort and count without touching Python objects: `keys` is an array that sorts as the values do.
A document without a value has the column's own default (`whoosh.columns.Column.default_value`).
Values other than numbers, booleans and bytes are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from whoosh import columns

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.packing import narrowest


class ColumnBuffer:
    """The values of one column while a segment is written."""

    def __init__(self, default: Any) -> None:
        self._default = default
        self.values: list[Any] = []

    def put(self, document: int, value: Any) -> None:
        """Set the value of a document; documents come in order, those left out get the default."""
        self.fill(document)
        self.values.append(value)

    def fill(self, count: int) -> None:
        """Give the default to all documents up to `count` that have no value yet."""
        missing = count - len(self.values)
        if missing > 0:
            self.values.extend([self._default] * missing)


def write_column(writer: SectionWriter, name: str, values: Sequence[Any]) -> None:
    """Write the column `name`; raises TypeError for values that are neither numbers nor bytes."""
    if all(isinstance(value, bytes) for value in values):
        unique = sorted(set(values))
        place = {value: code for code, value in enumerate(unique)}
        codes = np.fromiter(map(place.__getitem__, values), narrowest(len(unique)), len(values))
        ends = np.cumsum([0, *map(len, unique)], dtype=np.uint64)
        writer.add(f"{name}/codes", codes)
        writer.add(f"{name}/values", np.frombuffer(b"".join(unique), np.uint8))
        writer.add(f"{name}/ends", ends)
        return
    numbers = np.array(values)
    if numbers.dtype == object or numbers.dtype.kind not in "biuf":
        raise TypeError(f"column {name}: values must be numbers or bytes")
    writer.add(f"{name}/numbers", numbers.view(np.uint8) if numbers.dtype == np.bool_ else numbers)


class ArrayColumn(columns.ColumnReader):  # type: ignore[misc]
    """One column of one segment, as Whoosh reads it and as arrays."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._numbers = file.get(f"{name}/numbers")
        codes = file.get(f"{name}/codes")
        self._codes = codes
        self._boolean = self._numbers is not None and self._numbers.dtype == np.uint8
        self._blob, self._ends = file.get(f"{name}/values"), file.get(f"{name}/ends")
        self._reverse = False

    @property
    def keys(self) -> Array:
        """An array that orders the documents of this segment as their values do."""
        keys = self._numbers if self._numbers is not None else self._codes
        assert keys is not None
        return keys

    @cached_property
    def unique(self) -> list[Any]:
        """All different values, ascending."""
        if self._numbers is not None:
            found = np.unique(self._numbers).tolist()
            return [bool(value) for value in found] if self._boolean else found
        assert self._blob is not None and self._ends is not None
        blob, ends = self._blob.tobytes(), self._ends.tolist()
        return [blob[start:end] for start, end in pairwise(ends)]

    @cached_property
    def ordinals(self) -> Array:
        """For each document the place of its value in `unique`."""
        if self._codes is not None:
            return self._codes
        assert self._numbers is not None
        return np.searchsorted(np.unique(self._numbers), self._numbers)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, document: int) -> Any:
        if self._numbers is not None:
            value = self._numbers[document].item()
            return bool(value) if self._boolean else value
        assert self._blob is not None and self._ends is not None
        code = int(self.keys[document])
        return self._blob[self._ends[code] : self._ends[code + 1]].tobytes()

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def sort_key(self, document: int) -> Any:
        """The value; after `set_reverse` the number negated."""
        return 0 - self[document] if self._reverse else self[document]

    def load(self) -> list[Any]:
        """All values."""
        return list(self)

    def set_reverse(self) -> None:
        """Make `sort_key` descend; NotImplementedError for byte strings, as in Whoosh."""
        if self._numbers is None:
            raise NotImplementedError
        self._reverse = True
