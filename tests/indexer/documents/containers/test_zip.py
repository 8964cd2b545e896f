"""An archive's files are read like files, under the names that their writer gave them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.containers import zip as zips
from indexer.documents.containers.zip import read_zip
from indexer.documents.outcomes import Ignored, Indexed, Skipped
from indexer.documents.reading import Member
from indexer.documents.sources import read_files

HERE = DocumentSettings(readers=0)

LETTER = "南門外擺起了三十多個攤子。"


def packed(names: dict[str, str | bytes]) -> bytes:
    """A zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def written(names: list[str], encoding: str) -> bytes:
    """An archive whose names are in `encoding` and not marked: no library writes them today."""
    locals_, central = b"", b""
    data = LETTER.encode()
    for name in names:
        raw = name.encode(encoding)
        sizes = zlib.crc32(data), len(data), len(data), len(raw), 0
        tail = struct.pack("<HHHHHLLLHH", 20, 0, 0, 0, 0x5821, *sizes)
        central += b"PK\1\2" + struct.pack("<H", 20) + tail
        central += struct.pack("<HHHLL", 0, 0, 0, 0, len(locals_)) + raw
        locals_ += b"PK\3\4" + tail + raw + data
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, len(names), len(names), len(central), len(locals_), 0)
    return locals_ + central + end


def names_of(content: bytes) -> list[str]:
    """The paths of an archive's members."""
    found = read_zip("a.zip", io.BytesIO(content))
    return [item.name if isinstance(item, Member) else item.path for item in found]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["會議/紀錄.txt", "說明.txt"]),
        ("gb18030", ["会议/纪要.txt", "通知.txt"]),
        ("gb18030", ["说明.txt"]),
        ("big5hkscs", ["會議/紀錄.txt", "深水埗.txt"]),
        ("cp932", ["会議/お知らせ.txt", "メモ.txt"]),
        ("ascii", ["a/b.txt"]),
    ],
)
def test_names(encoding: str, names: list[str]) -> None:
    """Names are read in the encoding of the program that wrote them."""
    assert names_of(written(names, encoding)) == [f"a.zip!/{name}" for name in names]


def test_name_beside_the_name() -> None:
    """A name that Info-ZIP wrote again in UTF-8 is taken from there."""
    entry = zipfile.ZipInfo("????.txt")
    raw = "紀錄.txt".encode()
    entry.extra = b"\x75\x70" + (5 + len(raw)).to_bytes(2, "little") + b"\1" + bytes(4) + raw
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, LETTER)
    assert names_of(target.getvalue()) == ["a.zip!/紀錄.txt"]


def test_outcomes(tmp_path: Path) -> None:
    """Every member has its outcome, and a bad one costs itself."""
    inner = packed({"letter.txt": LETTER})
    content = packed(
        {
            "dir/": "",
            "dir/letter.txt": LETTER,
            "dir\\other.md": f"# 夜市\n{LETTER}",
            "empty.txt": "",
            ".hidden": "x",
            "style.css": "p {}",
            "inner.dat": inner,
        }
    )
    (tmp_path / "a.zip").write_bytes(content)
    found = list(read_files(SourceSettings(tmp_path), HERE))
    assert [d.id for d in found if isinstance(d, Document)] == [
        "a.zip!/dir/letter.txt",
        "a.zip!/dir/other.md",
        "a.zip!/inner.dat!/letter.txt",
    ]
    assert [item for item in found if not isinstance(item, Document)] == [
        Indexed("a.zip!/dir/letter.txt", 1),
        Indexed("a.zip!/dir/other.md", 1),
        Skipped("a.zip!/empty.txt", "the file is empty"),
        Ignored("a.zip!/style.css", "no reader for .css files"),
        Indexed("a.zip!/inner.dat!/letter.txt", 1),
        Indexed("a.zip!/inner.dat", 0),
        Indexed("a.zip", 0),
    ]


def test_damage_costs_one_member(tmp_path: Path) -> None:
    """A member that fails its checksum is named, those beside it are read."""
    content = packed({"a.txt": LETTER * 50, "b.txt": LETTER})
    at = content.index(b"a.txt") + 20
    (tmp_path / "a.zip").write_bytes(content[:at] + b"\xff\xff\xff" + content[at + 3 :])
    first, second, *_ = [
        item for item in read_files(SourceSettings(tmp_path), HERE) if not isinstance(item, Document)
    ]
    assert isinstance(first, Skipped) and "not a sound archive" in first.reason
    assert second == Indexed("a.zip!/b.txt", 1)


def test_a_member_without_a_name(tmp_path: Path) -> None:
    """It keeps no other from being read."""
    (tmp_path / "a.zip").write_bytes(packed({"": LETTER, "b.txt": LETTER}))
    found = read_files(SourceSettings(tmp_path), HERE)
    assert "a.zip!/b.txt" in [item.id for item in found if isinstance(item, Document)]


def test_encrypted(tmp_path: Path) -> None:
    """A member under a password is named."""
    content = bytearray(packed({"a.txt": LETTER}))
    for mark in (b"PK\3\4", b"PK\1\2"):
        content[content.index(mark) + (6 if mark == b"PK\3\4" else 8)] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert Skipped("a.zip!/a.txt", "encrypted; unpack it with its password") in list(
        read_files(SourceSettings(tmp_path), HERE)
    )


def test_depth(tmp_path: Path) -> None:
    """Four containers within one another are opened, a fifth is named."""
    content: bytes = packed({"a.txt": LETTER})
    for _ in range(5):
        content = packed({"a.zip": content, "b.txt": LETTER})
    (tmp_path / "a.zip").write_bytes(content)
    found = list(read_files(SourceSettings(tmp_path), HERE))
    (skipped,) = (item for item in found if isinstance(item, Skipped))
    assert skipped.path == "a.zip" + "!/a.zip" * 4 and "more than 4" in skipped.reason
    assert sum(isinstance(item, Document) for item in found) == 4


@pytest.mark.parametrize("cut", [30, 200])
def test_cut_off(tmp_path: Path, cut: int) -> None:
    """An archive without its end is no archive."""
    (tmp_path / "a.zip").write_bytes(packed({"a.txt": LETTER, "b.txt": LETTER})[:-cut])
    (skipped,) = read_files(SourceSettings(tmp_path), HERE)
    assert isinstance(skipped, Skipped) and "not a sound zip archive" in skipped.reason


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of very many members is refused before it is listed."""
    monkeypatch.setattr(zips, "MAX_MEMBERS", 3)
    (tmp_path / "a.zip").write_bytes(packed({f"{n}.txt": LETTER for n in range(4)}))
    (skipped,) = read_files(SourceSettings(tmp_path), HERE)
    assert isinstance(skipped, Skipped) and "more than 3 members" in skipped.reason
