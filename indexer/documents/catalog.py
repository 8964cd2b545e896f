"""Which document came of which file, and how did each look? What an update compares the sources with.

`catalog.sqlite` is an attachment of a state, engine-independent, and written by whoever makes the state:

    files       of each file its size, time and content, and the rows that the ledger has of it
    documents   of each document its file, a digest of all that was read of it, and when it came and changed
    refused     ids that a document of a file could not have, since another document had it

**A document is the same as before where its digest is**: the digest covers everything that was read, so what
is made of the document is the same too, as long as it is made in the same way, which `made_by` stands for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec
from xxhash import xxh3_128_digest

from indexer.documents.document import Document
from indexer.errors import IndexCorrupt

NAME = "catalog.sqlite"
_FORMAT = 4
_SCHEMA = """
CREATE TABLE made (format INTEGER, made_by TEXT);
CREATE TABLE files (
    number INTEGER PRIMARY KEY, source TEXT, path TEXT,
    size INTEGER, modified INTEGER, content BLOB, rows TEXT, UNIQUE (source, path));
CREATE TABLE documents (
    id TEXT PRIMARY KEY, file INTEGER, digest BLOB, added TEXT, changed TEXT, row BLOB, named INTEGER
) WITHOUT ROWID;
CREATE TABLE refused (id TEXT, file INTEGER);
CREATE INDEX refused_of ON refused (file);
"""
_TAKE = """
BEGIN;
UPDATE files SET content = x'' WHERE EXISTS (
    SELECT 1 FROM other.files AS own WHERE own.source = files.source AND own.path = files.path
    AND (own.size, own.modified, own.content, own.rows)
        IS NOT (files.size, files.modified, files.content, files.rows));
INSERT OR IGNORE INTO files (source, path, size, modified, content, rows)
    SELECT source, path, size, modified, content, rows FROM other.files;
CREATE TEMP TABLE numbers AS SELECT own.number AS there, files.number AS here
    FROM other.files AS own JOIN files ON own.source = files.source AND own.path = files.path;
CREATE INDEX temp.numbered ON numbers (there);
INSERT OR IGNORE INTO documents SELECT id, here, digest, added, changed, row, named
    FROM other.documents JOIN numbers ON there = file;
INSERT INTO refused SELECT id, here FROM other.refused JOIN numbers ON there = file;
DROP TABLE numbers;
COMMIT;
"""
_FILES = "SELECT source, path, number, size, modified, content FROM files"
_KNOWN = "file, digest, added, changed, row, named"
_KNOWN_BEFORE = "file, x'', added, changed, NULL, 0"
"""What a catalog of another release says of a document: nothing that what is read now is compared with."""
_UNPAIRED = "surrogatepass"
_packed = msgspec.msgpack.Encoder().encode
_NO_PACKED = b"\xc1"
"""What nothing begins with that is packed."""
_AT_ONCE = 1 << 12
"""Documents that are noted together."""


class Stat(NamedTuple):
    """A file as its folder lists it: its size, and when it was changed, in nanoseconds."""

    size: int
    modified: int


UNKNOWN = Stat(-1, -1)
"""What no file is listed as."""


class KnownFile(NamedTuple):
    """What is known of a file: its source and path, its number, how it was listed, a digest of its content.

    `size` and `modified` are as in `Stat`.
    """

    source: str
    path: str
    number: int
    size: int
    modified: int
    content: bytes


class KnownDocument(NamedTuple):
    """What is known of a document: its file's number, its digest, when it came and changed (ISO 8601).

    `digest` is empty where another release made it. `row` is the digest of the row that it was read from,
    where it is one; `named` is whether its source gave it its id.
    """

    file: int
    digest: bytes
    added: str
    changed: str | None
    row: bytes | None = None
    named: bool = False


def digest_of(document: Document, file: str = "") -> bytes:
    """What tells a document, as it was read from `file`, from every other of its id.

    What the file is called makes no difference.

    >>> digest_of(Document("1", "夜市")) == digest_of(Document("1", "夜市", "燈"))
    False
    """
    if document.former is not None:
        return document.former.digest
    within = document.origin.path.removeprefix(file) if document.origin else None
    said = document._replace(id="", origin=None), within
    try:
        content = _packed(said)
    except UnicodeEncodeError:
        # Half a pair of surrogates is no UTF-8, but may stand in what was found.
        content = _NO_PACKED + repr(said).encode("utf-8", _UNPAIRED)
    return xxh3_128_digest(content)


class Catalog:
    """An open catalog: a new one, which is nowhere on disk until it is saved, or one that is only read.

    A context, which raises OSError where the catalog cannot be written.
    """

    def __init__(self, base: sqlite3.Connection | None = None) -> None:
        self._columns = _KNOWN
        self._waiting: list[tuple[Any, ...]] = []
        if base is not None:
            self._open = base
            return
        # Without a name it is a temporary file, gone with the process.
        self._open = sqlite3.connect("", isolation_level=None, uri=True)
        self._base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self._base.execute("BEGIN")

    @property
    def _base(self) -> sqlite3.Connection:
        """The database, with all that was noted."""
        if self._waiting:
            self._note()
        return self._open

    def _note(self) -> None:
        rows, self._waiting = self._waiting, []
        self._open.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    @classmethod
    def read(cls, path: Path) -> Catalog:
        """The one in a file, only to be read. Raises `IndexCorrupt` where it is none."""
        with ExitStack() as opened:
            try:
                base = sqlite3.connect(_only_to_read(path), isolation_level=None, uri=True)
                catalog = opened.enter_context(cls(base))
                # What is no catalog at all may be a sound database still.
                made = base.execute("SELECT format FROM made").fetchone()
            except sqlite3.Error as error:
                raise IndexCorrupt(f"{path}: is damaged ({error}); run `hansou rebuild`") from error
            opened.pop_all()
        catalog._columns = _KNOWN if made in (None, (_FORMAT,)) else _KNOWN_BEFORE
        return catalog

    def copy(self) -> Catalog:
        """A copy that can be changed."""
        copy = Catalog()
        copy._base.execute("COMMIT")
        self._base.backup(copy._base)
        copy._base.execute("BEGIN")
        return copy

    def __enter__(self) -> Catalog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, sqlite3.Error):
            raise OSError(f"the catalog of documents cannot be written: {error}") from error

    def close(self) -> None:
        """Let go of it."""
        self._open.close()

    def take(self, path: Path) -> None:
        """Add what another catalog of the same sources has of other documents.

        A file that the two do not know alike is to be read again.
        """
        self._base.execute("COMMIT")
        self._base.execute("ATTACH ? AS other", (_only_to_read(path),))
        self._base.executescript(_TAKE)
        self._base.execute("DETACH other")
        self._base.execute("BEGIN")

    def save(self, path: Path) -> None:
        """Write it to a file that is not there yet."""
        self._base.execute("COMMIT")
        # Made once of all: kept up beside each document it takes three times as long.
        self._base.execute("CREATE INDEX IF NOT EXISTS documents_of ON documents (file)")
        self._base.execute("VACUUM INTO ?", (str(path),))
        self._base.execute("BEGIN")

    def made_by(self) -> str | None:
        """What stands for how the documents were made; None where nothing, or another release, says."""
        found = self._base.execute("SELECT made_by FROM made WHERE format = ?", (_FORMAT,)).fetchone()
        return found[0] if found else None

    def make_by(self, value: str) -> None:
        """Note what stands for how the documents are made."""
        self._base.execute("DELETE FROM made")
        self._base.execute("INSERT INTO made VALUES (?, ?)", (_FORMAT, value))

    def files(self, sizes: Iterable[int] | None = None, after: int = 0) -> Iterator[KnownFile]:
        """Each file, or those of some sizes, in the order of their numbers `after` one."""
        some = "" if sizes is None else "AND size IN (SELECT value FROM json_each(?))"
        told = () if sizes is None else (json.dumps([*sizes]),)
        rows = self._base.execute(f"{_FILES} WHERE number > ? {some} ORDER BY number", (after, *told))
        return map(KnownFile._make, rows)

    def file(self, source: str, path: str) -> KnownFile | None:
        """What is known of a file; None where that is nothing."""
        rows = self._base.execute(f"{_FILES} WHERE source = ? AND path = ?", (source, path))
        return next(map(KnownFile._make, rows), None)

    def documents_in(self, numbers: Container[int]) -> int:
        """How many documents are of some files."""
        counts = self._base.execute("SELECT file, count(*) FROM documents GROUP BY file")
        return sum(count for file, count in counts if file in numbers)

    def others(self, numbers: Container[int]) -> list[int]:
        """The numbers of all files but some, ascending."""
        every = self._base.execute("SELECT number FROM files ORDER BY number")
        return [number for (number,) in every if number not in numbers]

    def count(self) -> int:
        """How many files there are."""
        (found,) = self._base.execute("SELECT count(*) FROM files").fetchone()
        return int(found)

    def rows(self, number: int) -> str:
        """What the ledger has of a file, as a list in JSON."""
        (found,) = self._base.execute("SELECT rows FROM files WHERE number = ?", (number,)).fetchone()
        return str(found)

    def ids(self, number: int) -> list[str]:
        """The ids of a file's documents."""
        rows = self._base.execute("SELECT id FROM documents WHERE file = ?", (number,))
        return [id if isinstance(id, str) else _said(id) for (id,) in rows]

    def known(self, number: int) -> list[tuple[str, KnownDocument]]:
        """The ids of a file's documents, and what is known of each."""
        rows = self._base.execute(f"SELECT id, {_KNOWN} FROM documents WHERE file = ?", (number,))
        return [(_said(id), KnownDocument(*known)) for id, *known in rows]

    def known_rows(self, number: int) -> dict[bytes, str]:
        """The ids of those of a file's documents that were made of rows, by the digests of these."""
        rows = self._base.execute(
            "SELECT row, id FROM documents WHERE file = ? AND row IS NOT NULL", (number,)
        )
        return {row: id if isinstance(id, str) else _said(id) for row, id in rows}

    def document(self, id: str) -> KnownDocument | None:
        """What is known of a document."""
        row = self._base.execute(
            f"SELECT {self._columns} FROM documents WHERE id = ?", (_text(id),)
        ).fetchone()
        return KnownDocument(*row) if row else None

    def number(self, source: str, path: str) -> int:
        """The number of a file, a new one where it has none; what was refused of it is forgotten."""
        key = source, path
        self._base.execute("INSERT OR IGNORE INTO files (source, path) VALUES (?, ?)", key)
        found = self._base.execute("SELECT number FROM files WHERE source = ? AND path = ?", key).fetchone()
        self._base.execute("DELETE FROM refused WHERE file = ?", found)
        return int(found[0])

    def read_file(self, number: int, stat: Stat, content: bytes, rows: Sequence[Any]) -> None:
        """Note what a file was when it was read, and what the ledger has of it."""
        said = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
        self._base.execute(
            "UPDATE files SET size = ?, modified = ?, content = ?, rows = ? WHERE number = ?",
            (*stat, content, said, number),
        )

    def add(self, id: str, document: KnownDocument) -> None:
        """Note a document, in place of what was known of it."""
        self._waiting.append((_text(id), *document))
        if len(self._waiting) == _AT_ONCE:
            self._note()

    def refuse(self, id: str, number: int) -> None:
        """Note that a document of a file could not have its id."""
        self._base.execute("INSERT INTO refused VALUES (?, ?)", (_text(id), number))

    def refuses(self, number: int) -> bool:
        """Whether a document of a file could not have its id."""
        found = self._base.execute("SELECT 1 FROM refused WHERE file = ? LIMIT 1", (number,))
        return found.fetchone() is not None

    def remove(self, id: str) -> None:
        """Forget a document."""
        self._base.execute("DELETE FROM documents WHERE id = ?", (_text(id),))

    def remove_file(self, number: int) -> None:
        """Forget a file, its documents aside."""
        self._base.execute("DELETE FROM files WHERE number = ?", (number,))
        self._base.execute("DELETE FROM refused WHERE file = ?", (number,))

    def waiting(self, number: int) -> set[int]:
        """The files with documents that could not have an id because one of this file's had it."""
        files = "SELECT DISTINCT refused.file FROM documents JOIN refused USING (id) WHERE documents.file = ?"
        return {waits for (waits,) in self._base.execute(files, (number,))}

    def disputes(self) -> list[tuple[int, int]]:
        """Files with documents that could not have an id, each with the file whose document has it."""
        pairs = "SELECT DISTINCT refused.file, documents.file FROM refused JOIN documents USING (id)"
        return self._base.execute(pairs).fetchall()


def _only_to_read(path: Path) -> str:
    """The address of a file that is never made: SQLite would put an empty one where there is none."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def _text(id: str) -> str | bytes:
    """An id as it can be kept: SQLite's texts are UTF-8, which lone surrogates are not."""
    try:
        id.encode("utf-8")
    except UnicodeEncodeError:
        return id.encode("utf-8", _UNPAIRED)
    return id


def _said(kept: str | bytes) -> str:
    """The id that `_text` gave this of."""
    return kept if isinstance(kept, str) else kept.decode("utf-8", _UNPAIRED)
