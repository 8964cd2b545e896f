"""How much may one file unpack to? A budget for a file and all that lies in it, and streams that keep to it.

A bomb is small as it lies and huge unpacked: what counts is the bytes that come out, at every depth
together, beside the bytes that lie in the source.
"""

from __future__ import annotations

import io
import lzma
import struct
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO, Protocol

from indexer.errors import ReadError

MAX_DEPTH = 4
"""Containers within containers that are opened."""
MAX_MEMBERS = 200_000
"""Members of one archive; a zip of 200,000 takes 200 MB of memory to list."""
_ALWAYS_BYTES = 16 << 20
_RATIO = 100
"""What text is packed to: markup and logs to a twentieth, the worst of rows of numbers to a sixtieth."""
_IN_MEMORY = 8 << 20
_CHUNK = 1 << 16


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


@dataclass(slots=True)
class Budget:
    """What one file of a source may still unpack to: bytes and members, at all depths together."""

    bytes: int
    members: int = MAX_MEMBERS

    @classmethod
    def of(cls, size: int) -> Budget:
        """The budget of a file of `size` bytes as it lies in the source."""
        return cls(_ALWAYS_BYTES + _RATIO * size)

    def spend(self, count: int) -> None:
        """Take `count` unpacked bytes off; raises `ReadError` where nothing is left."""
        self.bytes -= count
        self.require()

    def require(self) -> None:
        """Raise `ReadError` where more than there was has been spent."""
        if self.bytes < 0:
            raise ReadError(f"unpacks to more than {_RATIO} times its size")

    def spend_member(self) -> None:
        """Take a member off; raises `ReadError` where none is left."""
        self.members -= 1
        if self.members < 0:
            raise ReadError(f"more than {MAX_MEMBERS:,} members; unpack it into a folder")


class _Metered(io.RawIOBase):
    """An unpacking stream whose bytes are taken off a budget. Forward only."""

    def __init__(self, stream: Readable, budget: Budget, what: str) -> None:
        super().__init__()
        self._stream = stream
        self._budget = budget
        self._what = what

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer to its end where there are bytes, so that a look ahead sees all of it."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view) and (chunk := self._unpack(len(view) - filled)):
            view[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
            self._budget.spend(len(chunk))
        return filled

    def _unpack(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise ReadError(f"the {self._what} is cut off") from error
        except damage() as error:
            raise ReadError(f"not a sound {self._what}: {error}") from error


def metered(stream: Readable, budget: Budget, what: str = "archive") -> io.BufferedReader:
    """A stream of unpacked bytes that can be looked ahead in.

    Reading it raises `ReadError` beyond `budget`, and for damage, which is said to be of `what`.
    """
    return io.BufferedReader(_Metered(stream, budget, what), _CHUNK)


@cache
def damage() -> tuple[type[Exception], ...]:
    """What the libraries that unpack raise for bytes that are not sound."""
    return (
        EOFError, OSError, NotImplementedError, RuntimeError, struct.error, ValueError,
        zlib.error, lzma.LZMAError, zstandard().ZstdError, zipfile.BadZipFile, tarfile.TarError,
    )  # fmt: skip


@cache
def zstandard() -> Any:
    """The module of the zstd format, which is in the standard library from Python 3.14 on."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The same bytes where one can jump to and fro: the stream itself, or a copy that goes afterwards."""
    if stream.seekable():
        yield stream
        return
    # Without a name from the start, so that nothing is left of it however the process ends.
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        while chunk := stream.read(_CHUNK):
            copy.write(chunk)
        copy.seek(0)
        yield copy  # type: ignore[misc]  # a spooled file reads like a BinaryIO
