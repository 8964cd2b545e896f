"""How is a set of small numbers held, of millions of files? A byte for each number up to the largest.

**It is a set like Python's own**, at a fiftieth of the room, and its numbers come in ascending order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet, Sequence

_ROOM = 1 << 10


class FileNumbers(MutableSet[int]):
    """A set of numbers from 0 on, such as those of files in a catalog."""

    __slots__ = ("_count", "_marks")

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._marks = bytearray()
        self._count = 0
        self.update([*numbers])

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and 0 <= number < len(self._marks) and self._marks[number] == 1

    def __iter__(self) -> Iterator[int]:
        return (number for number, mark in enumerate(self._marks) if mark)

    def __len__(self) -> int:
        return self._count

    def add(self, number: int) -> None:
        """Put a number in. Raises ValueError for one below 0."""
        self.update([number])

    def update(self, numbers: Sequence[int]) -> None:
        """Put several in. Raises ValueError for one below 0."""
        if numbers and min(numbers) < 0:
            raise ValueError(f"{min(numbers)} is below 0")
        if (most := max(numbers, default=0)) >= len(self._marks):
            self._marks.extend(bytes(most + _ROOM - len(self._marks)))
        marks = self._marks
        for number in numbers:
            self._count += not marks[number]
            marks[number] = 1

    def discard(self, number: int) -> None:
        """Take a number out, if it is in."""
        if number in self:
            self._marks[number] = 0
            self._count -= 1
