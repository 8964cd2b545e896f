"""Which terms does an index on a cluster have? A file of all of them, with how many documents hold each.

It is a segment of the embedded engine without a posting, so what an embedded index says of its terms is
said of these by the same code: frequencies, weights, what a pattern stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.losses import Losses
from indexer.engine.embedded.arrays.postings import FieldPostings, chosen_terms, write_terms
from indexer.engine.embedded.arrays.stored import StoredWriter
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.frequencies import document_frequencies, united
from indexer.engine.fields import FIELDS
from indexer.engine.opensearch.entries import code, scored_fields

NAME = "terms"
"""The attachment."""
# So many postings are added up together.
_ADDED = 1 << 24


def write_term_file(collection: Collection, path: Path) -> None:
    """Write the terms of all segments of an index that documents hold still, but for its ids."""
    none = np.zeros(0, np.uint8)
    writer = SectionWriter(path.open("wb"))
    names: list[str] = []
    for name in FIELDS:
        if name == "id":
            continue
        blob, offsets, counts, places = united(collection, name)
        kept = counts > 0
        if not kept.any():
            continue
        names.append(name)
        terms = chosen_terms(blob, offsets, kept)
        write_terms(writer, name, *terms, np.concatenate([[0], counts[kept].cumsum()]))
        for kind in ("postings", "frequent", "block_freqs"):
            writer.add(f"{name}/{kind}", none)
        if name in scored_fields():
            writer.add(f"{name}/totals", _added(collection, name, places, len(counts))[kept])
    StoredWriter(writer).finish()
    lengths = {name: sum(leaf.total_length(name) for leaf in collection.leaves) for name in names}
    documents = {"documents": collection.count, "field_lengths": lengths}
    writer.close({**documents, "indexed": names, "columns": []})


def _added(collection: Collection, name: str, places: Sequence[Array], count: int) -> Array:
    """How often each term occurs in all documents."""
    found = np.zeros(count, np.int64)
    for leaf, place in zip(collection.leaves, places, strict=True):
        found[place] += _occurrences(leaf.postings(name), leaf.alive)
    return found


def _occurrences(field: FieldPostings, alive: Array | None) -> Array:
    """How often each term of a segment occurs in documents that are `alive`; all are where it is None."""
    starts = np.asarray(field.starts, np.int64)
    found = np.zeros(field.term_count, np.int64)
    first = 0
    while first < field.term_count:
        end = max(first + 1, int(np.searchsorted(starts, starts[first] + _ADDED, "right")) - 1)
        freqs = field.freqs(int(starts[first]), int(starts[end])).astype(np.int64)
        if alive is not None:
            freqs *= alive[field.docs(int(starts[first]), int(starts[end]))]
        found[first:end] = np.add.reduceat(freqs, starts[first:end] - starts[first])
        first = end
    return found


class TermFile:
    """The terms in a file. Raises `IndexCorrupt` where it is not sound."""

    def __init__(self, path: Path) -> None:
        self._file = ArrayFile.open(path)
        self.collection = Collection([(self._file, Losses(int(self._file.metadata["documents"])))])
        """The terms, as a collection of no more than that."""
        self._named: dict[str, Mapping[int, str]] = {}

    def named(self, name: str) -> Mapping[int, str]:
        """The values of a field by what the cluster counts them by."""
        if name not in self._named:
            self._named[name] = {code(value): value for value in document_frequencies(self.collection, name)}
        return self._named[name]

    def totals(self, name: str, terms: Sequence[str]) -> tuple[list[int], int]:
        """How often each term of a scored field occurs, and all terms together."""
        total = sum(leaf.total_length(name) for leaf in self.collection.leaves)
        if not total:
            return [0] * len(terms), 0
        (leaf,) = self.collection.leaves
        field, counts = leaf.postings(name), self._file.section(f"{name}/totals")
        numbers = [field.find(term.encode("utf-8", "surrogatepass")) for term in terms]
        return [int(counts[number]) if number >= 0 else 0 for number in numbers], total
