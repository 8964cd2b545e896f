"""What do the deleted documents of a segment no longer count for? A file beside that of the segment.

    deleted        the documents, ascending
    F/starts       the first postings of those terms of field F that lost documents, ascending
    F/documents    how many each of them lost
    F/occurrences  how often these hold it

`metadata["field_lengths"]` has what the lengths of the fields add up to less. **A segment with its
losses says of its terms what one without the documents would say.**
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter, damaged
from indexer.engine.embedded.arrays.packing import DOC_BITS, DOC_MASK, MOST, look_up
from indexer.engine.embedded.arrays.postings import FieldPostings, segment_postings
from indexer.engine.fields import is_scored

EXTENSION = ".losses"
_AT_ONCE = 1 << 22
_NONE: Array = np.zeros(0, np.int64)
_BEYOND = np.int64(1 << 62)


class Losses:
    """The losses of a segment of `count` documents; without a file there are none."""

    def __init__(self, count: int, file: ArrayFile | None = None) -> None:
        self._file, self._count = file, count
        self._columns: dict[tuple[str, str], tuple[Array, Array]] = {}
        self.deleted: Array = _NONE if file is None else file.array("deleted")
        ascending = (self.deleted[1:] > self.deleted[:-1]).all()
        if not ascending or (len(self.deleted) and int(self.deleted[-1]) >= count):
            raise damaged("the list of deleted documents")

    @cached_property
    def alive(self) -> Array | None:
        """For each document 1, or 0 for a deleted one; None where none is deleted."""
        if not len(self.deleted):
            return None
        marks = np.ones(self._count, np.uint8)
        marks[self.deleted] = 0
        return marks

    def _column(self, name: str, what: str) -> tuple[Array, Array]:
        """The first postings of the terms of a field that lost documents, and an amount for each."""
        found = self._columns.get((name, what))
        if found is None:
            found = self._columns[name, what] = self._read(name, what)
        return found

    def _read(self, name: str, what: str) -> tuple[Array, Array]:
        if self._file is None or f"{name}/starts" not in self._file:
            return _NONE, _NONE
        starts, amounts = self._file.array(f"{name}/starts"), self._file.array(f"{name}/{what}")
        if len(starts) != len(amounts):
            raise damaged(f"what is deleted of field {name}")
        # One more, at no posting, is behind all that is looked for.
        return np.append(starts, _BEYOND), np.append(amounts, 0)

    def lost(self, name: str, starts: Array) -> Array:
        """How many documents each term of a field lost whose postings begin at `starts`; 0 where none do."""
        return self._at(name, "documents", starts)

    def occurrences(self, name: str, starts: Array) -> Array:
        """How often the deleted documents hold each term whose postings begin at `starts`; 0 for none."""
        return self._at(name, "occurrences", starts)

    def _at(self, name: str, what: str, starts: Array) -> Array:
        known, amounts = self._column(name, what)
        if not len(known):
            return np.zeros(len(starts), np.int64)
        places = known.searchsorted(starts)
        return np.where(known[places] == starts, amounts[places], 0)

    def left(self, name: str, starts: Array, ends: Array) -> Array:
        """How many documents that are not deleted hold each term of a field, whose postings are given."""
        counts: Array = ends.astype(np.int64) - starts.astype(np.int64) - self.lost(name, starts)
        if len(counts) and int(counts.min()) < 0:
            raise damaged(f"what is deleted of field {name}")
        return counts

    def length(self, name: str) -> int:
        """How many terms of a field all deleted documents have together."""
        return 0 if self._file is None else int(self._file.metadata["field_lengths"].get(name, 0))


def write_losses(path: Path, file: ArrayFile, deleted: Array) -> None:
    """Write what the segment `file` loses with the ascending documents `deleted`; reads all its postings."""
    marks = np.zeros(int(file.metadata["documents"]), np.bool_)
    marks[deleted] = True
    with path.open("wb") as stream:
        writer = SectionWriter(stream)
        writer.add("deleted", deleted.astype(np.uint32))
        lengths: dict[str, int] = {}
        for name in file.metadata["indexed"]:
            field = segment_postings(file, name)
            starts, documents, occurrences, lengths[name] = _lost(field, marks)
            writer.add(f"{name}/starts", starts)
            writer.add(f"{name}/documents", documents.astype(np.uint32))
            writer.add(f"{name}/occurrences", occurrences)
        scored = {name: length for name, length in lengths.items() if is_scored(name)}
        writer.close({"field_lengths": scored})


def _lost(field: FieldPostings, marks: Array) -> tuple[Array, Array, Array, int]:
    """The terms that lose documents, by their first posting; how many; how often; their lengths."""
    starts = np.asarray(field.starts)
    found, times, length = [_NONE], [_NONE], 0
    uncounted = _uncounted(field)
    for at, freqs in _dead(field, marks):
        found.append(starts[np.searchsorted(starts, at, "right") - 1].astype(np.int64))
        times.append(freqs.astype(np.int64))
        inside = (at >= uncounted[0]) & (at < uncounted[1])
        length += int(freqs[~inside].sum(dtype=np.int64))
    terms, which, documents = np.unique(np.concatenate(found), return_inverse=True, return_counts=True)
    occurrences = np.bincount(which, np.concatenate(times), len(terms)).astype(np.int64)
    return terms, documents, occurrences, length


def _uncounted(field: FieldPostings) -> tuple[int, int]:
    """The postings of what is in a field and not in its length: ends of sentences among grams."""
    stop = field.stop
    return (0, 0) if stop < 0 else field.span(stop)


def _dead(field: FieldPostings, marks: Array) -> Iterator[tuple[Array, Array]]:
    """The postings of marked documents, by their index, and the frequency of each; some at a time."""
    for start in range(0, len(field.postings), _AT_ONCE):
        postings = field.postings[start : min(start + _AT_ONCE, len(field.postings))]
        at = np.flatnonzero(marks[postings & DOC_MASK])
        freqs = postings[at] >> np.uint32(DOC_BITS)
        if len(field.frequent):
            many = np.flatnonzero(freqs == MOST)
            freqs[many] = look_up(field.frequent, at[many] + start)
        yield at + start, freqs
