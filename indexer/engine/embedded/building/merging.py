"""How do several sources become one field? By arrays, a bounded number of postings at a time.

A source is the field of a spilled run or of an older segment, with a map from its document numbers to
the new ones (-1 for deleted). Sources are in document order: each one's new numbers are greater than
those of the one before, so a stable sort by term leaves every posting list ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Array, SectionWriter
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.arrays.postings import FieldPostings, Part, write_postings, write_terms
from indexer.engine.embedded.kernel.kernel import active

CHUNK_POSTINGS = 1 << 21
# Keys within a chunk fit 16 bits, for which numpy's stable sort is a radix sort.
CHUNK_TERMS = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """A field to merge; `new_numbers` is None where document numbers stay as they are."""

    field: FieldPostings
    new_numbers: Array | None = None


def merge_field(
    writer: SectionWriter,
    name: str,
    sources: Sequence[Source],
    lengths: Array | None,
    positional: bool,
    release: Callable[[], None] = lambda: None,
) -> None:
    """Write the union of `sources` as field `name`; `lengths` are those of the new documents.

    `release` is called again and again when what was read of the sources is done with.
    """
    blob, offsets, ranks = active().merge_terms([(part.field.blob, part.field.offsets) for part in sources])
    counts = [_live_counts(source) for source in sources]
    totals = np.zeros(len(offsets) - 1, np.int64)
    for places, live in zip(ranks, counts, strict=True):
        totals[places] += live
    kept = totals > 0
    whole = blob if kept.all() else blob[np.repeat(kept, np.diff(offsets))]
    write_terms(writer, name, whole, _ends(np.diff(offsets)[kept]), _ends(totals[kept]))
    release()
    write_postings(writer, name, _parts(sources, ranks, totals, release), lengths, positional)


def _ends(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts)])


def _live_counts(source: Source) -> Array:
    starts = source.field.starts
    if source.new_numbers is None or not len(source.field.postings):
        return np.diff(starts).astype(np.int64)
    live = np.concatenate([[0], np.cumsum(source.new_numbers[unpack_docs(source.field.postings)] >= 0)])
    return np.diff(live[starts])


def _parts(
    sources: Sequence[Source], ranks: Sequence[Array], totals: Array, release: Callable[[], None]
) -> Iterator[Part]:
    """The postings of all sources, a range of terms at a time."""
    for low, high in _chunks(totals):
        cuts = [_cut(source, places, low, high) for source, places in zip(sources, ranks, strict=True)]
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


def _cut(source: Source, places: Array, low: int, high: int) -> Cut:
    """A source's part of a chunk: (term within the chunk, document, frequency, positions)."""
    field = source.field
    first, last = np.searchsorted(places, [low, high])
    start, end = int(field.starts[first]), int(field.starts[last])
    terms = np.repeat((places[first:last] - low).astype(np.uint16), np.diff(field.starts[first : last + 1]))
    docs, freqs = field.docs(start, end), field.freqs(start, end)
    positions = None
    if field.positions is not None:
        head = field.position_start(start) if end > start else 0
        positions = field.positions_from(head, int(freqs.sum(dtype=np.int64)))
    if source.new_numbers is None:
        return terms, docs, freqs, positions
    docs = source.new_numbers[docs]
    live = docs >= 0
    if positions is not None:
        positions = positions[np.repeat(live, freqs)]
    return terms[live], docs[live].astype(np.uint32), freqs[live], positions


def _merge_chunk(cuts: Sequence[Cut]) -> Part:
    terms = np.concatenate([cut[0] for cut in cuts])
    docs, freqs = np.concatenate([cut[1] for cut in cuts]), np.concatenate([cut[2] for cut in cuts])
    parts = [cut[3] for cut in cuts if cut[3] is not None]
    order = np.argsort(terms, kind="stable")
    if not parts:
        return docs[order], freqs[order], None
    spots = np.argsort(np.repeat(terms, freqs), kind="stable")
    return docs[order], freqs[order], np.concatenate(parts)[spots]
