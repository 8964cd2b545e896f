"""A compressed file gives the bytes inside, and damage is named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random

import pytest

from indexer.documents.compressed import unpacked
from indexer.documents.limits import Budget, zstandard
from indexer.documents.readers.files import read_whole
from indexer.errors import ReadError

PACKED = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: zstandard().compress(content),
}


def content(kind: str, packed: bytes, budget: Budget | None = None) -> bytes:
    """The bytes inside."""
    return read_whole(unpacked(kind, io.BytesIO(packed), budget or Budget.of(len(packed))))


@pytest.mark.parametrize("kind", PACKED)
def test_each_kind(kind: str) -> None:
    """What was packed comes out."""
    assert content(kind, PACKED[kind]("夜市".encode())) == "夜市".encode()


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_cut_off(kind: str, keep: float) -> None:
    """A file that ends too early is refused, and it is said that it does."""
    packed = PACKED[kind](os.urandom(400_000))
    with pytest.raises(ReadError, match="cut off"):
        content(kind, packed[: int(len(packed) * keep)])


@pytest.mark.parametrize(
    ("kind", "packed", "reason"),
    [
        ("gz", b"not gzip", "not a sound gzip file"),
        ("gz", gzip.compress(bytes(random.Random(1).randbytes(4000)), mtime=0)[:-2000], "cut off"),
        ("gz", gzip.compress(b"abc" * 99, mtime=0)[:-8] + b"\x00" * 8, "not a sound gzip file"),
        ("gz", b"", "empty"),
        ("bz2", b"BZh9" + bytes(40), "not a sound bzip2 file"),
        ("xz", b"\xfd7zXZ\x00" + bytes(40), "not a sound xz file"),
        ("zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "not a sound zstd file"),
    ],
)
def test_damage(kind: str, packed: bytes, reason: str) -> None:
    """A file that is none, is cut off, or fails its checksum is refused with the reason."""
    with pytest.raises(ReadError, match=reason):
        content(kind, packed)


@pytest.mark.parametrize("kind", PACKED)
def test_bomb(kind: str) -> None:
    """What unpacks to far more than it is is refused before it is unpacked."""
    with pytest.raises(ReadError, match="times its size"):
        content(kind, PACKED[kind](bytes(1_000_000)), Budget(bytes=100_000))
