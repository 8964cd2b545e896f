"""What do all segments of a reader know together? Their arrays, and statistics over all of them.

A `Collection` is made once per reader and remembered; what it computes (norms, ordinals) is only added
to, so threads may share it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.kernel.vectorized import Field
from indexer.engine.embedded.whoosh.readers import ArrayDocuments, ArrayTerms

# Bounds are float32 and must never be below the score they bound.
_SLACK = 1.000001
_KEPT = "_collection_of_arrays"


class Leaf:
    """One segment: `base` is added to its document numbers, `count` is how many it has."""

    def __init__(self, reader: Any, base: int) -> None:
        self.base, self.count = base, int(reader.doc_count_all())
        self.terms: ArrayTerms = reader._terms
        self.documents: ArrayDocuments = reader._perdoc
        self._keys: dict[str, tuple[memoryview, memoryview, memoryview]] = {}
        self._plans: dict[tuple[str, float, float, float] | str, Field] = {}

    @cached_property
    def live(self) -> Array | None:
        """1 for each document that is not deleted, or None where none is."""
        deleted = list(self.documents.deleted_docs())
        if not deleted:
            return None
        mask = np.ones(self.count, np.uint8)
        mask[deleted] = 0
        return mask

    def key(self, name: str, document: int) -> bytes | None:
        """The term that a document has in field `name` (one each), or None."""
        found = self._keys.get(name)
        if found is None:
            field = self.terms.field(name)
            places = np.full(self.count, -1, np.int32)
            numbers = np.arange(field.term_count, dtype=np.int32)
            places[unpack_docs(field.postings)] = np.repeat(numbers, np.diff(field.starts))
            # Single items are taken from a memoryview several times faster than from an array.
            found = self._keys[name] = places.data, field.offsets.data, field.blob.data
        places_of, offsets, blob = found
        number = places_of[document]
        return None if number < 0 else blob[offsets[number] : offsets[number + 1]].tobytes()

    def plan(self, name: str, scale: tuple[float, float, float] | None) -> Field:
        """What the kernel needs of a field; `scale` is (B, K1, average length), None where not scored."""
        key = name if scale is None else (name, *scale)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _plan(self.terms.field(name), scale)
        return plan


def _plan(field: FieldPostings, scale: tuple[float, float, float] | None) -> Field:
    tops = field.block_freqs.astype(np.float64)
    norms, bounds = None, tops
    if scale is not None and field.lengths is not None and field.block_lengths is not None:
        b, k1, average = scale
        longest = int(field.lengths.max()) if len(field.lengths) else 0
        table = (k1 * ((1 - b) + b * np.arange(longest + 1) / average)).astype(np.float32)
        norms = table[field.lengths]
        bounds = tops / (tops + table[field.block_lengths])
    slack = (bounds * _SLACK).astype(np.float32)
    return field.postings, field.frequent, norms, slack, field.positions, field.block_positions, field.far


class Collection:
    """All segments of a reader."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.leaves = [Leaf(leaf, base) for leaf, base in reader.leaf_readers() if leaf.doc_count_all()]
        self.count = int(reader.doc_count_all())
        self._bases = [leaf.base for leaf in self.leaves]
        self._ordinals: dict[str, tuple[list[Any], list[Array]]] = {}
        # (field, term) → its postings in each segment, and in how many documents it is.
        self.known_terms: dict[tuple[str, Any], tuple[list[tuple[int, int]], int]] = {}
        self._averages: dict[str, float] = {}

    def keys_of(self, name: str, docnums: Iterable[int]) -> list[Any]:
        """The one term that each document has in field `name`, such as its id; None where it has none.

        Much faster than reading stored fields.
        """
        from_bytes = self.reader.schema[name].from_bytes
        found = []
        for docnum in docnums:
            leaf = self.leaves[bisect_right(self._bases, docnum) - 1]
            key = leaf.key(name, docnum - leaf.base)
            found.append(None if key is None else from_bytes(key))
        return found

    def average_length(self, name: str) -> float:
        """The average number of terms of a field, or 1 where it has none."""
        found = self._averages.get(name)
        if found is None:
            total = sum(leaf.documents.field_length(name) for leaf in self.leaves)
            found = self._averages[name] = total / (self.count or 1) or 1.0
        return found

    def ordinals(self, name: str) -> tuple[list[Any], list[Array]]:
        """A column over all segments: its sorted values, and per segment each document's place in them."""
        found = self._ordinals.get(name)
        if found is None:
            found = self._ordinals[name] = self._merge_ordinals(name)
        return found

    def _merge_ordinals(self, name: str) -> tuple[list[Any], list[Array]]:
        default = self.reader.schema[name].column_type.default_value()
        columns = [
            leaf.documents.column(name) if leaf.documents.has_column(name) else None for leaf in self.leaves
        ]
        values = sorted({default}.union(*(column.unique for column in columns if column is not None)))
        place = {value: number for number, value in enumerate(values)}
        arrays = []
        for leaf, column in zip(self.leaves, columns, strict=True):
            if column is None:
                arrays.append(np.full(leaf.count, place[default], np.int64))
            else:
                arrays.append(np.array([place[value] for value in column.unique], np.int64)[column.ordinals])
        return values, arrays


def collection_of(reader: Any) -> Collection:
    """The collection of a Whoosh reader over our segments, made at the first call.

    Raises TypeError for a reader that has segments of another codec.
    """
    # Kept on the reader, so that they go together: in a table with weak keys a value that refers to its key
    # keeps both for ever, and with them the files of every generation that was ever live.
    found: Collection | None = vars(reader).get(_KEPT)
    if found is None:
        for leaf, _ in reader.leaf_readers():
            if leaf.doc_count_all() and not isinstance(getattr(leaf, "_terms", None), ArrayTerms):
                raise TypeError(f"{leaf!r}: not a segment of flat arrays")
        found = vars(reader)[_KEPT] = Collection(reader)
    return found
