"""What does Whoosh keep of an index? The table of contents: a schema, and the segments with their sizes.

Whoosh pickles segments by their class path, so that of `ArraySegment` is part of the file format: an index is
opened with an explicit schema, and only where a manifest vouches for it. All data of a segment are in one
file, `<segment id>.arrays`, which `BulkWriter` writes and `indexer.engine.embedded.search` reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from pickle import UnpicklingError
from types import TracebackType
from typing import Any

from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, EmptyIndexError, FileIndex
from whoosh.index import IndexError as WhooshIndexError

from indexer.arrays import ArrayFile, damaged
from indexer.engine.embedded.arrays.losses import EXTENSION as LOSSES
from indexer.engine.embedded.arrays.losses import Losses
from indexer.engine.embedded.whoosh.schema import make_schema
from indexer.errors import IndexOutdated

EXTENSION = ".arrays"
NAME = "MAIN"


class ArraySegment(base.Segment):  # type: ignore[misc]
    """One set of documents, written once; which of them are deleted is said here, and so by the commit."""

    _deleted: frozenset[int] = frozenset()

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self._count = 0

    def codec(self) -> ArrayCodec:
        """The codec that writes this segment."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """Never: a compound file could not be mapped."""
        return False

    def set_doc_count(self, count: int) -> None:
        """Set how many documents there are."""
        self._count = count

    def doc_count_all(self) -> int:
        """How many documents there are."""
        return self._count

    def has_deletions(self) -> bool:
        """Whether documents are deleted."""
        return bool(self._deleted)

    def deleted_count(self) -> int:
        """How many documents are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        """The numbers of those."""
        return self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document, or take that back. The file of the segment stays as it is."""
        self.delete_documents([docnum], delete)

    def delete_documents(self, docnums: Iterable[int], delete: bool = True) -> None:
        """Delete many at once."""
        self._deleted = self._deleted.union(docnums) if delete else self._deleted.difference(docnums)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """What `SegmentWriter` asks for; segments are written by `BulkWriter` and read as arrays."""

    def new_segment(self, storage: FileStorage, indexname: str) -> ArraySegment:
        """A segment yet to be written."""
        return ArraySegment(indexname)

    def per_document_writer(self, storage: FileStorage, segment: ArraySegment) -> _NoWriter:
        """Nothing: `BulkWriter` writes the file itself."""
        return _NoWriter()

    def field_writer(self, storage: FileStorage, segment: ArraySegment) -> _NoWriter:
        """Nothing: `BulkWriter` writes the file itself."""
        return _NoWriter()


class _NoWriter:
    """Stands where Whoosh's `SegmentWriter` opens two writers we do not use."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def create(path: Path) -> FileIndex:
    """A new, empty index in a directory."""
    return FileIndex.create(FileStorage(str(path)), make_schema(), NAME)


def begin(path: Path, segments: Iterable[ArraySegment]) -> None:
    """Begin an index in a directory where the files of these segments are already."""
    TOC(make_schema(), [*segments], 0).write(FileStorage(str(path)), NAME)


def opened(path: Path) -> FileIndex:
    """The index in a directory, or a new one where there is none."""
    try:
        return FileIndex(FileStorage(str(path)), make_schema(), NAME)
    except EmptyIndexError:
        return create(path)


class _Storage(FileStorage):  # type: ignore[misc]
    """Closes what Whoosh opened: it leaves a table of contents open that it cannot read."""

    def __enter__(self) -> _Storage:
        self._opened: list[StructFile] = []
        return self

    def open_file(self, name: str, **options: Any) -> StructFile:
        self._opened.append(super().open_file(name, **options))
        return self._opened[-1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._opened:
            if not stream.is_closed:
                stream.close()


def segment_files(path: Path) -> list[tuple[ArrayFile, Losses]]:
    """The segments of an index with their losses, in the order of its table of contents."""
    return [opened_segment(path, segment) for segment in segments_of(path)]


def segments_of(path: Path) -> list[ArraySegment]:
    """What the table of contents of an index has of its segments. It is unpickled here.

    Its content was verified before: what cannot be unpickled was written by another release, or by another
    Whoosh. Raises `IndexOutdated` for that.
    """
    try:
        with _Storage(str(path)) as storage:
            return [*FileIndex(storage, make_schema(), NAME)._segments()]
    except (ImportError, AttributeError, TypeError, UnpicklingError, WhooshIndexError) as error:
        raise IndexOutdated(f"{path}: written by another release ({error}); run `hansou rebuild`") from error


def opened_segment(path: Path, segment: ArraySegment) -> tuple[ArrayFile, Losses]:
    """The file of a segment and its losses. Raises `IndexCorrupt` where these do not go together."""
    file = ArrayFile.open(path / segment.make_filename(EXTENSION))
    losses = Losses(int(file.metadata["documents"]))
    if segment.has_deletions():
        losing = ArrayFile.open(path / segment.make_filename(LOSSES))
        losses = Losses(int(file.metadata["documents"]), losing)
    if len(losses.deleted) != segment.deleted_count():
        raise damaged("the list of deleted documents")
    return file, losses


def is_of_segment(name: str) -> bool:
    """Whether a file of an index holds a segment or what is deleted of it."""
    return name.endswith((EXTENSION, LOSSES))


def unpickled(files: Iterable[str]) -> list[str]:
    """The files that Whoosh unpickles on opening: their content is to be verified first."""
    return [name for name in files if name.endswith(".toc")]
