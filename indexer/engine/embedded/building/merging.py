"""How do the sorted runs of a field become one field? By arrays, a bounded number of postings at a time.

Runs are in document order: the documents of each come after those of the one before, so a stable sort by term
leaves every posting list ascending. The runs of a segment being written are numbered alike; a segment that is
merged says which number each of its documents gets, and which are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from indexer.arrays import Array, SectionWriter
from indexer.engine.embedded.arrays.postings import (
    FieldPostings,
    Part,
    chosen_terms,
    write_postings,
    write_terms,
)
from indexer.engine.embedded.kernel import active

CHUNK_POSTINGS = 1 << 21
# Keys within a chunk fit 16 bits, for which numpy's stable sort is a radix sort.
CHUNK_TERMS = 1 << 16


class SortedRun(NamedTuple):
    """A sorted run: its postings, how many documents of each term are merged, and the new number of each.

    Without `numbers` documents keep theirs; -1 leaves a document out.
    """

    field: FieldPostings
    left: Array
    numbers: Array | None = None

    @classmethod
    def whole(cls, field: FieldPostings) -> SortedRun:
        """A run of which all documents are merged, by the numbers that they have."""
        return cls(field, np.diff(np.asarray(field.starts, np.int64)))


def merge_field(
    writer: SectionWriter,
    name: str,
    runs: Sequence[SortedRun],
    lengths: Array | None,
    positional: bool,
    release: Callable[[], None] = lambda: None,
) -> None:
    """Write the union of `runs` as field `name`; `lengths` are those of all documents.

    `release` is called again and again when what was read of the runs is done with.
    """
    blob, offsets, ranks = active().merge_terms([(run.field.blob, run.field.offsets) for run in runs])
    totals = np.zeros(len(offsets) - 1, np.int64)
    for run, places in zip(runs, ranks, strict=True):
        totals[places] += run.left
    held = totals > 0
    terms = chosen_terms(np.asarray(blob), np.asarray(offsets, np.int64), held)
    write_terms(writer, name, *terms, np.concatenate([[0], np.cumsum(totals[held])]))
    release()
    write_postings(writer, name, _parts(runs, ranks, totals, release), lengths, positional)


def _parts(
    runs: Sequence[SortedRun], ranks: Sequence[Array], totals: Array, release: Callable[[], None]
) -> Iterator[Part]:
    """The postings of all runs, a range of terms at a time."""
    for low, high in _chunks(totals):
        cuts = [_cut(run, places, low, high) for run, places in zip(runs, ranks, strict=True)]
        yield _merge_chunk(cuts)
        release()


def _chunks(totals: Array) -> Iterator[tuple[int, int]]:
    """Ranges of terms with at most CHUNK_TERMS terms and, but for a single term, CHUNK_POSTINGS postings."""
    ends = np.cumsum(totals)
    low = done = 0
    while low < len(totals):
        high = int(np.searchsorted(ends, done + CHUNK_POSTINGS, side="right"))
        high = max(low + 1, min(high, low + CHUNK_TERMS))
        yield low, high
        low, done = high, int(ends[high - 1])


Cut = tuple[Array, Array, Array, Array | None]


def _cut(run: SortedRun, places: Array, low: int, high: int) -> Cut:
    """A run's part of a chunk: (term within the chunk, document, frequency, positions)."""
    field, numbers = run.field, run.numbers
    first, last = np.searchsorted(places, [low, high])
    start, end = int(field.starts[first]), int(field.starts[last])
    terms = np.repeat((places[first:last] - low).astype(np.uint16), np.diff(field.starts[first : last + 1]))
    docs, freqs = field.docs(start, end), field.freqs(start, end)
    positions = None
    if field.positions is not None:
        head = field.position_start(start) if end > start else 0
        positions = field.positions_from(head, int(freqs.sum(dtype=np.int64)))
    if numbers is None:
        return terms, docs, freqs, positions
    kept = numbers[docs] >= 0
    if positions is not None:
        positions = positions[np.repeat(kept, freqs)]
    return terms[kept], numbers[docs[kept]].astype(np.uint32), freqs[kept], positions


def _merge_chunk(cuts: Sequence[Cut]) -> Part:
    terms = np.concatenate([cut[0] for cut in cuts])
    docs, freqs = np.concatenate([cut[1] for cut in cuts]), np.concatenate([cut[2] for cut in cuts])
    parts = [cut[3] for cut in cuts if cut[3] is not None]
    order = np.argsort(terms, kind="stable")
    if not parts:
        return docs[order], freqs[order], None
    spots = np.argsort(np.repeat(terms, freqs), kind="stable")
    return docs[order], freqs[order], np.concatenate(parts)[spots]
