"""Which terms does a field have, and in how many documents is each? Read off the arrays, without postings.

**What is read does not depend on how the documents are spread over segments.**
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, damaged, decoded, decoded_parts
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.arrays.postings import FieldPostings, chosen_terms
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.adjacency import scattered_starts
from indexer.engine.embedded.search.collection import Collection, Leaf
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.embedded.search.view import View, added


def document_frequencies(
    collection: Collection,
    field: str,
    *,
    longest: int | None = None,
    most: int | None = None,
    view: View | None = None,
) -> dict[str, int]:
    """Each term of `field` over all segments, and how many documents hold it, in order.

    Only terms of at most `longest` bytes; of more than `most` those that most documents hold, and of
    equals the shortest. Of a `view` only what its documents hold.
    """
    blob, offsets, counts, _ = united(collection, field, view, longest)
    lengths = np.diff(offsets)
    chosen = np.flatnonzero(counts > 0)
    if most is not None and len(chosen) > most:
        chosen = np.sort(chosen[np.lexsort((lengths[chosen], -counts[chosen]))[:most]])
    terms = decoded_parts(blob, offsets[:-1][chosen], offsets[1:][chosen])
    return dict(zip(terms, counts[chosen].tolist(), strict=True))


def occurrences(collection: Collection, field: str, view: View | None = None) -> dict[str, int]:
    """Each term of `field`, and how often it occurs in all documents, or in those of a `view`."""
    found: dict[str, int] = {}
    for at, leaf in enumerate(collection.leaves):
        part = leaf.postings(field)
        for number, count in enumerate(_times(leaf, part) if view is None else view.occurrences(field)[at]):
            if count:
                term = decoded(part.term(number))
                found[term] = found.get(term, 0) + int(count)
    return found


def _times(leaf: Leaf, part: FieldPostings) -> Array:
    """For each term of a field in a segment how often it occurs."""
    freqs = part.freqs(0, len(part.postings)).astype(np.int64)
    if leaf.alive is not None:
        freqs *= leaf.alive[unpack_docs(part.postings)]
    return added(freqs, part.starts.whole())


def _left(leaf: Leaf, part: FieldPostings, which: Array | slice) -> Array:
    """For terms of a field in a segment how many documents hold each."""
    starts = np.asarray(part.starts)
    return leaf.losses.left(part.name, starts[:-1][which], starts[1:][which])


def totals(statistics: TermStatistics, field: str, terms: Sequence[str]) -> tuple[list[int], int]:
    """How often each term of a field occurs in all documents, and all terms together.

    Positions follow one another as postings do: where those of a term start and end says how many it has.
    """
    known = [statistics.term(field, term).spans for term in terms]
    if view := statistics.view:
        return [view.times(field, spans) for spans in known], view.length(field)
    counts, leaves = np.zeros(len(terms), np.int64), statistics.collection.leaves
    for number, leaf in enumerate(leaves):
        spans = np.array([own[number] for own in known], np.int64).reshape(-1, 2)
        if leaf.postings(field).positions is None:
            freqs = leaf.postings(field).freqs
            counts += np.array([freqs(*span).sum(dtype=np.int64) for span in spans.tolist()], np.int64)
        elif len(leaf.postings(field).postings):
            starts = scattered_starts(leaf.plan(field, None), spans.ravel()).reshape(-1, 2)
            counts += np.where(spans[:, 1] > spans[:, 0], starts[:, 1] - starts[:, 0], 0)
        # An empty span begins at no posting.
        counts -= leaf.losses.occurrences(field, np.where(spans[:, 1] > spans[:, 0], spans[:, 0], -1))
    return counts.tolist(), sum(leaf.total_length(field) for leaf in leaves)


def united(
    collection: Collection, field: str, view: View | None = None, longest: int | None = None
) -> tuple[Array, Array, Array, list[Array]]:
    """The terms of all segments, sorted (blob, offsets), the documents of each, and each segment's places.

    With `longest` those of so many bytes alone.
    """
    parts = [leaf.postings(field) for leaf in collection.leaves]
    each, terms = [], []
    for number, (leaf, part) in enumerate(zip(collection.leaves, parts, strict=True)):
        which = _of_length(part, longest)
        terms.append(_terms(part, which))
        each.append(_left(leaf, part, which) if view is None else view.frequencies(field)[number][which])
    if len(parts) == 1:
        return *terms[0], each[0], [np.arange(len(each[0]))]
    blob, offsets, places = active().merge_terms(terms)
    counts = np.zeros(len(offsets) - 1, np.int64)
    for place, count in zip(places, each, strict=True):
        counts[place] += count
    return blob, np.asarray(offsets, np.int64), counts, [*places]


def _of_length(part: FieldPostings, longest: int | None) -> Array | slice:
    """Which terms of a field have at most so many bytes."""
    if longest is None:
        return slice(None)
    offsets = np.asarray(part.offsets, np.int64)
    lengths = np.diff(offsets)
    if len(lengths) and (lengths.min() < 0 or offsets[0] or offsets[-1] != len(part.blob)):
        raise damaged(f"field {part.name}")
    return lengths <= longest


def _terms(part: FieldPostings, which: Array | slice) -> tuple[Array, Array]:
    """The terms (blob, offsets) of a field that are in `which`."""
    blob, offsets = np.ascontiguousarray(part.blob), np.asarray(part.offsets, np.int64)
    return (blob, offsets) if isinstance(which, slice) else chosen_terms(blob, offsets, which)
