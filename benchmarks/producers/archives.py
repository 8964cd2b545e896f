"""Archives by Python's libraries and by the programs of the system, and compressed files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

from benchmarks.producers.letter import Letter, Missing, run


def _content(letter: Letter) -> bytes:
    head = f"{letter.title}\n作者：{letter.author}\n2025年2月4日 15:52\n\n"
    return (head + "\n".join(letter.paragraphs)).encode()


def python_zip(letter: Letter) -> bytes:
    """Names in UTF-8, deflated."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"信/{letter.title}.txt", _content(letter))
    return target.getvalue()


def old_zip(letter: Letter, names: tuple[str, ...] = ()) -> bytes:
    """Names in GBK or Big5, not marked, as old programs write them and no library does."""
    data = _content(letter)
    codec = "big5hkscs" if "軟" in letter.title else "gb18030"
    body, central = b"", b""
    for name in names or (f"信/{letter.title}.txt",):
        raw = name.encode(codec)
        head = struct.pack(
            "<5H3L2H", 20, 0, 0, 0, 0x5A44, zlib.crc32(data), len(data), len(data), len(raw), 0
        )
        central += (
            b"PK\1\2" + struct.pack("<H", 20) + head + struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + raw
        )
        body += b"PK\3\4" + head + raw + data
    count = len(names) or 1
    return body + central + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(body), 0)


def python_tar(letter: Letter) -> bytes:
    """One file, not compressed."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo("信/letter.txt")
        entry.size = len(_content(letter))
        archive.addfile(entry, io.BytesIO(_content(letter)))
    return target.getvalue()


def gnu_tar(letter: Letter) -> bytes:
    """What the system's program writes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{letter.title}.txt").write_bytes(_content(letter))
        run("tar", "-C", folder, "-cf", f"{folder}/letter.tar", f"{letter.title}.txt")
        return (Path(folder) / "letter.tar").read_bytes()


def _by_program(program: str, letter: Letter) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "letter.txt").write_bytes(_content(letter))
        run(program, f"{folder}/letter.txt")
        (written,) = Path(folder).glob("letter.txt.*")
        return written.read_bytes()


def seven(letter: Letter) -> bytes:
    """A 7z archive."""
    try:
        import py7zr
    except ImportError as error:
        raise Missing("py7zr is not installed") from error
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        archive.writestr(_content(letter), f"信/{letter.title}.txt")
    return target.getvalue()


def zstandard(letter: Letter) -> bytes:
    """A zstd frame."""
    from indexer.documents.limits import zstandard as library

    return bytes(library().compress(_content(letter)))


PRODUCERS = {
    "zip": {"python": python_zip, "old": old_zip},
    "tar": {"python": python_tar, "tar": gnu_tar},
    "7z": {"py7zr": seven},
    "txt.gz": {
        "python": lambda letter: gzip.compress(_content(letter)),
        "gzip": lambda letter: _by_program("gzip", letter),
    },
    "txt.bz2": {
        "python": lambda letter: bz2.compress(_content(letter)),
        "bzip2": lambda letter: _by_program("bzip2", letter),
    },
    "txt.xz": {
        "python": lambda letter: lzma.compress(_content(letter)),
        "xz": lambda letter: _by_program("xz", letter),
    },
    "txt.zst": {"python": zstandard},
}
