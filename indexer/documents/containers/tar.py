"""What lies in a tar archive? Its regular files, as they come by.

The archive is read once from beginning to end, so its size does not matter. Links and devices are left out.
Behind a damaged place the next file that can be made out comes, so also those of an archive that was put
behind another.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from indexer.documents.containers.names import decode_names, is_hidden
from indexer.documents.limits import damage
from indexer.documents.reading import Member
from indexer.errors import ReadError


def read_tar(name: str, stream: BinaryIO) -> Iterator[Member]:
    """The files of a tar archive; raises `ReadError` behind them where it is damaged or cut off."""
    blocks = _Blocks()
    try:
        with tarfile.open(
            fileobj=stream,
            mode="r|",
            encoding="utf-8",
            errors="surrogateescape",
            ignore_zeros=True,  # and what else is no head of a file
            tarinfo=blocks.entry_type(),
        ) as archive:
            for entry in archive:
                # What has come by is kept otherwise.
                archive.members = []  # type: ignore[attr-defined]
                content = archive.extractfile(entry) if entry.isfile() else None
                (inner,) = decode_names([entry.name.encode("utf-8", "surrogateescape")])
                if content is not None and not is_hidden(inner):
                    yield Member(f"{name}!/{inner}", content)  # type: ignore[arg-type]
    except damage() as error:
        raise ReadError(f"not a sound tar archive: {error}") from error
    if blocks.are_damaged:
        raise ReadError("the tar archive is damaged or cut off; what could be read of it was")


@dataclass
class _Blocks:
    """What stands where a file's head is to be: `are_damaged` where something else does than zeros.

    Zeros end an archive, and what there is behind them is no part of it, unless something follows it.
    """

    are_damaged: bool = False
    _ended: bool = False
    _behind: bool = False

    def entry_type(self) -> type[tarfile.TarInfo]:
        """What tarfile makes of heads, which is told here."""
        blocks = self

        class Entry(tarfile.TarInfo):
            @classmethod
            def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
                try:
                    found = super().fromtarfile(archive)
                except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
                    blocks.followed(ended=True)
                    raise
                except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
                    raise
                except (tarfile.HeaderError, ValueError) as error:
                    blocks.broken()
                    raise tarfile.InvalidHeaderError(str(error)) from error  # type: ignore[attr-defined]
                blocks.followed(ended=False)
                return found

        return Entry

    def followed(self, ended: bool) -> None:
        """A head comes, or the end."""
        self.are_damaged |= self._behind
        self._ended, self._behind = ended, False

    def broken(self) -> None:
        """What comes is neither."""
        if self._ended:
            self._behind = True
        else:
            self.are_damaged = True
