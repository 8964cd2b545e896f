"""How often do terms stand in documents? One after the other, in all, and beside how much other text.

Counts are exact. How much text each document has is added up once for a snapshot, from the single
characters, Latin words and numbers that it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from indexer.arrays import Array, damaged
from indexer.engine.embedded.arrays.packing import unpack_docs, unpack_freqs
from indexer.engine.embedded.arrays.postings import FieldPostings
from indexer.engine.embedded.kernel.adjacency import following
from indexer.engine.embedded.kernel.slices import slice_docs, slice_freqs
from indexer.engine.embedded.kernel.vectorized import List
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.evaluator import Evaluator
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.selection import allowed_in
from indexer.query.nodes import Node

_AT_ONCE = 1 << 22
# The first bytes of characters that make pairs; what else begins so is looked at.
_FIRST_CJK, _SURELY = 0xE3, 0xE9


def standing(
    request: Request,
    alike: Callable[[str], Array],
    field: str,
    sequences: Sequence[Sequence[str]],
    only: Node | None,
) -> List:
    """The documents of `only` that hold any of the sequences, ascending, and how often in all."""
    docs, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, leaf in enumerate(request.collection.leaves):
        request.check()
        part, found = Evaluator(request, number, alike), np.zeros(leaf.count, np.int64)
        for texts in sequences:
            held, counts = _times(part, field, texts)
            found[held] += counts
        if (allowed := allowed_in(part, only)) is not None:
            found[allowed == 0] = 0
        docs.append(np.flatnonzero(found) + leaf.base)
        times.append(found[found > 0])
    return np.concatenate(docs), np.concatenate(times)


def _times(part: Evaluator, field: str, texts: Sequence[str]) -> List:
    """The documents of a segment that hold terms one after the other, and how often each does."""
    terms = [term for text in texts if (term := part.term(field, text, 0.0))]
    if len(terms) < len(texts) or not terms:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    arrays = part.fields[terms[0][0]]
    if len(terms) == 1:
        _, start, end, _ = terms[0]
        return slice_docs(arrays, start, end), slice_freqs(arrays, start, end)
    ends = following(arrays, [(term,) for term in terms], [(1, 1)] * (len(terms) - 1))
    return np.unique((ends >> 32).astype(np.uint32), return_counts=True)


def characters(collection: Collection, field: str) -> Array:
    """How many characters, Latin words and numbers each document has in a field with positions."""
    counts = np.zeros(collection.size, np.int64)
    for leaf in collection.leaves:
        here = counts[leaf.base : leaf.base + leaf.count]
        for docs, freqs in _of_units(leaf.postings(field)):
            if len(docs) and int(docs.max()) >= leaf.count:
                raise damaged(f"field {field}")
            here += np.bincount(docs, freqs, leaf.count).astype(np.int64)
    return counts


def _of_units(field: FieldPostings) -> Iterator[List]:
    """The postings of terms that are no pairs, a part at a time."""
    if not field.term_count:
        return
    starts = field.starts.whole().astype(np.int64)
    wanted = _units(field)
    if (stop := field.stop) >= 0:
        wanted[stop] = False
    first = 0
    while first < len(wanted):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _AT_ONCE, "right")) - 1)
        low, high = int(starts[first]), int(starts[last])
        keep = np.repeat(wanted[first:last], np.diff(starts[first : last + 1]))
        postings = field.postings[low:high]
        yield unpack_docs(postings)[keep], unpack_freqs(postings, field.frequent, low)[keep]
        first = last


def _units(field: FieldPostings) -> Array:
    """For each term whether it is one character, or a Latin word or number."""
    offsets, blob = field.offsets.whole().astype(np.int64), field.blob.whole()
    lengths, heads = np.diff(offsets), blob[offsets[:-1]]
    # Three bytes begin below 0xf0, four from there on.
    pairs = (heads >= _FIRST_CJK) & (lengths > 3 + (heads >= 0xF0))
    for number in np.flatnonzero(pairs & (heads > _SURELY)).tolist():
        text = field.term(number).decode("utf-8", "replace")
        pairs[number] = len(text) == 2
    units: Array = ~pairs
    return units
