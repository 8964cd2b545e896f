"""How are documents written? In bulk: buffered by field, sorted at the end, spilled when memory is full.

`BulkWriter` is a Whoosh `SegmentWriter`: lock, table of contents, deletions, merge policies and commit
are Whoosh's. Peak memory is about three times `memory_mb` and does not depend on the number of
documents but for some 30 bytes each (lengths and columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.writing import SegmentWriter

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.engine.embedded.arrays.columns import write_column
from indexer.engine.embedded.arrays.packing import MAX_DOCUMENTS
from indexer.engine.embedded.arrays.postings import narrow, open_postings
from indexer.engine.embedded.arrays.stored import StoredWriter, encode_row
from indexer.engine.embedded.building.collecting import FieldCollector
from indexer.engine.embedded.building.inversion import Buffer, is_positional
from indexer.engine.embedded.building.merging import Source, merge_field
from indexer.engine.embedded.whoosh.segment import EXTENSION, ArrayCodec

MEMORY_MB = 256
_CHECK_EVERY = 64


class BulkWriter(SegmentWriter):  # type: ignore[misc]
    """Adds documents to an index as one new segment.

    `index` is a Whoosh `FileIndex`; `memory_mb` bounds the buffered tokens. Raises `whoosh.index.LockError`
    where another writer is at work.
    """

    def __init__(self, index: Any, memory_mb: int = MEMORY_MB, **options: Any) -> None:
        super().__init__(index, codec=ArrayCodec(), **options)
        self._budget = max(1, memory_mb) << 20
        stream = self.newsegment.create_file(self.storage, EXTENSION)
        spools = getattr(self._tempstorage, "folder", None)
        self._file = SectionWriter(stream, spools)
        self._stored = StoredWriter(self._file)
        self._fields: dict[str, FieldCollector] = {}
        # For each set of names that a document came with: its fields, and where the stored value of each is.
        self._layouts: dict[tuple[str, ...], list[tuple[FieldCollector, str]]] = {}
        self._runs: list[ArrayFile] = []
        self._sources: dict[str, list[Source]] = {}
        self._written = False

    def add_document(self, **fields: Any) -> None:
        """Add a document given as keyword arguments, as Whoosh's writers do; boosts are refused.

        A document that raises is left out as a whole, and the writer can go on.
        """
        self._check_state()
        self._make_room(1)
        names = tuple(fields)
        layout = self._layouts.get(names) or self._layout(names)
        tokens: list[tuple[FieldCollector, Any]] = []
        columns: list[tuple[FieldCollector, Any]] = []
        row: dict[str, Any] = {}
        for field, kept in layout:
            value = fields[field.name]
            if value is None:
                continue
            if field.read is not None and value != []:
                tokens.append((field, field.read(value)))
            if field.stored:
                row[field.name] = fields[kept]
            if field.column_value is not None and fields[kept] is not None:
                columns.append((field, field.column_value(fields[kept])))
        packed = encode_row(row)
        # Nothing has changed so far; nothing fails from here on.
        for field, found in tokens:
            field.add(self.docnum, found)
        for field, value in columns:
            field.fill_column(self.docnum).append(value)
        self._stored.add(packed)
        self.docnum += 1
        self._added = True
        if self.docnum % _CHECK_EVERY == 0 and self._buffered() > self._budget:
            self._spill()

    def _layout(self, names: tuple[str, ...]) -> list[tuple[FieldCollector, str]]:
        """What is done with a document that has fields of these names."""
        if any(name.endswith("_boost") for name in names):
            raise ValueError("boosts at index time are not supported")
        kept = {name.removeprefix("_stored_"): name for name in names if name.startswith("_stored_")}
        own = [name for name in names if name[0] != "_"]
        layout = self._layouts[names] = [(self._field(name), kept.get(name, name)) for name in own]
        return layout

    def _make_room(self, count: int) -> None:
        if self.docnum + count > MAX_DOCUMENTS:
            raise ValueError(f"a segment holds {MAX_DOCUMENTS} documents at most; commit, then go on")

    def _field(self, name: str) -> FieldCollector:
        field = self._fields.get(name)
        if field is None:
            self._check_fields(self.schema, [name])
            field = self._fields[name] = FieldCollector(name, self.schema[name])
        return field

    def _buffered(self) -> int:
        return sum(field.buffer.size for field in self._fields.values() if field.buffer is not None)

    def add_reader(self, reader: Any) -> None:
        """Add the live documents of another segment reader of ours (merging, optimizing)."""
        self._check_state()
        self._spill()
        numbers = np.full(reader.doc_count_all(), -1, np.int64)
        live = np.fromiter(reader.all_doc_ids(), np.int64)
        self._make_room(len(live))
        numbers[live] = np.arange(self.docnum, self.docnum + len(live))
        for name in reader.indexed_field_names():
            if name in self.schema:
                postings = reader._terms.field(name)
                self._sources.setdefault(name, []).append(Source(postings, numbers))
                if postings.lengths is not None:
                    self._field(name).fill_lengths(self.docnum).extend(postings.lengths[live].tolist())
        self._copy_documents(reader._perdoc, live)
        self.docnum += len(live)
        self._added = True

    def _copy_documents(self, documents: Any, live: Array) -> None:
        for number in live.tolist():
            self._stored.add(documents.stored_row(number))
        for name, field in self.schema.items():
            if field.column_type and documents.has_column(name):
                column = documents.column(name)
                self._field(name).fill_column(self.docnum).extend(column[number] for number in live.tolist())

    def _spill(self) -> None:
        """Write the buffered tokens as a sorted run and forget them."""
        filled = self._take_buffers()
        if not filled:
            return
        path = Path(self._tempstorage.folder) / f"{self.newsegment.segment_id()}.run{len(self._runs)}"
        run = SectionWriter(path.open("wb"))
        for name, buffer in filled.items():
            buffer.write(run, name, None)
        run.close({})
        file = ArrayFile.open(path)
        self._runs.append(file)
        for name in filled:
            self._sources.setdefault(name, []).append(Source(open_postings(file, name)))

    def _take_buffers(self) -> dict[str, Buffer]:
        """The buffers of all fields, which then have none."""
        taken = {name: field.buffer for name, field in self._fields.items() if field.buffer is not None}
        for name in taken:
            self._fields[name].buffer = None
        return taken

    def _flush_segment(self) -> None:
        if self._sources:
            self._spill()
        buffers = self._take_buffers()
        lengths = self._whole_lengths()
        indexed = sorted({*buffers, *self._sources})
        for name in indexed:
            if name in buffers:
                buffers.pop(name).write(self._file, name, lengths.get(name))
            else:
                positional = is_positional(self.schema[name])
                sources = self._sources.pop(name)
                merge_field(self._file, name, sources, lengths.get(name), positional, self._release)
        self._stored.finish()
        columns = {name: field for name, field in self._fields.items() if field.column is not None}
        for name, field in columns.items():
            write_column(self._file, f"column:{name}", field.fill_column(self.docnum))
        self._file.close(self._metadata(indexed, sorted(columns), lengths))
        self._written = True

    def _release(self) -> None:
        # What was merged would stay in memory as long as its file is mapped.
        for file in self._runs:
            file.release()

    def _whole_lengths(self) -> dict[str, Array]:
        return {
            name: narrow(np.array(field.fill_lengths(self.docnum), np.uint32))
            for name, field in self._fields.items()
            if field.lengths is not None
        }

    def _metadata(
        self, indexed: list[str], columns: list[str], lengths: Mapping[str, Array]
    ) -> dict[str, Any]:
        return {
            "documents": self.docnum,
            "indexed": indexed,
            "columns": columns,
            "field_lengths": {name: int(array.sum(dtype=np.uint64)) for name, array in lengths.items()},
        }

    def _close_segment(self) -> None:
        if not self._written:
            self._discard()
        for file in self._runs:
            Path(file.where).unlink(missing_ok=True)
        super()._close_segment()

    def finish_segment(self) -> Any:
        """Write the segment and close without a commit; whoever commits adds it to the table of contents."""
        segment = self._finalize_segment()
        self._finish()
        return segment

    def _discard(self) -> None:
        """Remove the unfinished file."""
        self._sources, self._fields = {}, {}
        self._stored.discard()
        self._file.discard()
        # Where the folder is gone too, what went wrong before is what is to be told.
        with suppress(FileNotFoundError):
            self.storage.delete_file(self.newsegment.make_filename(EXTENSION))
