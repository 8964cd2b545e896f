"""What is a row called that has no id of its own, and which rows need not be read?

**The id of a row does not depend on where it stands**, so that rows beside it may come and go, but for rows
of a file that say the same: the second of these has `-2` behind its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

from xxhash import xxh3_128_digest

from indexer.documents.document import Document
from indexer.documents.outcomes import Skipped, Unchanged
from indexer.errors import ReadError

_BETWEEN = "\x1f"
_DIGEST_BYTES = 8
_Read = TypeVar("_Read", bound=Document | Skipped)


@dataclass(slots=True)
class Rows:
    """The rows of one file, which is being read.

    `known` has the ids of documents by the digests of the rows that they were made of, each of which is
    passed over once; `read` has the digests of rows that were read, by the ids of their documents, until they
    are taken from it.
    """

    known: dict[bytes, str] = field(default_factory=dict)
    read: dict[str, bytes] = field(default_factory=dict)


class RowIds:
    """Gives the rows of the file `name` their ids. State: how often each content came, and the row in hand.

    A row that is `alone`, being all that the file holds, is called like the file. `rows` says which rows are
    known.
    """

    def __init__(self, name: str, rows: Rows | None = None, *, alone: bool = False) -> None:
        self._name, self._alone, self._rows = name, alone, rows
        self._own = f"{name}#"
        self._times: Counter[str] = Counter()
        self._row = b""
        self._passed: list[str] = []

    def passes(self, row: bytes) -> bool:
        """Whether a row is passed over, being known; else it is the one that is named next."""
        if self._rows is None:
            return False
        self._row = xxh3_128_digest(row)
        id = self._rows.known.get(self._row)
        if id is None:
            return False
        if id.startswith(self._own):
            content = id.removeprefix(self._own)
            if self._times[content]:
                return False  # another row says the same: which of them has the id is told by reading it
            self._times[content] = 1
        del self._rows.known[self._row]
        self._passed.append(id)
        return True

    def among(self, read: Iterable[_Read]) -> Iterator[_Read | Unchanged]:
        """What is read of the file, and where they stand the rows that were passed over meanwhile."""
        try:
            for item in read:
                yield from self._unchanged()
                yield item
        except ReadError:
            yield from self._unchanged()
            raise
        yield from self._unchanged()

    def _unchanged(self) -> Iterator[Unchanged]:
        if self._passed:
            yield Unchanged(self._name, self._passed)
            self._passed = []

    def named(self, document: Document) -> Document:
        """The document of a row, with an id if it has none (the empty string).

        >>> ids, row = RowIds("notes.jsonl"), Document("", "夜市")
        >>> ids.named(row).id, ids.named(row).id
        ('notes.jsonl#e44837484098a1ca', 'notes.jsonl#e44837484098a1ca-2')
        """
        if document.id:
            # A row that is known by an id like those that are given here was given it here.
            if self._rows is not None and not document.id.startswith(self._own):
                self._rows.read[document.id] = self._row
            return document if document.named else document._replace(named=True)
        if self._alone:
            return document._replace(id=self._name)
        stated = (
            document.text,
            document.title,
            document.url,
            document.date,
            document.source,
            document.author,
        )
        content = _BETWEEN.join(part or "" for part in stated).encode("utf-8", "surrogatepass")
        digest = blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
        self._times[digest] += 1
        if (times := self._times[digest]) > 1:
            return document._replace(id=f"{self._own}{digest}-{times}")
        if self._rows is not None:
            self._rows.read[f"{self._own}{digest}"] = self._row
        return document._replace(id=f"{self._own}{digest}")
