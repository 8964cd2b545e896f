"""indexer.repair.mojibake and alphabet: what is looked at, and what is not."""

from __future__ import annotations

import pytest

from indexer.repair.alphabet import has_sign
from indexer.repair.misreading import BIG5, GBK, LATIN, bytes_of
from indexer.repair.mojibake import undo_wrong_decoding
from indexer.repair.steps import apply_edits


@pytest.mark.parametrize(
    "text", ["今天下午開會", "café, naïve", "鋼鐵、鋁與銅", "甲·乙×丙°", "“引號”…——", "Ελλάδα"]
)
def test_clean_text_shows_no_sign(text: str) -> None:
    """Nothing of it is looked at."""
    assert not has_sign(text)


@pytest.mark.parametrize("read", [LATIN, GBK, BIG5])
def test_bytes_come_back(read: str) -> None:
    """What was shown has its bytes again; what cannot have been shown is a hole."""
    codec = {LATIN: "latin-1", GBK: "gbk", BIG5: "big5"}[read]
    shown = "開會".encode().decode(codec, "ignore")
    assert bytes_of(shown, read).decode(codec) == shown
    assert bytes_of("\U0001f600", read) == b"\xff"


def test_a_proven_misreading_needs_less_elsewhere() -> None:
    """A full stop alone is too little; in a page that is garbled all over it is not."""
    line = "圖書館早上開門，讀者陸續進來。"
    page = f"{line}\n{line}\n。".encode().decode("latin-1")
    assert apply_edits(page, undo_wrong_decoding(page)) == f"{line}\n{line}\n。"
    assert undo_wrong_decoding("。".encode().decode("latin-1")) == []


def test_the_evidence_says_how_and_how_much_was_lost() -> None:
    """In words, with the number of characters that are gone."""
    garbled = (
        "大家都来图书馆借书还书".encode("gbk").decode("utf-8", "replace").encode().decode("gbk", "replace")
    )
    (edit,) = undo_wrong_decoding(garbled)
    assert edit.evidence.startswith("UTF-8 that was read as GBK, made of GBK that was read as UTF-8")
    assert edit.evidence.endswith(f"; {edit.after.count('〓')} lost")


@pytest.mark.parametrize("codec", ["big5", "gb18030"])
@pytest.mark.parametrize("rest", ["千", "周", "）。", "酴醾花落燕歸遲"])
def test_what_is_known_of_a_page_holds_for_the_rest(codec: str, rest: str) -> None:
    """Once lines have proven how a page was misread, a last character or rare ones are read so too."""
    page = f"湖邊的圖書館每天開到晚上九點\n館員替長者朗讀報紙，也為孩子說故事\n{rest}"
    shown = page.encode(codec).decode("latin-1")
    assert apply_edits(shown, undo_wrong_decoding(shown)) == page
    alone = "\n".join(["The museum opens at nine."] * 3) + "\n" + rest[:1].encode(codec).decode("latin-1")
    assert undo_wrong_decoding(alone) == []
