"""Which of the documents that are read go into an index, and which of those that are in it leave? One pass.

Files come in the order of the sources. Those that are known and have not changed are kept unread, with the
documents that they have; of the others each document is compared with what the catalog has of its id. **What
is in the index afterwards is what reading everything would put there**: of several documents with one id the
first has it, be it of a file that was read or of one that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.documents.catalog import Catalog, KnownDocument, Stat, digest_of
from indexer.documents.document import Document
from indexer.documents.ledger import LedgerRow, LedgerWriter
from indexer.documents.numbers import FileNumbers
from indexer.documents.outcomes import Unchanged
from indexer.documents.sources import FileItem, FileListed, stat_of

_TAKEN = "another document has this id already; give it its own"
_CALLED = "another document is called this already; give its [[source]] a prefix"
_TWICE = "its file has another of this name already, which was taken"
_LONG = "its id is longer than 2,000 bytes, which no address can hold; give it a shorter one"
_LONGEST_ID = 2_000  # as an address a byte takes up to three, and 8,000 is what servers accept
_SHOWN = 100
_MEMBER = "!/"
_UNSURE = -1

Progress = Callable[[int, int], None]
"""Called after each document with how many were read and how many skipped."""
Item = FileItem | FileListed


class Changes(NamedTuple):
    """How many documents came, changed, left, and stayed as they were."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


def without(row: LedgerRow, refused: Sequence[LedgerRow]) -> Iterator[LedgerRow]:
    """What a ledger says of a file of whose documents some were refused: these, and how many are left.

    A file of which nothing is left is skipped itself, for the reason that its documents were refused for.

    >>> taken = LedgerRow("a.jsonl!/7", "skipped", 0, "taken")
    >>> [*without(LedgerRow("a.jsonl", "indexed", 1), [taken])]
    [LedgerRow(path='a.jsonl', outcome='skipped', documents=0, reason='taken')]
    """
    left = row.documents - len(refused)
    if refused and not left and row.outcome == "indexed":
        yield row._replace(outcome="skipped", documents=0, reason=refused[0].reason)
        return
    yield from sorted(set(refused))  # in whatever order they were known in
    yield row._replace(documents=left)


@dataclass
class Intake:
    """Takes what is read, keeps catalog and ledger, and gives what is to be indexed.

    `unread` are the numbers in the catalog of files that are kept: one that loses an id to a file
    before it is to be read all the same, and is taken out. `before` is a catalog that says when documents
    came, that of this state itself where it is updated.
    """

    catalog: Catalog
    ledger: LedgerWriter
    progress: Progress
    now: str
    before: Catalog | None = None
    unread: FileNumbers = field(default_factory=FileNumbers)
    _ids: set[str] = field(default_factory=set)
    _replaced: list[str] = field(default_factory=list)
    _passed: FileNumbers = field(default_factory=FileNumbers)
    _current: tuple[FileListed, int, list[LedgerRow]] | None = None
    _refused: list[LedgerRow] = field(default_factory=list)
    _added: int = 0
    _changed: int = 0
    _removed: int = 0
    _unchanged: int = 0

    @property
    def changes(self) -> Changes:
        """What came, changed, left and stayed, once everything was taken and `leaving` was asked for."""
        return Changes(self._added, self._changed, self._removed, self._unchanged)

    def documents(self, found: Iterable[Item]) -> Iterator[Document]:
        """Of what is read the documents that are to be indexed: those that are new, or not as they were."""
        for item in found:
            if isinstance(item, FileListed):
                self._finish()
                self._begin(item)
                continue
            if isinstance(item, Document):
                taken = self._taken(item)
                if isinstance(taken, Document):
                    yield taken
            elif isinstance(item, Unchanged):
                self._pass(item)
            else:
                self._account(item if isinstance(item, LedgerRow) else LedgerRow.of(item))
            self.progress(len(self._ids), self.ledger.summary.outcomes["skipped"])
        self._finish()
        if self.before is not self.catalog:
            self._ids.clear()  # nothing leaves: they need not be in memory while everything is sorted

    def leaving(self) -> list[str]:
        """The ids of those that are to be deleted, when everything was taken: what is gone or replaced."""
        gone: list[str] = []
        self._unchanged += self.catalog.documents_in(self.unread)
        for number in self.catalog.others(self.unread):
            gone += [id for id in self.catalog.ids(number) if id not in self._ids]
            if number not in self._passed:
                self.catalog.remove_file(number)
        for id in gone:
            self.catalog.remove(id)
        self._removed = len(gone)
        return gone + self._replaced

    def _begin(self, listed: FileListed) -> None:
        """A file comes: one that is kept is done with at once."""
        number = listed.file.known
        if number in self.unread:
            self.ledger.keep(self.catalog.rows(number))
        else:
            number = self.catalog.number(*listed.file.key)
            if self.before is self.catalog:
                listed.rows.known = self.catalog.known_rows(number)
            self._current = listed, number, []
        self._passed.add(number)

    def _finish(self) -> None:
        """The file that was read is done with."""
        if self._current is None:
            return
        listed, number, rows = self._current
        self._current = None
        content = listed.content.digest()
        if stat_of(listed.file.place) != listed.stat:
            content = b""  # it was changed while it was read: who knows what of it was read
        stat = Stat(listed.stat.size, listed.stat.modified if listed.settled else _UNSURE)
        self.catalog.read_file(number, stat, content, rows)

    def _account(self, row: LedgerRow) -> None:
        """A file or member is done with, and what was refused of it is known."""
        own: list[LedgerRow] = []
        if row.documents:
            every, self._refused = self._refused, []
            for each in every:
                (own if each.path.startswith(f"{row.path}{_MEMBER}") else self._refused).append(each)
        for each in without(row, own):
            self._note(each)

    def _note(self, row: LedgerRow) -> None:
        self.ledger.add(row)
        if self._current is not None:
            self._current[2].append(row)

    def _taken(self, document: Document) -> Document | None:
        """The document as it is to be indexed; None where it cannot be, or is as it was."""
        assert self._current is not None
        id, number = document.id, self._current[1]
        row = document.former.row if document.former else self._current[0].rows.read.pop(id, None)
        path = document.origin.path if document.origin else ""
        if len(id.encode("utf-8", "surrogatepass")) > _LONGEST_ID:
            self._refuse(id, path, _LONG)
            return None
        known = self.catalog.document(id) if self.unread else None
        if id in self._ids or (known and known.file in self.unread and known.file in self._passed):
            self.catalog.refuse(id, number)
            self._refuse(id, path, self._why(id, document.named))
            return None
        if known and known.file in self.unread:
            self.unread.discard(known.file)  # it stands behind this one, and loses its id
        self._ids.add(id)
        return self._dated(document, number, row)

    def _pass(self, rows: Unchanged) -> None:
        """Rows are as they are known: their documents stay, unless others have their ids by now."""
        assert self._current is not None
        taken = [id for id in rows.ids if id in self._ids]
        for id in taken:
            self.catalog.refuse(id, self._current[1])
            self._refuse(id, rows.path, self._why(id, not id.startswith(f"{rows.path}#")))
        self._ids.update(rows.ids)
        self._unchanged += len(rows.ids) - len(taken)

    def _why(self, id: str, named: bool) -> str:
        """Why there is no document of an id that another one has: as whoever could change it would see it."""
        assert self._current is not None
        if named:
            return _TAKEN
        first = self.catalog.document(id)
        return _TWICE if first and first.file == self._current[1] else _CALLED

    def _refuse(self, id: str, path: str, reason: str) -> None:
        """A document cannot be had; that is told when it is known what else was in its file."""
        name = id if len(id) <= _SHOWN else f"{id[:_SHOWN]}…"
        self._refused.append(LedgerRow(f"{path}{_MEMBER}{name}", "skipped", 0, reason))

    def _dated(self, document: Document, number: int, row: bytes | None) -> Document | None:
        """The document with the times when it came and changed; None where the index has it as it is."""
        assert self._current is not None
        digest, former = digest_of(document, self._current[0].file.name), document.former
        known = self.before.document(document.id) if self.before is not None else None
        same = known is not None and known.digest in (digest, b"")
        added, changed = self.now, None
        if known is not None:
            added, changed = known.added, known.changed if same else self.now
        elif former is not None and former.added is not None:
            added, changed = former.added, former.changed
        self.catalog.add(document.id, KnownDocument(number, digest, added, changed, row, document.named))
        if self.before is self.catalog and known is not None:
            stays = same and known.file == number
            self._unchanged += stays
            self._changed += not stays
            if stays:
                return None
            self._replaced.append(document.id)
        else:
            self._added += 1
        return document._replace(added_at=added, changed_at=changed)
