"""What do all segments of an index know together? Their arrays, and statistics over all of them.

A `Collection` is made once for a snapshot; what it computes (norms, ordinals, ranks) is only added to, so
threads may share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from indexer.arrays import Array, ArrayFile, damaged, decoded, taken
from indexer.engine.embedded.arrays.columns import ArrayColumn, Values
from indexer.engine.embedded.arrays.losses import Losses
from indexer.engine.embedded.arrays.packing import narrowest, unpack_docs
from indexer.engine.embedded.arrays.postings import FieldPostings, empty_postings, segment_postings
from indexer.engine.embedded.arrays.stored import StoredReader
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.vectorized import Field
from indexer.query.filters import LAST_DAY
from indexer.query.ranking import LENGTHS, Scale

# Bounds are float32 and must never be below the score they bound.
_SLACK = 1.000001
ONCE = np.zeros(len(LENGTHS), np.float32)
"""Norms of 0: tf/(tf + 0) is 1, so a term counts its weight once, whatever its frequency."""


class Leaf:
    """One segment: `base` is added to its document numbers, `count` is how many it has, deleted ones too."""

    def __init__(self, file: ArrayFile, losses: Losses, base: int) -> None:
        self.base, self.count, self.losses = base, int(file.metadata["documents"]), losses
        self.stored = StoredReader(file)
        self._file = file
        self._postings = {name: segment_postings(file, name) for name in file.metadata["indexed"]}
        self._columns: dict[str, ArrayColumn] = {}
        self._plans: dict[tuple[str, Scale | None], Field] = {}

    def postings(self, name: str) -> FieldPostings:
        """The arrays of field `name`; an empty field where the segment has none."""
        found = self._postings.get(name)
        return found if found is not None else empty_postings(name)

    def has(self, name: str) -> bool:
        """Whether a document of the segment has terms in field `name`."""
        return name in self._postings

    def column(self, name: str) -> ArrayColumn | None:
        """The column of field `name`, None where no document of the segment has a value."""
        if name not in self._columns and name in self._file.metadata["columns"]:
            column = ArrayColumn(self._file, f"column:{name}", self.count)
            # All years from the first to the last are counted, however few there are documents of.
            if name == "day" and not column.within(0, LAST_DAY):
                raise damaged("a date")
            self._columns[name] = column
        return self._columns.get(name)

    def total_length(self, name: str) -> int:
        """The number of terms of a field in all documents that are not deleted."""
        return int(self._file.metadata["field_lengths"].get(name, 0)) - self.losses.length(name)

    @property
    def alive(self) -> Array | None:
        """For each document 1, or 0 for a deleted one; None where none is deleted."""
        return self.losses.alive

    def living(self) -> Array:
        """The numbers, in the index, of the documents that are not deleted."""
        alive = self.alive
        return (np.arange(self.count) if alive is None else np.flatnonzero(alive)) + self.base

    def plan(self, name: str, scale: Scale | None) -> Field:
        """What the kernel needs of a field; `scale` is None where it is not to be scored."""
        plan = self._plans.get((name, scale))
        if plan is None:
            plan = self._plans[name, scale] = _plan(self.postings(name), scale)
        return plan


def _plan(field: FieldPostings, scale: Scale | None) -> Field:
    tops = field.block_freqs.astype(np.float64)
    norms, bounds = None, tops
    if scale is not None and field.block_lengths is not None:
        norms = np.array(scale.norms(), np.float32)
        bounds = tops / (tops + taken(norms, field.block_lengths, f"field {field.name}"))
    slack = (bounds * _SLACK).astype(np.float32)
    places = field.positions, field.block_positions, field.far
    return field.postings, field.frequent, norms, slack, *places, field.lengths


class Collection:
    """All segments of an index; documents are numbered through, deleted ones too.

    `size` is how many numbers there are, `count` how many of these are documents that are not deleted.
    """

    def __init__(self, segments: Sequence[tuple[ArrayFile, Losses]]) -> None:
        self.leaves: list[Leaf] = []
        self.size = self.count = 0
        for file, losses in segments:
            leaf = Leaf(file, losses, self.size)
            self.leaves += [leaf] if leaf.count else []
            self.size += leaf.count
            self.count += leaf.count - len(losses.deleted)
        self._averages: dict[str, float] = {}
        self._ordinals: dict[str, tuple[Values, Array]] = {}

    def leaf_of(self, document: int) -> Leaf:
        """The segment that a document is in; raises `IndexCorrupt` where no document has the number."""
        for leaf in self.leaves:
            if document < leaf.base + leaf.count:
                return leaf
        raise damaged("the number of a document")

    def average_length(self, name: str) -> float:
        """The average number of terms of a field, or 1 where it has none."""
        found = self._averages.get(name)
        if found is None:
            total = sum(leaf.total_length(name) for leaf in self.leaves)
            found = self._averages[name] = total / (self.count or 1) or 1.0
        return found

    def living(self) -> Array:
        """The numbers of all documents that are not deleted, ascending."""
        return np.concatenate([np.zeros(0, np.int64), *(leaf.living() for leaf in self.leaves)])

    @cached_property
    def _id_places(self) -> list[Array]:
        """For each segment, of each of its ids, ascending, the place among all ids."""
        parts = [leaf.postings("id") for leaf in self.leaves]
        if len(parts) > 1:
            places: list[Array] = active().merge_terms([(part.blob, part.offsets) for part in parts])[2]
            return places
        return [np.arange(part.term_count, dtype=np.uint32) for part in parts]

    def ids(self, documents: Sequence[int]) -> list[str]:
        """The ids of documents."""
        found, several = [], len(self.leaves) > 1
        for document in documents:
            leaf = self.leaf_of(document)
            at = self.leaves.index(leaf) if several else 0
            number = self.id_ranks[at][document - leaf.base]
            if several:
                # Both are of one type: else all places would be copied.
                number = self._id_places[at].searchsorted(number)
            terms, offsets = self._id_terms[at]
            found.append(decoded(bytes(terms[offsets[number] : offsets[number + 1]]), "field id"))
        return found

    @cached_property
    def _id_terms(self) -> list[tuple[memoryview, memoryview]]:
        """For each segment its ids, one after the other, and where each starts."""
        parts = [leaf.postings("id") for leaf in self.leaves]
        return [(part.blob.data, part.offsets.data) for part in parts]

    @cached_property
    def id_ranks(self) -> list[Array]:
        """For each segment, of each document the place of its id among all ids, by UTF-8."""
        return [self._all_id_ranks[leaf.base : leaf.base + leaf.count] for leaf in self.leaves]

    @cached_property
    def _all_id_ranks(self) -> Array:
        parts = [leaf.postings("id") for leaf in self.leaves]
        ranks = np.empty(self.size, np.uint32)
        for leaf, part, place in zip(self.leaves, parts, self._id_places, strict=True):
            # In a segment each id is one document's, so term i has posting i.
            documents = unpack_docs(part.postings)
            if not len(documents) == len(place) == leaf.count or int(documents.max()) >= leaf.count:
                raise damaged("field id")
            ranks[documents + leaf.base] = place
        return ranks

    def ranks_of(self, documents: Array) -> Array:
        """The places of the ids of documents among all ids."""
        ranks: Array = self._all_id_ranks[documents]
        return ranks

    @cached_property
    def title_ranks(self) -> Array:
        """Of each document the place of its title among all titles, by UTF-8; those without one are last."""
        parts = [leaf.postings("title") for leaf in self.leaves]
        places: list[Array] = [np.arange(part.term_count, dtype=np.int64) for part in parts]
        if len(parts) > 1:
            places = active().merge_terms([(part.blob, part.offsets) for part in parts])[2]
        ranks = np.full(self.size, 1 << 40, np.int64)
        for leaf, part, place in zip(self.leaves, parts, places, strict=True):
            documents = unpack_docs(part.postings)
            sizes: Array = np.diff(part.starts.whole().astype(np.int64))
            if len(sizes) and (sizes.min() < 0 or sizes.sum() != len(documents)):
                raise damaged("field title")
            if len(documents) and int(documents.max()) >= leaf.count:
                raise damaged("field title")
            ranks[documents + leaf.base] = np.repeat(place, sizes)
        return ranks

    def ordinals(self, name: str) -> tuple[Values, Array]:
        """A column over all segments: its sorted values, and each document's place in them.

        The first value is what stands for none: 0, or the empty string.
        """
        found = self._ordinals.get(name)
        if found is None:
            found = self._ordinals[name] = self._merge_ordinals(name)
        return found

    def _merge_ordinals(self, name: str) -> tuple[Values, Array]:
        columns = [leaf.column(name) for leaf in self.leaves]
        different = {value for column in columns if column is not None for value in column.unique}
        none = "" if any(isinstance(value, str) for value in different) else 0
        values: Values = sorted(different | {none})
        place = {value: number for number, value in enumerate(values)}
        # Hits are anywhere in it: the narrower it is, the more of it is at hand.
        kind = narrowest(len(values))
        arrays = [
            np.full(leaf.count, place[none], kind)
            if column is None
            else np.array([place[value] for value in column.unique], kind)[column.ordinals()]
            for leaf, column in zip(self.leaves, columns, strict=True)
        ]
        return values, np.concatenate([np.zeros(0, kind), *arrays])
