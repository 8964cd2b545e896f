"""How are documents written? In bulk: buffered by field, sorted at the end, spilled when memory is full.

`BulkWriter` is a Whoosh `SegmentWriter`: lock, table of contents and commit are Whoosh's. Peak memory is
about three times `memory_mb` and does not depend on the number of documents but for some 30 bytes each
(lengths and columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import numpy as np
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.columns import write_numbers, write_strings
from indexer.engine.embedded.arrays.packing import MAX_DOCUMENTS
from indexer.engine.embedded.arrays.postings import FieldPostings, coded, open_postings
from indexer.engine.embedded.arrays.stored import StoredWriter
from indexer.engine.embedded.building.collecting import FieldCollector
from indexer.engine.embedded.building.inversion import Buffer
from indexer.engine.embedded.building.merging import SortedRun, merge_field
from indexer.engine.embedded.whoosh.index import EXTENSION, ArrayCodec, ArraySegment
from indexer.engine.fields import Fields
from indexer.jsontext import encoded

MEMORY_MB = 256
_RECORD = "stored"


class BulkWriter(SegmentWriter):  # type: ignore[misc]
    """Adds documents to an index as one new segment.

    `memory_mb` bounds the buffered tokens. With `alone` the index is locked: raises `whoosh.index.LockError`
    where another writer is at work.
    """

    def __init__(self, index: FileIndex, memory_mb: int = MEMORY_MB, alone: bool = True) -> None:
        super().__init__(index, codec=ArrayCodec(), _lk=alone)
        self._budget = max(1, memory_mb) << 20
        self._file = SectionWriter(
            self.newsegment.create_file(self.storage, EXTENSION), self._tempstorage.folder
        )
        self._stored = StoredWriter(self._file)
        self._fields: dict[str, FieldCollector] = {}
        self._spilled: list[ArrayFile] = []
        self._runs: dict[str, list[FieldPostings]] = {}
        self._written = False

    def extend(self, documents: Sequence[Fields]) -> None:
        """Add documents: of each its values by field. Raises ValueError when the segment is full."""
        if self.docnum + len(documents) > MAX_DOCUMENTS:
            raise ValueError(f"a segment holds {MAX_DOCUMENTS} documents at most; commit, then go on")
        for name in {*chain.from_iterable(documents)} - {_RECORD}:
            values = [document.get(name) for document in documents]
            if any(value is not None for value in values):
                self._field(name).extend(self.docnum, values)
        for document in documents:
            record = document.get(_RECORD) or {}
            assert isinstance(record, dict)
            self._stored.add(encoded(record))
        self.docnum += len(documents)
        self._added = True
        if self._buffered() > self._budget:
            self._spill()

    def _field(self, name: str) -> FieldCollector:
        field = self._fields.get(name)
        if field is None:
            self._check_fields(self.schema, [name])
            field = self._fields[name] = FieldCollector(name)
        return field

    def _buffered(self) -> int:
        return sum(field.buffer.size for field in self._fields.values() if field.buffer is not None)

    def _spill(self) -> None:
        """Write the buffered tokens as a sorted run and forget them."""
        filled = self._take_buffers()
        if not filled:
            return
        path = Path(self._tempstorage.folder) / f"{self.newsegment.segment_id()}.run{len(self._spilled)}"
        run = SectionWriter(path.open("wb"))
        names = sorted(filled)
        for name in names:
            filled.pop(name).write(run, name, None)
        run.close({})
        file = ArrayFile.open(path)
        self._spilled.append(file)
        for name in names:
            self._runs.setdefault(name, []).append(open_postings(file, name))

    def _take_buffers(self) -> dict[str, Buffer]:
        """The buffers of all fields, which then have none."""
        taken = {name: field.buffer for name, field in self._fields.items() if field.buffer is not None}
        for name in taken:
            self._fields[name].buffer = None
        return taken

    def _flush_segment(self) -> None:
        if self._runs:
            self._spill()
        buffers = self._take_buffers()
        for field in self._fields.values():
            field.fill(self.docnum)
        lengths = {
            name: np.array(field.lengths, np.uint32)
            for name, field in self._fields.items()
            if field.lengths is not None
        }
        indexed = sorted({*buffers, *self._runs})
        for name in indexed:
            codes = coded(lengths[name]) if name in lengths else None
            self._write_field(name, buffers.pop(name, None), codes)
        self._stored.finish()
        columns = self._write_columns()
        self._file.close(
            {
                "documents": self.docnum,
                "indexed": indexed,
                "columns": columns,
                "field_lengths": {name: int(array.sum(dtype=np.uint64)) for name, array in lengths.items()},
            }
        )
        self._written = True

    def _write_columns(self) -> list[str]:
        """Write the columns; their names, in order."""
        written = []
        for name, field in sorted(self._fields.items()):
            if field.numbers:
                write_numbers(self._file, f"column:{name}", field.numbers)
            elif field.strings:
                write_strings(self._file, f"column:{name}", field.strings)
            written += [name] if field.numbers or field.strings else []
        return written

    def _write_field(self, name: str, buffer: Buffer | None, lengths: Array | None) -> None:
        if buffer is not None:
            buffer.write(self._file, name, lengths)
            return
        runs, positional = [*map(SortedRun.whole, self._runs.pop(name))], self._fields[name].positional
        merge_field(self._file, name, runs, lengths, positional, self._release)

    def _release(self) -> None:
        # What was merged would stay in memory as long as its file is mapped.
        for file in self._spilled:
            file.release()

    def _close_segment(self) -> None:
        if not self._written:
            self._discard()
        for file in self._spilled:
            Path(file.where).unlink(missing_ok=True)
        super()._close_segment()

    def finish_segment(self) -> ArraySegment:
        """Write the segment and close without a commit; whoever commits adds it to the table of contents."""
        segment: ArraySegment = self._finalize_segment()
        self._finish()
        return segment

    def _discard(self) -> None:
        """Remove the unfinished file."""
        self._runs, self._fields = {}, {}
        self._stored.discard()
        self._file.discard()
        # Where the folder is gone too, what went wrong before is what is to be told.
        with suppress(FileNotFoundError):
            self.storage.delete_file(self.newsegment.make_filename(EXTENSION))
