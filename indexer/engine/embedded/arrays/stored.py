"""How are stored fields kept? As JSON lines in compressed blocks of about 8 KB.

A document's row is a JSON object of its stored values: what JSON has, and also bytes and
`datetime.datetime`. Nothing is ever unpickled. Reading one document decompresses one block; the last
few blocks are remembered.
"""

from __future__ import annotations

import base64
import json
import zlib
from bisect import bisect_right
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter

BLOCK_BYTES = 1 << 13
LEVEL = 5
_TAG = "\0hansou"


def _encode_special(value: object) -> dict[str, list[str]]:
    if isinstance(value, datetime):
        return {_TAG: ["datetime", value.isoformat()]}
    if isinstance(value, bytes):
        return {_TAG: ["bytes", base64.b64encode(value).decode()]}
    raise TypeError(f"a stored value must be JSON, bytes or datetime, not {type(value).__name__}")


def _decode_special(table: dict[str, Any]) -> Any:
    if _TAG not in table:
        return table
    kind, text = table[_TAG]
    return datetime.fromisoformat(text) if kind == "datetime" else base64.b64decode(text)


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_encode_special)


def encode_row(values: dict[str, Any]) -> bytes:
    """One document's stored values as one line of JSON, without its newline.

    >>> encode_row({"title": "西遊記"}).decode()
    '{"title":"西遊記"}'
    """
    return _encoder.encode(values).encode("utf-8", "surrogatepass")


def decode_row(row: bytes) -> dict[str, Any]:
    """The inverse of `encode_row`."""
    values: dict[str, Any] = json.loads(row.decode("utf-8", "surrogatepass"), object_hook=_decode_special)
    return values


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
    """Rows by document number."""

    def __init__(self, file: ArrayFile) -> None:
        self._data, self._firsts = file.array("stored/data"), file.array("stored/firsts")
        self._ends: Array = file.array("stored/ends")
        # Thirty-two blocks serve one page of results.
        self._block = lru_cache(32)(self._read_block)

    def _read_block(self, number: int) -> list[bytes]:
        packed = self._data[self._ends[number] : self._ends[number + 1]]
        return zlib.decompress(packed.data).split(b"\n")

    def row(self, document: int) -> bytes:
        """The row of a document as it was written."""
        number = bisect_right(self._firsts, document) - 1
        return self._block(number)[document - int(self._firsts[number])]

    def values(self, document: int) -> dict[str, Any]:
        """The stored values of a document."""
        return decode_row(self.row(document))
