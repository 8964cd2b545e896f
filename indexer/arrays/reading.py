"""What is in a file of arrays? Its directory, and its sections as they are asked for."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from xxhash import xxh3_64_intdigest as digest

from indexer.arrays.sections import BLOCK, Array, Blocks, Section
from indexer.arrays.writing import HEADER, MAGIC, SEAL, TRAILER, VERSION
from indexer.errors import IndexCorrupt, IndexOutdated

_END = TRAILER.size + SEAL.size


class ArrayFile:
    """An opened container. What it gives are read-only views of the mapped file, which threads may share."""

    def __init__(self, buffer: Any, where: str) -> None:
        self.where = where
        self._buffer = buffer
        self._blocks, self._end, content = _opened(memoryview(buffer), where)
        self._directory: dict[str, tuple[str, int, int]] = content["sections"]
        self.metadata: Mapping[str, Any] = _Metadata(content["metadata"])

    @classmethod
    def open(cls, path: str | Path) -> ArrayFile:
        """Map a file; raises `IndexCorrupt` where it is not complete, `IndexOutdated` for another format."""
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

    def section(self, name: str) -> Section:
        """Section `name`, verified as it is read; raises `IndexCorrupt` where there is none."""
        if name not in self._directory:
            raise IndexCorrupt(f"{self.where}: has no section {name}; rebuild the index")
        dtype, count, offset = self._directory[name]
        if count < 0 or not HEADER.size <= offset <= offset + count * np.dtype(dtype).itemsize <= self._end:
            raise self._blocks.damaged("its directory")
        return Section(np.frombuffer(self._buffer, dtype, count, offset), name, self._blocks, offset)

    def array(self, name: str) -> Array:
        """Section `name` as a read-only array, verified whole; raises `IndexCorrupt` as `section` does."""
        return self.section(name).whole()

    def get(self, name: str) -> Array | None:
        """Section `name` as a read-only array, or None where there is none."""
        return self.array(name) if name in self._directory else None

    def release(self) -> None:
        """Give the mapped pages back, where the system can; what is used again is read again."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Read every section; raises `IndexCorrupt` naming the first that is not as it was written."""
        for name in self._directory:
            self.array(name)
        self._blocks.ensure(0, len(self._blocks.seen) * BLOCK, "what is between the sections")


class _Metadata(dict[str, Any]):
    """What a file says besides its sections; another file in its place says other things."""

    def __missing__(self, name: str) -> None:
        raise IndexCorrupt(f"index: another file than was built, it says no {name}; rebuild the index")


def seal(path: str | Path) -> str | None:
    """What tells a complete container from every other: the sum of its sums, in hexadecimal digits.

    None for a file that is none. What the seal says of the file is found true or false as it is read.
    """
    with open(path, "rb") as stream:
        stream.seek(max(0, stream.seek(0, 2) - SEAL.size))
        end = stream.read(SEAL.size)
    return end[:8].hex() if end[8:] == MAGIC else None


def _opened(view: memoryview, where: str) -> tuple[Blocks, int, dict[str, Any]]:
    """The blocks of a file, where its directory begins, and what it says."""
    problem = IndexCorrupt(f"{where}: not a complete index file; rebuild the index")
    if len(view) < HEADER.size + _END:
        raise problem
    magic, version, _ = HEADER.unpack_from(view, 0)
    sealed, end_magic = SEAL.unpack_from(view, len(view) - SEAL.size)
    directory, end, again, block = TRAILER.unpack_from(view, len(view) - _END)
    if magic != MAGIC or end_magic != MAGIC or version != again:
        raise problem
    if version != VERSION:
        raise IndexOutdated(f"{where}: format {version}, this release reads {VERSION}; rebuild the index")
    count = -(-end // BLOCK)
    if not directory <= end == len(view) - _END - 8 * count or block != BLOCK:
        raise problem
    if digest(view[end : len(view) - SEAL.size]) != sealed:
        raise problem
    blocks = Blocks(view[:end], np.frombuffer(view, "<u8", count, end).astype("=u8").data, where)
    blocks.ensure(directory, end, "its directory")
    content: dict[str, Any] = json.loads(bytes(view[directory:end]))
    return blocks, directory, content
