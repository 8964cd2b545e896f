"""How do several segments become one? Array by array, without the documents that are deleted.

**Merging changes no answer**: the new segment says of its documents what those that it is made of said. Which
segments are merged is decided in `chosen`: seldom large ones, so that what is written is in proportion to
what changed, never much at once, and soon enough that segments stay few and deleted documents take no room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.columns import ArrayColumn, Values, write_numbers, write_strings
from indexer.engine.embedded.arrays.losses import Losses
from indexer.engine.embedded.arrays.packing import MAX_DOCUMENTS
from indexer.engine.embedded.arrays.postings import segment_postings
from indexer.engine.embedded.arrays.stored import StoredReader, StoredWriter
from indexer.engine.embedded.building.merging import SortedRun, merge_field
from indexer.engine.embedded.whoosh.index import (
    EXTENSION,
    ArrayCodec,
    ArraySegment,
    opened,
    opened_segment,
)
from indexer.engine.fields import FIELDS, is_scored

MOST_SEGMENTS = 8
"""So many there are at most, but for those that an update adds until it merges."""
_ENOUGH = 3
"""So many are left alone: a search asks each by itself."""
_ALIKE = 4
"""The next segment is taken too if it is at most so many times as large as those before it together."""
_MOST_DELETED = 0.2
"""The share of deleted documents from which on a segment is written anew, if there is time."""
_BUDGET = 1 / 3
"""The share of the documents that is merged at once, in a few percent of the time of a rebuild."""
_MOST_ROOM = 0.3
"""So many deleted documents beside those that are there; with more, worn segments are no longer left."""


def compact(path: Path, whole: bool = False) -> int:
    """Merge segments of the index in the directory `path`, or all of them; returns how many were merged."""
    index = opened(path)
    segments: list[ArraySegment] = [*index._segments()]
    merged = chosen(segments) if not whole else _worth_it(segments)
    if not merged:
        return 0
    writer = MergingWriter(index, [opened_segment(path, segment) for segment in merged])
    names = {segment.segment_id() for segment in merged}
    try:
        writer.commit(mergetype=lambda _, every: [each for each in every if each.segment_id() not in names])
    except BaseException:
        writer.cancel()
        raise
    return len(merged)


def chosen(segments: Sequence[ArraySegment]) -> list[ArraySegment]:
    """Which segments to merge into one; none where they are few, and little of them is deleted.

    The smallest are merged as long as the next is not much larger than all of them, and those of which a
    fifth is deleted, as far as all these are a third of the documents. What would be more is left to a later
    time, until segments are too many or deleted documents take too much room; what would be more than a
    segment holds is left.
    """
    ordered, every = sorted(segments, key=_living), sum(map(_living, segments))
    taken: list[ArraySegment] = []
    forced, total = len(ordered) - MOST_SEGMENTS + 1, 0
    for segment in ordered if len(ordered) > _ENOUGH else ():
        size = _living(segment)
        larger = bool(taken) and size > _ALIKE * total
        if len(taken) >= forced and (larger or total + size > _BUDGET * every):
            break
        taken.append(segment)
        total += size
    due = sum(segment.deleted_count() for segment in segments) > _MOST_ROOM * every
    worn = []
    for segment in ordered[len(taken) :]:
        size = _living(segment)
        if _is_worn(segment) and (due or total + size <= _BUDGET * every):
            worn.append(segment)
            total += size
    found = _fitting([*taken, *worn])
    return found if len(found) > 1 or worn else []


def _is_worn(segment: ArraySegment) -> bool:
    return bool(segment.deleted_count() > _MOST_DELETED * segment.doc_count_all())


def _worth_it(segments: Sequence[ArraySegment]) -> list[ArraySegment]:
    found = _fitting(sorted(segments, key=_living))
    return found if len(found) > 1 or any(segment.has_deletions() for segment in found) else []


def _fitting(segments: Sequence[ArraySegment]) -> list[ArraySegment]:
    """The first of these, as many as one segment holds."""
    totals = np.cumsum([_living(segment) for segment in segments])
    return [*segments[: int(np.searchsorted(totals, MAX_DOCUMENTS, "right"))]]


def _living(segment: ArraySegment) -> int:
    return segment.doc_count_all() - segment.deleted_count()


class MergingWriter(SegmentWriter):  # type: ignore[misc]
    """Adds the documents of other segments to an index as one new segment. The index is locked."""

    def __init__(self, index: FileIndex, sources: Sequence[tuple[ArrayFile, Losses]]) -> None:
        super().__init__(index, codec=ArrayCodec())
        self._sources = sources
        self.docnum = sum(len(kept) for kept in map(_kept, sources))
        self._added = self.docnum > 0
        self._file: SectionWriter | None = None

    def _flush_segment(self) -> None:
        stream = self.newsegment.create_file(self.storage, EXTENSION)
        self._file = SectionWriter(stream, self._tempstorage.folder)
        lengths = {name: self._lengths(name) for name in FIELDS if is_scored(name)}
        runs = {name: self._runs(name) for name in FIELDS}
        indexed = sorted(name for name in runs if any(run.left.any() for run in runs[name]))
        for name in indexed:
            positional = FIELDS[name] == "grams"
            merge_field(self._file, name, runs[name], lengths.get(name), positional, self._release)
        readers = [StoredReader(file) for file, _ in self._sources]
        # Most of what is copied can be copied as it is packed: that of the largest.
        largest = max(range(len(readers)), key=lambda at: int(self._sources[at][0].metadata["documents"]))
        stored = StoredWriter(self._file, readers[largest].dictionary)
        for reader, (_, losses) in zip(readers, self._sources, strict=True):
            stored.copy(reader, losses.alive)
        stored.finish()
        columns = sorted(filter(self._write_column, FIELDS))
        self._file.close(
            {
                "documents": self.docnum,
                "indexed": indexed,
                "columns": columns,
                "field_lengths": {name: self._total(name) for name in lengths if name in indexed},
            }
        )
        self._file = None

    def _runs(self, name: str) -> list[SortedRun]:
        """The postings of a field in each segment, with the new numbers of its documents."""
        found: list[SortedRun] = []
        first = 0
        for file, losses in self._sources:
            kept = _kept((file, losses))
            if name in file.metadata["indexed"]:
                numbers = np.full(int(file.metadata["documents"]), -1, np.int64)
                numbers[kept] = np.arange(first, first + len(kept))
                field = segment_postings(file, name)
                starts = np.asarray(field.starts)
                found.append(SortedRun(field, losses.left(name, starts[:-1], starts[1:]), numbers))
            first += len(kept)
        return found

    def _lengths(self, name: str) -> Array:
        """The bytes of a field's lengths, of all documents."""
        parts = [np.zeros(0, np.uint8)]
        for file, losses in self._sources:
            kept, own = _kept((file, losses)), file.get(f"{name}/lengths")
            parts.append(np.zeros(len(kept), np.uint8) if own is None else own[kept])
        return np.concatenate(parts)

    def _total(self, name: str) -> int:
        """What the lengths of a field add up to, exactly."""
        totals = (
            int(file.metadata["field_lengths"].get(name, 0)) - losses.length(name)
            for file, losses in self._sources
        )
        return sum(totals)

    def _write_column(self, name: str) -> bool:
        """Write a column, if any segment has it."""
        assert self._file is not None
        if not any(name in file.metadata["columns"] for file, _ in self._sources):
            return False
        values = [value for part in self._values(name) for value in part]
        write: Callable[[SectionWriter, str, Values], None] = write_strings
        if FIELDS[name] == "number":
            write = write_numbers
        write(self._file, f"column:{name}", values)
        return True

    def _values(self, name: str) -> Iterator[Values]:
        """The values of a column, of the documents of each segment."""
        none: Values = [0] if FIELDS[name] == "number" else [""]
        for file, losses in self._sources:
            kept = _kept((file, losses))
            if name not in file.metadata["columns"]:
                yield none * len(kept)
                continue
            column = ArrayColumn(file, f"column:{name}", int(file.metadata["documents"]))
            if column.numbers is not None:
                yield column.numbers[kept].tolist()
            else:
                yield [column.unique[place] for place in column.ordinals()[kept].tolist()]

    def _release(self) -> None:
        # What was merged would stay in memory as long as its file is mapped.
        for file, _ in self._sources:
            file.release()

    def cancel(self) -> None:
        """Give up; what was written goes with the directory."""
        if self._file is not None:
            self._file.discard()
        super().cancel()


def _kept(source: tuple[ArrayFile, Losses]) -> Array:
    """The documents of a segment that are not deleted."""
    file, losses = source
    alive = losses.alive
    return np.arange(int(file.metadata["documents"])) if alive is None else np.flatnonzero(alive)
