"""A tar archive's files are read as they come by, packed or not."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.outcomes import Indexed, Skipped
from indexer.documents.sources import read_files

HERE = DocumentSettings(readers=0)

LETTER = "南門外擺起了三十多個攤子。"


def tarred(mode: str = "w:gz", count: int = 2) -> bytes:
    """An archive of letters, a folder and a link."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        folder = tarfile.TarInfo("信")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for number in range(count):
            data = f"{number} {LETTER}".encode()
            entry = tarfile.TarInfo(f"信/{number}.txt")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("out.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w:"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.dat", "w:xz")],
)
def test_members(tmp_path: Path, name: str, mode: str) -> None:
    """Files come with their paths; folders and links do not."""
    (tmp_path / name).write_bytes(tarred(mode))
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert [d.id for d in found if isinstance(d, Document)] == [f"{name}!/信/0.txt", f"{name}!/信/1.txt"]
    assert found[-1] == Indexed(name, 0)


def test_cut_off(tmp_path: Path) -> None:
    """What came before the cut is read, and the cut is named."""
    whole = gzip.decompress(tarred(count=50))
    (tmp_path / "a.tar").write_bytes(whole[: len(whole) // 2])
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert sum(isinstance(item, Document) for item in found) > 10
    assert isinstance(found[-1], Skipped) and found[-1].path == "a.tar"


def test_damage_costs_the_file_that_it_is_in(tmp_path: Path) -> None:
    """A wrong bit in the head of a file ends no archive: what is behind it is read, and it is named."""
    whole = tarred("w:", 4)
    # Of a name that is no ASCII there is a head with the name before the head itself.
    heads = [place for place in range(0, len(whole), 512) if whole[place + 257 : place + 262] == b"ustar"]
    for place in heads:
        (tmp_path / "a.tar").write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = list(read_files(SourceSettings(tmp_path), HERE))
        texts = "".join(item.text for item in found if isinstance(item, Document))
        assert sum(f"{number} {LETTER}" in texts for number in range(4)) >= 3
        assert isinstance(found[-1], Skipped) and "damaged or cut off" in found[-1].reason


def test_behind_the_end(tmp_path: Path) -> None:
    """Another archive is read, with one outcome for both; what is none, and zeros, say nothing."""
    first = tarred("w:", 2)
    (tmp_path / "a.tar").write_bytes(first)
    alone = list(read_files(SourceSettings(tmp_path), HERE))
    for behind in (bytes(5000), b"x y z" * 300):
        (tmp_path / "a.tar").write_bytes(first + behind)
        assert list(read_files(SourceSettings(tmp_path), HERE)) == alone
    (tmp_path / "a.tar").write_bytes(first + tarred("w:", 3))
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert sum(isinstance(item, Document) for item in found) == 5 and found[-1] == Indexed("a.tar", 0)
