"""How does a file of arrays come into being? Section after section, and at the end what vouches for them."""

from __future__ import annotations

import json
import struct
import tempfile
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from xxhash import xxh3_64_intdigest as digest

from indexer.arrays.sections import BLOCK, Array

MAGIC = b"HANSOUIX"
VERSION = 4
ALIGNMENT = 64
HEADER = struct.Struct("<8sII")
TRAILER = struct.Struct("<QQII")
"""Where directory and sums start, the version, the size of a block; the seal and the magic follow."""
SEAL = struct.Struct("<Q8s")
_SLICE = 1 << 22


class _SummedStream:
    """Counts and sums up what is written to a stream, block by block."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._waiting = stream, bytearray()
        self.offset, self.sums = 0, array("Q")

    def write(self, part: bytes | memoryview) -> None:
        self._stream.write(part)
        self.offset += len(part)
        view, at = memoryview(part), 0
        if self._waiting:
            at = BLOCK - len(self._waiting)
            self._waiting += view[:at]
            if len(self._waiting) < BLOCK:
                return
            self.sums.append(digest(self._waiting))
        while at + BLOCK <= len(view):
            self.sums.append(digest(view[at : at + BLOCK]))
            at += BLOCK
        self._waiting = bytearray(view[at:])

    def finish(self) -> bytes:
        """The sums of all blocks, the last of which may be short."""
        if self._waiting:
            self.sums.append(digest(self._waiting))
        return np.array(self.sums, "<u8").tobytes()


class SectionWriter:
    """Writes one container to an open binary file; `close` writes directory, sums and trailer."""

    def __init__(self, stream: IO[bytes], spool_directory: str | Path | None = None) -> None:
        self._file, self._out = stream, _SummedStream(stream)
        self._directory: dict[str, tuple[str, int, int]] = {}
        self._spool_directory = spool_directory
        self._out.write(HEADER.pack(MAGIC, VERSION, 0))

    def add(self, name: str, array: Array) -> None:
        """Write a whole one-dimensional array as section `name`."""
        with self.section(name, array.dtype) as write:
            for start in range(0, len(array), _SLICE):
                write(array[start : start + _SLICE])

    @contextmanager
    def section(self, name: str, dtype: np.dtype[Any] | type[Any]) -> Iterator[Any]:
        """A function that appends arrays to section `name` as long as the context is open."""
        kind = np.dtype(dtype).newbyteorder("<")
        out = self._out
        out.write(b"\0" * (-out.offset % ALIGNMENT))
        start = out.offset

        def write(part: Array) -> None:
            if len(part):
                out.write(np.ascontiguousarray(part, kind).data.cast("B"))

        yield write
        self._directory[name] = (kind.str, (out.offset - start) // kind.itemsize, start)

    def spool(self, name: str, dtype: np.dtype[Any] | type[Any]) -> Spool:
        """A section that grows beside others; it enters the file when it is finished."""
        return Spool(self, name, np.dtype(dtype), self._spool_directory)

    def close(self, metadata: Mapping[str, Any]) -> None:
        """Write directory, sums and trailer and close the file. `metadata` must be JSON."""
        content = {"sections": self._directory, "metadata": metadata}
        directory = self._out.offset
        self._out.write(json.dumps(content, ensure_ascii=False).encode())
        end = self._out.offset
        sealed = self._out.finish() + TRAILER.pack(directory, end, VERSION, BLOCK)
        self._file.write(sealed + SEAL.pack(digest(sealed), MAGIC))
        self._file.close()

    def discard(self) -> None:
        """Close the unfinished file."""
        self._file.close()


class Spool:
    """One section collected in a temporary file of its own."""

    def __init__(
        self, writer: SectionWriter, name: str, dtype: np.dtype[Any], directory: str | Path | None
    ) -> None:
        self._writer, self._name, self._dtype = writer, name, dtype
        # Held for the whole build and closed by `finish` or `discard`.
        self._file = tempfile.TemporaryFile(dir=directory)
        self.count = 0

    def write(self, part: Array) -> None:
        """Append an array."""
        if len(part):
            self._file.write(np.ascontiguousarray(part, self._dtype).data.cast("B"))
            self.count += len(part)

    def parts(self) -> Iterator[tuple[int, Array]]:
        """What was collected, some at a time, each with the index of its first item."""
        start = 0
        self._file.seek(0)
        while block := self._file.read(_SLICE * self._dtype.itemsize):
            part = np.frombuffer(block, self._dtype)
            yield start, part
            start += len(part)

    def array(self) -> Array:
        """What was collected, as an array that stays in the temporary file until the spool ends."""
        self._file.flush()
        return np.memmap(self._file, self._dtype, "r") if self.count else np.zeros(0, self._dtype)

    def finish(self) -> None:
        """Copy what was collected into the container."""
        with self._writer.section(self._name, self._dtype) as write:
            for _, part in self.parts():
                write(part)
        self._file.close()

    def discard(self) -> None:
        """Forget what was collected."""
        self._file.close()
