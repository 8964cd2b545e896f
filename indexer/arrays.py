"""How are many arrays kept in one file? Named sections, memory-mapped, each with a checksum.

    header     16 bytes: magic, format version
    sections   raw little-endian arrays, each starting at a multiple of 64 bytes
    directory  JSON: sections (type, count, offset, CRC-32) and free-form metadata
    trailer    32 bytes: offset, length and CRC-32 of the directory, magic

The invariant: a file is complete once its trailer is there, and is never changed afterwards. Opening
reads the trailer and the directory alone; `ArrayFile.verify` reads everything.
"""

from __future__ import annotations

import json
import mmap
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexCorrupt

Array = NDArray[Any]

MAGIC = b"HANSOUIX"
VERSION = 3
ALIGNMENT = 64
_HEADER = struct.Struct("<8sII")
_TRAILER = struct.Struct("<QQII8s")
_SLICE = 1 << 22


class SectionWriter:
    """Writes one container to an open binary file; `close` writes directory and trailer."""

    def __init__(self, stream: IO[bytes], spool_directory: str | Path | None = None) -> None:
        self._stream = stream
        self._directory: dict[str, tuple[str, int, int, int]] = {}
        self._spool_directory = spool_directory
        self._offset = stream.write(_HEADER.pack(MAGIC, VERSION, 0))

    def add(self, name: str, array: Array) -> None:
        """Write a whole one-dimensional array as section `name`."""
        with self.section(name, array.dtype) as write:
            for start in range(0, len(array), _SLICE):
                write(array[start : start + _SLICE])

    @contextmanager
    def section(self, name: str, dtype: np.dtype[Any] | type[Any]) -> Iterator[Any]:
        """A function that appends arrays to section `name` as long as the context is open."""
        kind = np.dtype(dtype).newbyteorder("<")
        padding = -self._offset % ALIGNMENT
        self._offset += self._stream.write(b"\0" * padding)
        start, crc = self._offset, 0

        def write(part: Array) -> None:
            nonlocal crc
            block = np.ascontiguousarray(part, kind).data.cast("B") if len(part) else b""
            crc = zlib.crc32(block, crc)
            self._stream.write(block)
            self._offset += len(block)

        yield write
        self._directory[name] = (kind.str, (self._offset - start) // kind.itemsize, start, crc)

    def spool(self, name: str, dtype: np.dtype[Any] | type[Any]) -> Spool:
        """A section that grows beside others; it enters the file when it is finished."""
        return Spool(self, name, np.dtype(dtype), self._spool_directory)

    def close(self, metadata: Mapping[str, Any]) -> None:
        """Write directory and trailer and close the file. `metadata` must be JSON."""
        sections = {name: list(entry) for name, entry in self._directory.items()}
        body = json.dumps({"sections": sections, "metadata": metadata}, ensure_ascii=False).encode()
        self._stream.write(body)
        self._stream.write(_TRAILER.pack(self._offset, len(body), zlib.crc32(body), VERSION, MAGIC))
        self._stream.close()

    def discard(self) -> None:
        """Close the unfinished file."""
        self._stream.close()


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


class ArrayFile:
    """An opened container. Arrays are read-only views of the mapped file and may be shared by threads."""

    def __init__(self, buffer: Any, where: str) -> None:
        self.where = where
        self._buffer = buffer
        self._directory, self.metadata = _read_directory(memoryview(buffer), where)

    @classmethod
    def open(cls, path: str | Path) -> ArrayFile:
        """Map a file; raises `IndexCorrupt` where it is not a complete container."""
        with open(path, "rb") as stream:
            try:
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise IndexCorrupt(f"{path}: empty file; rebuild the index") from error
        return cls(mapped, str(path))

    def __contains__(self, name: str) -> bool:
        return name in self._directory

    def names(self) -> list[str]:
        """All section names, in file order."""
        return list(self._directory)

    def array(self, name: str) -> Array:
        """Section `name` as a read-only array; KeyError where there is none."""
        dtype, count, offset, _ = self._directory[name]
        return np.frombuffer(self._buffer, np.dtype(dtype), count, offset)

    def get(self, name: str) -> Array | None:
        """Section `name`, or None where there is none."""
        return self.array(name) if name in self._directory else None

    def release(self) -> None:
        """Give the mapped pages back, where the system can; what is used again is read again."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Read every section; raises `IndexCorrupt` naming the first that differs from its checksum."""
        for name, (_, _, _, crc) in self._directory.items():
            array = self.array(name)
            if zlib.crc32(array.data.cast("B") if len(array) else b"") != crc:
                raise IndexCorrupt(f"{self.where}: section {name} is damaged; rebuild the index")


def _read_directory(
    view: memoryview, where: str
) -> tuple[dict[str, tuple[str, int, int, int]], dict[str, Any]]:
    problem = f"{where}: not a complete index file; rebuild the index"
    if len(view) < _HEADER.size + _TRAILER.size:
        raise IndexCorrupt(problem)
    magic, version, _ = _HEADER.unpack_from(view, 0)
    offset, length, crc, _, end_magic = _TRAILER.unpack_from(view, len(view) - _TRAILER.size)
    if magic != MAGIC or end_magic != MAGIC or offset + length + _TRAILER.size != len(view):
        raise IndexCorrupt(problem)
    if version != VERSION:
        raise IndexCorrupt(f"{where}: format {version}, this release reads {VERSION}; rebuild the index")
    body = bytes(view[offset : offset + length])
    if zlib.crc32(body) != crc:
        raise IndexCorrupt(problem)
    content = json.loads(body)
    return {name: tuple(entry) for name, entry in content["sections"].items()}, content["metadata"]


def decoded(blob: Array, starts: Array, ends: Array) -> list[str]:
    """The strings that stand at `starts` to `ends` of the UTF-8 of many."""
    raw = blob.tobytes()
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    return [raw[start:end].decode("utf-8", "surrogatepass") for start, end in spans]
