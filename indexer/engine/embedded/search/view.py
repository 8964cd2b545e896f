"""Which documents does a view have, and what is counted over them? Marks for each segment.

**What is counted here is what an index of these documents alone would say**: how many hold a term, how often
they do, how long they are. So neither a score nor a count says anything of a document that is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.search.collection import Collection

Span = tuple[int, int]
"""The postings of a term in a segment, half-open."""


class View:
    """Some documents of a collection.

    `marks` has for each segment a 1 (uint8) for every document of the view, 0 for the others. State: counts,
    which are only added to, so threads may share it.
    """

    def __init__(self, collection: Collection, marks: Sequence[Array]) -> None:
        self.marks = marks
        self.count = sum(int(own.sum(dtype=np.int64)) for own in marks)
        self._collection = collection
        self._holding: dict[str, list[Array]] = {}
        self._lengths: dict[str, int] = {}

    @cached_property
    def all_marks(self) -> Array:
        """The marks of all segments, one after the other."""
        return np.concatenate([np.zeros(0, np.uint8), *self.marks])

    @property
    def documents(self) -> Array:
        """The numbers of the documents, ascending."""
        return np.flatnonzero(self.all_marks)

    def has(self, document: int) -> bool:
        """Whether a document of the collection is one of the view."""
        return bool(self.all_marks[document])

    def holding(self, name: str, spans: Sequence[Span]) -> int:
        """How many documents the postings of a term in each segment are of."""
        parts = zip(self._collection.leaves, self.marks, spans, strict=True)
        return sum(
            int(marks[leaf.postings(name).docs(start, end)].sum(dtype=np.int64))
            for leaf, marks, (start, end) in parts
            if end > start
        )

    def frequencies(self, name: str) -> list[Array]:
        """For each segment how many documents hold each term of a field, in the order of its terms."""
        if name not in self._holding:
            self._holding[name] = [
                added(marks[unpack_docs(leaf.postings(name).postings)], leaf.postings(name).starts.whole())
                for leaf, marks in zip(self._collection.leaves, self.marks, strict=True)
            ]
        return self._holding[name]

    def occurrences(self, name: str) -> list[Array]:
        """For each segment how often each term of a field occurs, in the order of its terms."""
        found = []
        for leaf, marks in zip(self._collection.leaves, self.marks, strict=True):
            field = leaf.postings(name)
            times = field.freqs(0, len(field.postings)) * marks[unpack_docs(field.postings)].astype(np.int64)
            found.append(added(times, field.starts.whole()))
        return found

    def times(self, name: str, spans: Sequence[Span]) -> int:
        """How often a term occurs whose postings in each segment are these."""
        total = 0
        for leaf, marks, (start, end) in zip(self._collection.leaves, self.marks, spans, strict=True):
            field = leaf.postings(name)
            total += int(field.freqs(start, end)[marks[field.docs(start, end)] != 0].sum(dtype=np.int64))
        return total

    def length(self, name: str) -> int:
        """How many terms of a field there are; ends of sentences are none."""
        if name not in self._lengths:
            times = self.occurrences(name)
            total = sum(int(own.sum()) for own in times)
            for leaf, own in zip(self._collection.leaves, times, strict=True):
                stop = leaf.postings(name).stop
                total -= int(own[stop]) if stop >= 0 else 0
            self._lengths[name] = total
        return self._lengths[name]

    def average_length(self, name: str) -> float:
        """The average number of terms of a field, or 1 where it has none."""
        return self.length(name) / (self.count or 1) or 1.0


def added(numbers: Array, starts: Array) -> Array:
    """The sum of `numbers[starts[i]:starts[i + 1]]` for each i.

    >>> added(np.array([1, 0, 1, 1], np.uint8), np.array([0, 1, 1, 4], np.uint32)).tolist()
    [1, 0, 2]
    """
    sums = np.concatenate([[0], np.cumsum(numbers, dtype=np.int64)])
    return np.diff(sums[starts.astype(np.int64)])
