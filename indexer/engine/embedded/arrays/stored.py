"""How are records kept, so that one is read in a few microseconds? As JSON lines in small compressed blocks.

What records of a collection have in common (names of fields, of sources, turns of phrase) stands once, in a
dictionary that is made of its first records, which every block may refer to: blocks of about 1 KB take the
room that blocks of 8 KB take without. Reading one record decompresses one block; the last few are remembered.
Nothing is ever unpickled.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from indexer.arrays import Array, ArrayFile, SectionWriter
from indexer.documents.limits import zstandard
from indexer.engine.fields import Record
from indexer.jsontext import decoded

BLOCK_BYTES = 1 << 10
LEVEL = 3
# A dictionary takes no more room than this, and than such a part of the records that it is made of.
DICTIONARY_BYTES, _PART = 1 << 16, 16
# So much of the beginning says what records look like.
_BEGINNING = 1 << 20


def _record(row: bytes) -> Record:
    """The record of a line. Raises ValueError where it is none."""
    record: Record = decoded(row)
    if not isinstance(record, dict):
        raise ValueError("no record")
    return record


def dictionary_of(rows: Sequence[bytes]) -> bytes:
    """What blocks may refer to: what `rows` have in common; nothing where they are too few to tell."""
    zstd, size = zstandard(), min(DICTIONARY_BYTES, sum(map(len, rows)) // _PART)
    try:
        found: bytes = zstd.train_dict(rows, size).dict_content
    except (ValueError, zstd.ZstdError):
        return b""
    return found


def _loaded(dictionary: bytes) -> Any:
    """A dictionary as zstd takes it; None for none."""
    return zstandard().ZstdDict(dictionary) if dictionary else None


class StoredWriter:
    """Collects rows in document order and writes them as four sections."""

    def __init__(self, writer: SectionWriter, dictionary: bytes | None = None) -> None:
        """Without a `dictionary` one is made of the first rows."""
        self._writer = writer
        self._spool = writer.spool("stored/data", np.uint8)
        self._dictionary = dictionary
        self._rows: list[bytes] = []
        self._pending = 0
        self._firsts, self._ends = array("Q", [0]), array("Q", [0])

    def add(self, row: bytes) -> None:
        """Append the row of the next document."""
        self._rows.append(row)
        self._pending += len(row)
        if self._pending >= (_BEGINNING if self._dictionary is None else BLOCK_BYTES):
            self._flush()

    def copy(self, reader: StoredReader, alive: Array | None) -> None:
        """Append the rows of another segment, of documents that are marked in `alive`, or all.

        Blocks are taken as they are packed where they refer to the same dictionary and all in them is wanted.
        """
        alike = reader.dictionary == self._dictionary
        for first, last, block in reader.blocks():
            if alike and (alive is None or alive[first:last].all()):
                if self._rows:
                    self._flush()
                self._append(block.tobytes(), last - first)
                continue
            rows = reader.rows(block)
            wanted = range(len(rows)) if alive is None else alive[first:last].nonzero()[0].tolist()
            for place in wanted:
                self.add(rows[place])

    def _flush(self) -> None:
        """Write the rows that wait, first of all those of the beginning, which the dictionary is made of."""
        rows, self._rows, self._pending = self._rows, [], 0
        if self._dictionary is None:
            self._dictionary = dictionary_of(rows)
            for row in rows:
                self.add(row)
        elif rows:
            packer = self._packer
            self._append(packer.compress(b"\n".join(rows), packer.FLUSH_FRAME), len(rows))

    @cached_property
    def _packer(self) -> Any:
        return zstandard().ZstdCompressor(level=LEVEL, zstd_dict=_loaded(self._dictionary or b""))

    def _append(self, block: bytes, count: int) -> None:
        self._spool.write(np.frombuffer(block, np.uint8))
        self._firsts.append(self._firsts[-1] + count)
        self._ends.append(self._ends[-1] + len(block))

    def finish(self) -> None:
        """Write the sections."""
        while self._rows:
            self._flush()
        self._spool.finish()
        self._writer.add("stored/dictionary", np.frombuffer(self._dictionary or b"", np.uint8))
        self._writer.add("stored/firsts", np.array(self._firsts, np.uint32))
        self._writer.add("stored/ends", np.array(self._ends, np.uint64))

    def discard(self) -> None:
        """Forget everything."""
        self._spool.discard()


class StoredReader:
    """Records by document number."""

    def __init__(self, file: ArrayFile) -> None:
        self._firsts = file.array("stored/firsts").data
        self._blocks = _Blocks(file)
        # So many blocks serve a page of results, and the next.
        self._shared = lru_cache(64)(self._blocks.rows)

    @property
    def dictionary(self) -> bytes:
        """What the blocks refer to."""
        return self._blocks.dictionary

    def record(self, document: int) -> Record:
        """The record of a document."""
        number = bisect_right(self._firsts, document) - 1
        first, behind = self._firsts[number], self._firsts[min(number + 1, len(self._firsts) - 1)]
        # A long record has a block of its own, and is not worth the memory.
        rows, place = (self._shared if behind - first > 1 else self._blocks.rows)(number), document - first
        if not 0 <= place < len(rows):
            raise self._blocks.data.damaged()
        try:
            return _record(rows[place])
        except ValueError as error:
            raise self._blocks.data.damaged() from error

    def blocks(self) -> Iterator[tuple[int, int, Array]]:
        """Each block as it is kept: its first document, the one behind its last, its bytes."""
        for number in range(len(self._firsts) - 1):
            yield self._firsts[number], self._firsts[number + 1], self._blocks.packed(number)

    def rows(self, block: Array) -> list[bytes]:
        """The rows of a block."""
        return self._blocks.unpacked(block)


class _Blocks:
    """The blocks of a segment, apart from who keeps some of them: what refers to itself lives longer."""

    def __init__(self, file: ArrayFile) -> None:
        self.data, self._all_ends = file.section("stored/data"), file.section("stored/ends")
        self.dictionary = file.array("stored/dictionary").tobytes()
        try:
            self._loaded = _loaded(self.dictionary)
        except ValueError as error:
            raise file.section("stored/dictionary").damaged() from error

    def rows(self, number: int) -> list[bytes]:
        return self.unpacked(self.packed(number))

    def packed(self, number: int) -> Array:
        if number + 1 >= len(self._ends):
            raise self._all_ends.damaged()
        block: Array = self.data[self._ends[number] : self._ends[number + 1]]
        return block

    @cached_property
    def _ends(self) -> memoryview:
        return self._all_ends.data

    def unpacked(self, block: Array) -> list[bytes]:
        zstd = zstandard()
        try:
            # A dictionary that is none may be told here.
            unpacker = zstd.ZstdDecompressor(self._loaded)
            rows: bytes = unpacker.decompress(block.data)
        except zstd.ZstdError as error:
            raise self.data.damaged() from error
        if not unpacker.eof:
            raise self.data.damaged()
        return rows.split(b"\n")
