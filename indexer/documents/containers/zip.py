"""What lies in a zip archive? Its files in their order, and the names they were given.

What cannot be unpacked costs that member alone: an encrypted one, one that is damaged, one packed by a
method that Python does not know.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from indexer.documents.containers.names import decode_names, is_hidden, shown
from indexer.documents.limits import MAX_MEMBERS, damage, seekable
from indexer.documents.outcomes import Skipped
from indexer.documents.reading import Member
from indexer.errors import ReadError

_UTF8, _ENCRYPTED = 0x800, 0x1
_UNICODE_PATH = 0x7075
_TAIL = 65_535 + 22 + 20 + 56  # the longest comment, and the records that end an archive


def read_zip(name: str, stream: BinaryIO) -> Iterator[Member | Skipped]:
    """The files of a zip archive; raises `ReadError` for one that cannot be listed."""
    with opened_zip(stream) as archive:
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        for entry, inner in zip(entries, member_names(entries), strict=True):
            if not is_hidden(inner):
                yield from _member(archive, entry, f"{name}!/{inner}")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Iterator[Member | Skipped]:
    if entry.flag_bits & _ENCRYPTED:
        yield Skipped(path, "encrypted; unpack it with its password")
        return
    try:
        content = archive.open(entry)
    except damage() as error:
        yield Skipped(path, f"cannot be unpacked: {error}")
        return
    with content:
        yield Member(path, content)  # type: ignore[arg-type]  # a ZipExtFile reads like a BinaryIO


@contextmanager
def opened_zip(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip archive opened for reading; raises `ReadError` for one that is none or lists too much."""
    with seekable(stream) as file:
        try:
            if _count(file) > MAX_MEMBERS:
                raise ReadError(f"more than {MAX_MEMBERS:,} members; unpack it into a folder")
            archive = zipfile.ZipFile(file)
        except damage() as error:
            raise ReadError(f"not a sound zip archive: {error}") from error
        with archive:
            yield archive


def _count(file: BinaryIO) -> int:
    """How many entries an archive says it has, without listing them."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL))
    tail = file.read()
    file.seek(0)
    end, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if wide >= 0 and len(tail) >= wide + 40:
        return int(struct.unpack_from("<Q", tail, wide + 32)[0])
    return int(struct.unpack_from("<H", tail, end + 10)[0]) if 0 <= end <= len(tail) - 12 else 0


def member_names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of entries as their writer saw them; those not marked as UTF-8 are judged together."""
    names = [_stated_name(entry) for entry in entries]
    # zipfile reads unmarked names as CP437, which knows every byte.
    raw = [entry.filename.encode("cp437") for entry, name in zip(entries, names, strict=True) if name is None]
    judged = iter(decode_names(raw))
    return [next(judged) if name is None else shown(name) for name in names]


def _stated_name(entry: zipfile.ZipInfo) -> str | None:
    return _unicode_path(entry) or (entry.filename if entry.flag_bits & _UTF8 else None)


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    """The name in UTF-8 that Info-ZIP writes beside one in another encoding."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return None
