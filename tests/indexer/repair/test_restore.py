"""indexer.repair.restore and halves: characters of which bytes are lost."""

from __future__ import annotations

import pytest

from indexer.repair.halves import read_halves
from indexer.repair.lost import KEEP
from indexer.repair.restore import could_be, restore


@pytest.mark.parametrize(
    ("part", "character"),
    [(b"\xe5\xbc", "开"), (b"\xe5\xff\x80", "开"), (b"\xbc\x80", "开"), (b"\xef\xbc", "，")],
)
def test_what_two_bytes_leave(part: bytes, character: str) -> None:
    """Two of three bytes leave 64 characters at most, the right one among them."""
    found = could_be(part)
    assert character in found and len(found) <= 64


@pytest.mark.parametrize("part", [b"\xe5", b"\xe5\xff\xff", b"\xff", b"\x80", b"\xff\xff\x80"])
def test_one_byte_leaves_too_much(part: bytes) -> None:
    """Of one byte nothing can be told."""
    assert could_be(part) == ""


def test_certain_or_geta() -> None:
    """What the neighbors tell is restored; what they do not is 〓."""
    assert restore("图书".encode()[:-1].decode("utf-8", KEEP) + "馆") == "图书馆"
    assert restore("甲".encode()[:1].decode("utf-8", KEEP)) == "〓"
    assert restore("無事") == "無事"


def test_pairs_that_survive() -> None:
    """Whole pairs are read, lost ones are 〓, ASCII stays in step, one mark may stand for two bytes."""
    whole = "迎使".encode("gbk")
    assert read_halves(b"\xff\xff" + whole + b"\xff\xffABC", "gbk") == "〓迎使〓ABC"
    assert read_halves(b"\xff" + whole, "gbk") == "〓迎使"
    assert read_halves(b"", "gbk") == ""
