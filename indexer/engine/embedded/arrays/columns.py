"""How are column values kept? Numbers as one array, strings as codes into the sorted different ones.

Both sort and count without touching Python objects. A document without a value has 0, or the empty string.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter, damaged, decoded_parts
from indexer.engine.embedded.arrays.packing import narrowest

Values = list[Any]
"""Numbers, or strings."""


def write_numbers(writer: SectionWriter, name: str, values: Sequence[int]) -> None:
    """Write a column of numbers, one for each document."""
    writer.add(f"{name}/numbers", np.array(values, np.int64))


def write_strings(writer: SectionWriter, name: str, values: Sequence[str]) -> None:
    """Write a column of strings, one for each document."""
    unique = sorted(set(values))
    place = {value: code for code, value in enumerate(unique)}
    raw = [value.encode("utf-8", "surrogatepass") for value in unique]
    writer.add(
        f"{name}/codes", np.fromiter(map(place.__getitem__, values), narrowest(len(unique)), len(values))
    )
    writer.add(f"{name}/values", np.frombuffer(b"".join(raw), np.uint8))
    writer.add(f"{name}/ends", np.cumsum([0, *map(len, raw)], dtype=np.uint64))


class ArrayColumn:
    """One column of one segment."""

    def __init__(self, file: ArrayFile, name: str, count: int) -> None:
        self.numbers, self._codes = file.get(f"{name}/numbers"), file.get(f"{name}/codes")
        """The numbers of all documents; None where the values are strings."""
        self._blob, self._ends = file.get(f"{name}/values"), file.get(f"{name}/ends")
        values = self._codes if self.numbers is None else self.numbers
        if values is None or len(values) != count:
            raise damaged(f"column {name}")

    def within(self, least: int, most: int) -> bool:
        """Whether all values are numbers from `least` to `most`."""
        numbers = self.numbers
        return numbers is not None and (
            not len(numbers) or (int(numbers.min()) >= least and int(numbers.max()) <= most)
        )

    @cached_property
    def unique(self) -> Values:
        """All different values, ascending."""
        if self.numbers is not None:
            found: list[int] = np.unique(self.numbers).tolist()
            return found
        assert self._blob is not None and self._ends is not None
        return decoded_parts(self._blob, self._ends[:-1], self._ends[1:])

    def ordinals(self) -> Array:
        """For each document the place of its value in `unique`."""
        if self.numbers is None:
            assert self._codes is not None
            if int(self._codes.max(initial=0)) >= len(self.unique):
                raise damaged("a column")
            return self._codes
        places: Array = np.searchsorted(np.unique(self.numbers), self.numbers)
        return places
