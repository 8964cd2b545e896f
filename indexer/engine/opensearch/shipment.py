"""Which documents are sent to a cluster? All at first, then those that are not there as they are to be.

A document is there as it is to be where it was not written again and leads or follows in the same group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Array
from indexer.documents import Document
from indexer.documents.document import Former, document_of
from indexer.engine.fields import Record
from indexer.engine.opensearch.contents import Contents, Ids
from indexer.engine.opensearch.entries import body_of
from indexer.engine.opensearch.loading import Entry, entry_of
from indexer.engine.opensearch.numbering import filled, spread
from indexer.engine.opensearch.sent import ALONE, Sent
from indexer.engine.protocol import Prepare
from indexer.errors import HansouError

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is to be sent of the documents of `contents`.

    `sent` is the table of the state to be; of rows that are `due` it gets the marks as they are sent. `gone`
    are the numbers of documents that are no more, none of which another document has.
    """

    contents: Contents
    sent: Sent
    due: Array
    gone: Array

    @classmethod
    def of(cls, contents: Contents, before: tuple[Ids, Sent] | None) -> Shipment:
        """What makes of the state before, known by its ids and its table, that of `contents`; or all.

        Raises `IndexCrowded` where there is no room for what is new between what there was.
        """
        count = contents.count
        if before is None:
            numbers, was, gone = spread(count), np.full(count, -1, np.int64), np.zeros(0, np.int64)
            groups, marks = was, np.zeros((count, 2), np.int64)
        else:
            ids, table = before
            here, there = contents.ids.beside(ids)
            every = filled(np.where(there >= 0, table.numbers[there], -1) if len(table.numbers) else there)
            numbers, was, gone = every[here >= 0], there[here >= 0], every[here < 0]
            groups, marks = (_known(column, was) for column in (table.groups, table.marks))
        leaders = contents.leaders
        led = np.where(leaders >= 0, numbers[leaders], ALONE) if count else leaders
        return cls(contents, Sent(numbers, led, marks), (was < 0) | (led != groups), gone)

    def entries(self, written: Iterable[tuple[str, bytes]], prepare: Prepare | None) -> Iterator[Entry]:
        """What is sent: what was `written`, by id and in any order, and what is due besides.

        Of this `prepare` makes again what is indexed of it, from the record.
        """
        yield from (Entry(number) for number in self.gone.tolist())
        left = self.due.copy()
        for id, body in written:
            document = self.contents.snapshot.number(id)
            if document is None:
                raise HansouError(f"{self.contents.path}: its index does not have {id!r}; build again")
            row = int(self.contents.rows[document])
            left[row] = False
            yield self._entry(row, body)
        yield from self._again(np.flatnonzero(left).tolist(), prepare)

    def _entry(self, row: int, body: bytes) -> Entry:
        group = int(self.sent.groups[row])
        entry = entry_of(body, int(self.sent.numbers[row]), None if group == ALONE else group)
        self.sent.marks[row] = entry.mark
        return entry

    def _again(self, rows: Sequence[int], prepare: Prepare | None) -> Iterator[Entry]:
        """Documents that only stand in another group than before."""
        for start in range(0, len(rows), _AT_ONCE):
            several = rows[start : start + _AT_ONCE]
            records = self.contents.snapshot.records(self.contents.documents[several].tolist())
            if prepare is None:
                raise HansouError(f"{self.contents.path}: lacks {records[0]['id']!r}; build again")
            made = prepare([_as_it_was(record) for record in records])
            for row, fields in zip(several, made, strict=True):
                yield self._entry(row, body_of(fields))


def _known(column: Array, was: Array) -> Array:
    """What a table says of each row that it has another row of; of others what does not count."""
    if not len(column):
        return np.zeros((len(was), *column.shape[1:]), np.int64)
    return column[was]


def _as_it_was(record: Record) -> Document:
    """A document of which nothing is read again, under the name that it has."""
    return document_of(record)._replace(former=Former(record, b"", None, None, None))
