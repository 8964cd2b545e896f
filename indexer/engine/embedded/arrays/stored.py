"""How are records kept? As JSON lines in compressed blocks of about 8 KB.

Reading one record decompresses one block; the last few blocks are remembered. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_right
from functools import lru_cache, partial

import numpy as np

from indexer.arrays import ArrayFile, Section, SectionWriter
from indexer.engine.fields import Record

BLOCK_BYTES = 1 << 13
LEVEL = 5
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encoded(record: Record) -> bytes:
    """A record as one line of JSON, without its newline. Raises TypeError for what JSON has not.

    >>> encoded({"title": "西遊記"}).decode()
    '{"title":"西遊記"}'
    """
    return _encoder.encode(record).encode("utf-8", "surrogatepass")


class StoredWriter:
    """Collects rows in document order and writes them as three sections."""

    def __init__(self, writer: SectionWriter) -> None:
        self._writer = writer
        self._spool = writer.spool("stored/data", np.uint8)
        self._rows: list[bytes] = []
        self._pending = 0
        self._firsts, self._ends = [0], [0]

    def add(self, row: bytes) -> None:
        """Append the row of the next document."""
        self._rows.append(row)
        self._pending += len(row)
        if self._pending >= BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        block = zlib.compress(b"\n".join(self._rows), LEVEL)
        self._spool.write(np.frombuffer(block, np.uint8))
        self._firsts.append(self._firsts[-1] + len(self._rows))
        self._ends.append(self._ends[-1] + len(block))
        self._rows, self._pending = [], 0

    def finish(self) -> None:
        """Write the sections."""
        if self._rows:
            self._flush()
        self._spool.finish()
        self._writer.add("stored/firsts", np.array(self._firsts, np.uint32))
        self._writer.add("stored/ends", np.array(self._ends, np.uint64))

    def discard(self) -> None:
        """Forget everything."""
        self._spool.discard()


class StoredReader:
    """Records by document number."""

    def __init__(self, file: ArrayFile) -> None:
        self._data, ends = file.section("stored/data"), file.section("stored/ends")
        self._firsts = file.array("stored/firsts")
        # Thirty-two blocks serve one page of results.
        self._block = lru_cache(32)(partial(_rows, self._data, ends))

    def record(self, document: int) -> Record:
        """The record of a document."""
        number = bisect_right(self._firsts, document) - 1
        rows, place = self._block(number), document - int(self._firsts[number])
        if not 0 <= place < len(rows):
            raise self._data.damaged()
        try:
            record: Record = json.loads(rows[place].decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise self._data.damaged() from error
        return record


def _rows(data: Section, ends: Section, number: int) -> list[bytes]:
    """The rows of a block."""
    start, end = ends[number : number + 2]
    try:
        return zlib.decompress(data[start:end]).split(b"\n")
    except zlib.error as error:
        raise data.damaged() from error
