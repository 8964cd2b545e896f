"""Which files are known under another name? What an index has of them is taken over: they are not read again.

**What is taken over is what reading the file would give**: the name of a file decides of what kind it is and
what its documents are called, and of some kinds whether a title is no more than the file's name. A file that
has another name in such a way, or of which not every document has its id, is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from indexer.documents.catalog import Catalog, KnownDocument, KnownFile
from indexer.documents.content import content_of
from indexer.documents.document import Document, FileOrigin, Former
from indexer.documents.kinds import COMPRESSED, HEAD, kind_of, suffix_of
from indexer.documents.ledger import LedgerRow
from indexer.documents.numbers import FileNumbers
from indexer.documents.readers.files import open_file
from indexer.documents.sources import FileItem, SourceFile, stat_of
from indexer.errors import ReadError

Records = Callable[[Sequence[str]], Iterable[Mapping[str, Any]]]
"""The records that an index has of documents by their ids, in that order."""
_TITLED = frozenset("pdf docx pptx xlsx odt odp ods epub rtf".split()) | COMPRESSED
"""Kinds of which a title that is the file's name is dropped, and those that such a file may lie in."""
_RECORDS = 64


class MovedFile(NamedTuple):
    """A file, as it is known under another name: its content, its documents, what the ledger has of it.

    It is `gone` where there is no such file any more.
    """

    name: str
    content: bytes
    gone: bool
    documents: Sequence[tuple[str, KnownDocument]]
    rows: Sequence[LedgerRow]


def known_instead(
    catalog: Catalog, files: Iterable[SourceFile], unread: Container[int], records: Records
) -> Callable[[SourceFile], Iterable[FileItem] | None]:
    """What there is instead of reading a file; None where it is to be read.

    That is nothing for one that is kept, and what it had for one that has moved.
    """
    moves = moved_files(catalog, files, unread)

    def instead(file: SourceFile) -> Iterable[FileItem] | None:
        if file.known in unread:
            return ()
        moved = moves.get(file.key)
        return taken_over(file, moved, records) if moved else None

    return instead


def moved_files(
    catalog: Catalog, files: Iterable[SourceFile], unread: Container[int]
) -> dict[tuple[str, str], MovedFile]:
    """Those of the files that are to be read and that the catalog knows the content of, by their keys."""
    sized = [(file, stat_of(file.place).size) for file in files if file.known not in unread]
    sizes = (
        {known.size for known in catalog.files({size for _, size in sized}) if known.content}
        if sized
        else set()
    )
    contents = [(file, content_of(file.path, file.of.root)) for file, size in sized if size in sizes]
    alike: dict[bytes, list[KnownFile]] = {content: [] for _, content in contents if content}
    for known in catalog.files(sizes) if alike else ():
        if known.content in alike:
            alike[known.content].append(known)
    there = FileNumbers(file.known for file in files) if alike else FileNumbers()
    found = {}
    for file, content in contents:
        same = (known for known in alike.get(content, ()) if _is_read_alike(file, known))
        moved = (_moved(catalog, known, known.number not in there) for known in same)
        if first := next(filter(None, moved), None):
            found[file.key] = first
    return found


def _is_read_alike(file: SourceFile, known: KnownFile) -> bool:
    """Whether a file gives what another one of the same content did, by its name and the options."""
    how, name, other_how, other = *file.key, known.source, known.path
    if how.partition(":")[2] != other_how.partition(":")[2]:
        return False
    if PurePosixPath(name).name == PurePosixPath(other).name:
        return True
    try:
        with open_file(file.path, file.of.root) as stream:
            head = stream.read(HEAD)
        kind = kind_of(name, head)
        return suffix_of(name) == suffix_of(other) and kind == kind_of(other, head) and kind not in _TITLED
    except ReadError:
        return False


def _moved(catalog: Catalog, known: KnownFile, gone: bool) -> MovedFile | None:
    """What is known of a file; None where that is not all that reading it would give."""
    documents, name = catalog.known(known.number), known.path
    rows = [LedgerRow(*row) for row in json.loads(catalog.rows(known.number))]
    # A document that another one's id was in the way of is none that could be taken over.
    whole = sum(row.documents for row in rows) == len(documents) and not catalog.refuses(known.number)
    named = all(id.startswith(name) for id, document in documents if not document.named)
    if not whole or not named or any(row.reason and name in row.reason for row in rows):
        return None
    return MovedFile(name, known.content, gone, documents, rows)


def taken_over(file: SourceFile, moved: MovedFile, records: Records) -> Iterator[Document | LedgerRow]:
    """What reading a file would give, of what is known of it under another name."""
    for at in range(0, len(moved.documents), _RECORDS):
        several = moved.documents[at : at + _RECORDS]
        for (id, known), record in zip(several, records([id for id, _ in several]), strict=True):
            path = str(record["origin"][1])
            # A row with an id like those that are given by the file's new name is not known by it.
            digest = None if known.named and id.startswith(f"{file.name}#") else known.row
            added = known.added if moved.gone else None
            yield Document(
                id if known.named else _renamed(id, moved.name, file.name),
                record["text"],
                collection=file.of.collection,
                origin=FileOrigin(file.of.key, _renamed(path, moved.name, file.name)),
                named=known.named,
                former=Former(record, known.digest, added, known.changed, digest),
            )
    for row in moved.rows:
        yield row._replace(path=_renamed(row.path, moved.name, file.name))


def _renamed(name: str, old: str, new: str) -> str:
    return new + name.removeprefix(old)
