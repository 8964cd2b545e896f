"""What lies in a 7z archive? Its files, unpacked together: they are compressed as one stream.

Reading needs the extra `hansou[sevenzip]`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.containers.names import is_hidden, shown
from indexer.documents.limits import MAX_MEMBERS, Budget, damage, seekable
from indexer.documents.reading import Member, NoReader
from indexer.errors import ReadError

_IN_MEMORY = 1 << 20


def read_7z(name: str, stream: BinaryIO) -> Iterator[Member]:
    """The files of a 7z archive; raises `ReadError` for one that is encrypted, damaged or a bomb."""
    try:
        import py7zr  # an extra, which brings ten packages
    except ImportError:
        raise NoReader("a .7z file; pip install 'hansou[sevenzip]' reads it") from None
    with seekable(stream) as file:
        unsound = damage() + (py7zr.exceptions.ArchiveError,)  # noqa: RUF005  # mypy follows this form alone
        try:
            size = file.seek(0, 2)
            file.seek(0)
            with py7zr.SevenZipFile(file) as archive:
                if archive.needs_password():
                    raise ReadError("encrypted; unpack it with its password")
                _require_budget(archive.list(), size)
                contents = _Contents()
                archive.extractall(factory=contents)
        except unsound as error:
            raise ReadError(f"not a sound 7z archive: {error}") from error
    for inner, content in contents.files.items():
        label = shown(inner)
        if not is_hidden(label):
            content.seek(0)
            yield Member(f"{name}!/{label}", content.file)
        content.file.close()


def _require_budget(entries: list[Any], size: int) -> None:
    if len(entries) > MAX_MEMBERS:
        raise ReadError(f"more than {MAX_MEMBERS:,} members; unpack it into a folder")
    Budget.of(size).spend(sum(entry.uncompressed or 0 for entry in entries))


class _Content:
    """A file that py7zr writes, in memory while it is small."""

    def __init__(self) -> None:
        # Closed by read_7z, when its reader is done with it.
        self.file: Any = tempfile.SpooledTemporaryFile(_IN_MEMORY)
        self.write = self.file.write
        self.read = self.file.read
        self.seek = self.file.seek
        self.flush = self.file.flush

    def size(self) -> int:
        """Bytes written."""
        at = self.file.tell()
        size = int(self.file.seek(0, 2))
        self.file.seek(at)
        return size

    def close(self) -> None:
        """Nothing: the content is read later."""


class _Contents:
    """Gives py7zr a place for each file of an archive."""

    def __init__(self) -> None:
        self.files: dict[str, _Content] = {}

    def create(self, filename: str) -> _Content:
        """A place for a file."""
        return self.files.setdefault(filename, _Content())
