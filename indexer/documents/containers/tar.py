"""What lies in a tar archive? Its regular files, as they come by.

The archive is read once from beginning to end, so its size does not matter. Links and devices are left out.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents.containers.names import decode_names, is_hidden
from indexer.documents.limits import damage
from indexer.documents.reading import Member
from indexer.errors import ReadError


def read_tar(name: str, stream: BinaryIO) -> Iterator[Member]:
    """The files of a tar archive; raises `ReadError` where it is damaged or cut off."""
    try:
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            for entry in archive:
                # What has come by is kept otherwise.
                archive.members = []  # type: ignore[attr-defined]
                content = archive.extractfile(entry) if entry.isfile() else None
                (inner,) = decode_names([entry.name.encode("utf-8", "surrogateescape")])
                if content is not None and not is_hidden(inner):
                    yield Member(f"{name}!/{inner}", content)  # type: ignore[arg-type]
    except damage() as error:
        raise ReadError(f"not a sound tar archive: {error}") from error
