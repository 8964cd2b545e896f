"""How are documents written? In bulk: buffered by field, sorted at the end, spilled when memory is full.

`BulkWriter` is a Whoosh `SegmentWriter`: lock, table of contents, deletions, merge policies and commit
are Whoosh's. Peak memory is about three times `memory_mb` and does not depend on the number of
documents but for some 30 bytes each (lengths and columns).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.writing import SegmentWriter

from indexer.codec.columns import ColumnBuffer, write_column
from indexer.codec.container import Array, ArrayFile, SectionWriter
from indexer.codec.inversion import PairBuffer, TermBuffer, Tokens, is_positional, tokenizer
from indexer.codec.merging import Source, merge_field
from indexer.codec.packing import MAX_DOCUMENTS
from indexer.codec.postings import narrow, open_postings
from indexer.codec.segment import EXTENSION, ArrayCodec
from indexer.codec.stored import StoredWriter, encode_row

MEMORY_MB = 256
_CHECK_EVERY = 64


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is done with a field's values."""

    name: str
    stored_name: str
    field: Any
    tokens: Callable[[Any], Tokens]
    indexed: bool
    positional: bool
    paired: bool
    scorable: bool
    stored: bool
    column: bool
    keeps: bool

    @classmethod
    def of(cls, name: str, field: Any) -> _Plan:
        """The plan of a field type."""
        positional = bool(field.indexed) and is_positional(field)
        stored, column = bool(field.stored), bool(field.column_type)
        return cls(
            name,
            f"_stored_{name}",
            field,
            tokenizer(field, positional),
            bool(field.indexed),
            positional,
            positional and hasattr(field, "bulk_units"),
            bool(field.scorable),
            stored,
            column,
            stored or column,
        )


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
        self._buffers: dict[str, TermBuffer | PairBuffer] = {}
        self._lengths: dict[str, array[int]] = {}
        self._columns: dict[str, ColumnBuffer] = {}
        self._runs: list[ArrayFile] = []
        self._sources: dict[str, list[Source]] = {}
        self._plans: dict[str, _Plan] = {}
        self._written = False

    def add_document(self, **fields: Any) -> None:
        """Add a document given as keyword arguments, as Whoosh's writers do; boosts are refused.

        A document that raises is left out as a whole, and the writer can go on.
        """
        self._check_state()
        self._make_room(1)
        if any(name.endswith("_boost") for name in fields):
            raise ValueError("boosts at index time are not supported")
        plans = [(self._plan(name), value) for name, value in fields.items() if name[0] != "_"]
        kept = {plan.name: fields.get(plan.stored_name, value) for plan, value in plans if plan.keeps}
        given = [(plan, value) for plan, value in plans if value is not None]
        tokens = [(plan, plan.tokens(value)) for plan, value in given if plan.indexed and value != []]
        columns = [
            (plan.name, plan.field.to_column_value(kept[plan.name]))
            for plan, _ in given
            if plan.column and kept[plan.name] is not None
        ]
        row = encode_row({plan.name: kept[plan.name] for plan, _ in given if plan.stored})
        # Nothing has changed so far; nothing fails from here on.
        for plan, found in tokens:
            self._add_tokens(plan, found)
        for name, value in columns:
            self._column(name).put(self.docnum, value)
        self._stored.add(row)
        self.docnum += 1
        self._added = True
        if self.docnum % _CHECK_EVERY == 0 and self._buffered() > self._budget:
            self._spill()

    def _make_room(self, count: int) -> None:
        if self.docnum + count > MAX_DOCUMENTS:
            raise ValueError(f"a segment holds {MAX_DOCUMENTS} documents at most; commit, then go on")

    def _plan(self, name: str) -> _Plan:
        plan = self._plans.get(name)
        if plan is None:
            self._check_fields(self.schema, [name])
            plan = self._plans[name] = _Plan.of(name, self.schema[name])
        return plan

    def _add_tokens(self, plan: _Plan, tokens: Tokens) -> None:
        buffer = self._buffers.get(plan.name)
        if buffer is None:
            buffer = PairBuffer() if plan.paired else TermBuffer(plan.positional)
            self._buffers[plan.name] = buffer
        count = buffer.add(self.docnum, tokens)
        if count and plan.scorable:
            self._set_length(plan.name, self.docnum, count)

    def _set_length(self, name: str, document: int, length: int) -> None:
        lengths = self._lengths.setdefault(name, array("I"))
        lengths.extend([0] * (document - len(lengths)))
        lengths.append(length)

    def _column(self, name: str) -> ColumnBuffer:
        if name not in self._columns:
            self._columns[name] = ColumnBuffer(self.schema[name].column_type.default_value())
        return self._columns[name]

    def _buffered(self) -> int:
        return sum(buffer.size for buffer in self._buffers.values())

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
                    self._copy_lengths(name, postings.lengths[live])
        self._copy_documents(reader._perdoc, live)
        self.docnum += len(live)
        self._added = True

    def _copy_lengths(self, name: str, lengths: Array) -> None:
        own = self._lengths.setdefault(name, array("I"))
        own.extend([0] * (self.docnum - len(own)))
        own.extend(lengths.tolist())

    def _copy_documents(self, documents: Any, live: Array) -> None:
        for number in live.tolist():
            self._stored.add(documents.stored_row(number))
        for name, field in self.schema.items():
            if field.column_type and documents.has_column(name):
                column, target = documents.column(name), self._column(name)
                target.fill(self.docnum)
                target.values.extend(column[number] for number in live.tolist())

    def _spill(self) -> None:
        """Write the buffered tokens as a sorted run and forget them."""
        if not self._buffers:
            return
        path = Path(self._tempstorage.folder) / f"{self.newsegment.segment_id()}.run{len(self._runs)}"
        run = SectionWriter(path.open("wb"))
        filled = {name: buffer for name, buffer in self._buffers.items() if buffer.size}
        for name, buffer in filled.items():
            buffer.write(run, name, None)
        run.close({})
        file = ArrayFile.open(path)
        self._runs.append(file)
        for name in filled:
            self._sources.setdefault(name, []).append(Source(open_postings(file, name)))
        self._buffers = {}

    def _flush_segment(self) -> None:
        if self._sources:
            self._spill()
        self._buffers = {name: buffer for name, buffer in self._buffers.items() if buffer.size}
        lengths = self._whole_lengths()
        indexed = sorted({*self._buffers, *self._sources})
        for name in indexed:
            if name in self._buffers:
                self._buffers.pop(name).write(self._file, name, lengths.get(name))
            else:
                positional = is_positional(self.schema[name])
                sources = self._sources.pop(name)
                merge_field(self._file, name, sources, lengths.get(name), positional, self._release)
        self._stored.finish()
        for name, column in self._columns.items():
            column.fill(self.docnum)
            write_column(self._file, f"column:{name}", column.values)
        self._file.close(self._metadata(indexed, lengths))
        self._written = True

    def _release(self) -> None:
        # What was merged would stay in memory as long as its file is mapped.
        for file in self._runs:
            file.release()

    def _whole_lengths(self) -> dict[str, Array]:
        for lengths in self._lengths.values():
            lengths.extend([0] * (self.docnum - len(lengths)))
        return {name: narrow(np.array(lengths, np.uint32)) for name, lengths in self._lengths.items()}

    def _metadata(self, indexed: list[str], lengths: Mapping[str, Array]) -> dict[str, Any]:
        return {
            "documents": self.docnum,
            "indexed": indexed,
            "columns": sorted(self._columns),
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
        self._sources, self._buffers = {}, {}
        self._stored.discard()
        self._file.discard()
        # Where the folder is gone too, what went wrong before is what is to be told.
        with suppress(FileNotFoundError):
            self.storage.delete_file(self.newsegment.make_filename(EXTENSION))
