"""What is a segment in Whoosh's table of contents? Its name, its size and its deletions.

Whoosh pickles segments by their class path, so that of `ArraySegment` is part of the file
format: an index is opened with an explicit schema, and only where a manifest vouches for it. All data of
a segment are in one file, `<segment id>.arrays`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whoosh.codec import base

from indexer.arrays import ArrayFile
from indexer.engine.embedded.whoosh.readers import ArrayDocuments, ArrayTerms

EXTENSION = ".arrays"


class ArraySegment(base.Segment):  # type: ignore[misc]
    """One immutable set of documents; only the set of deleted ones may grow."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self._count = 0
        self._deleted: set[int] = set()

    def codec(self) -> ArrayCodec:
        """The codec that reads this segment."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """Never: a compound file could not be mapped."""
        return False

    def set_doc_count(self, count: int) -> None:
        """Set how many documents there are, deleted or not."""
        self._count = count

    def doc_count_all(self) -> int:
        """How many documents there are, deleted or not."""
        return self._count

    def deleted_count(self) -> int:
        """How many documents are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        """The deleted documents."""
        return frozenset(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document, or take its deletion back."""
        (self._deleted.add if delete else self._deleted.discard)(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


def open_arrays(storage: Any, segment: Any) -> ArrayFile:
    """The segment's file: mapped from a directory, or read from a storage in memory."""
    name = segment.make_filename(EXTENSION)
    if getattr(storage, "folder", ""):
        return ArrayFile.open(Path(storage.folder) / name)
    with storage.open_file(name) as stream:
        return ArrayFile(bytes(stream.read(storage.file_length(name))), name)


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of flat arrays; they are written by `BulkWriter` alone."""

    def terms_reader(self, storage: Any, segment: Any) -> ArrayTerms:
        """The inverted index of a segment."""
        return ArrayTerms(open_arrays(storage, segment))

    def per_document_reader(self, storage: Any, segment: Any) -> ArrayDocuments:
        """The documents of a segment."""
        return ArrayDocuments(open_arrays(storage, segment), segment)

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        """A segment yet to be written."""
        return ArraySegment(indexname)

    def per_document_writer(self, storage: Any, segment: Any) -> _NoWriter:
        """Nothing: `BulkWriter` writes the file itself."""
        return _NoWriter()

    def field_writer(self, storage: Any, segment: Any) -> _NoWriter:
        """Nothing: `BulkWriter` writes the file itself."""
        return _NoWriter()


class _NoWriter:
    """Stands where Whoosh's `SegmentWriter` opens two writers we do not use."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True
