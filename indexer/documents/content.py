"""By what is the content of a file known at another time? A digest of it, taken while it is read.

**What was read from end to end is not read again**: the pieces that a reader asks for pass by. A reader that
does not come to the end, or is in a process of its own, leaves the file to be read once more.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from xxhash import xxh3_128

from indexer.documents.kinds import HEAD
from indexer.documents.readers.files import open_file
from indexer.errors import ReadError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 20


class Content:
    """A digest of a file's content, by which it is known at another time: of what was read of it, if all was.

    State: what has been read, from the beginning on.
    """

    def __init__(self, place: str, root: Path) -> None:
        self._place, self._root = place, root
        self._digest, self._read, self._size = xxh3_128(), 0, -1

    def reading(self, stream: BinaryIO) -> io.BufferedReader:
        """The stream of the file, from which all is to be read that is."""
        self._size = os.fstat(stream.fileno()).st_size
        return io.BufferedReader(_Passed(stream, self._pass), HEAD)

    def _pass(self, at: int, piece: memoryview) -> None:
        if at <= self._read < at + len(piece):
            self._digest.update(piece[self._read - at :])
            self._read = at + len(piece)

    def digest(self) -> bytes:
        """The digest; empty where the file cannot be read."""
        return (
            self._digest.digest() if self._read == self._size else content_of(Path(self._place), self._root)
        )


class _Passed(io.RawIOBase):
    """A stream of which each piece that is read is told, with where it begins."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int, memoryview], None]) -> None:
        self._stream, self._told = stream, tell

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor of the file."""
        return self._stream.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere else."""
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into a buffer."""
        with memoryview(buffer) as view:
            at = self._stream.tell()
            piece = self._stream.read(len(view))
            view[: len(piece)] = piece
            self._told(at, view[: len(piece)])
            return len(piece)


def content_of(path: Path, root: Path) -> bytes:
    """The digest of the content of a file in a source; empty where it cannot be read."""
    digest = xxh3_128()
    try:
        with open_file(path, root) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except ReadError:
        return b""
    return digest.digest()
