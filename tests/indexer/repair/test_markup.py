"""indexer.repair.markup and mojibake: remains of markup, wrong decodings."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.repair.markup import drop_broken_tags, drop_tone_marks, restore_spaces, unescape_entities
from indexer.repair.mojibake import undo_wrong_decoding
from indexer.repair.steps import apply_edits

SENTENCES = [
    "园区昨天举行了揭牌仪式",
    "長江兩岸的產業園區正在擴建",
    "今年的工作目标已经确定了吗",
    "会议由市政府主持召开了",
]


def test_a_few_entities_are_left_in_clean_text() -> None:
    """A text that speaks of entities keeps them; in a damaged one each goes."""
    text = "空格寫作&nbsp;,小於寫作&lt;。"
    assert unescape_entities(text, damaged=False) == []
    assert apply_edits(text, unescape_entities(text, damaged=True)) == "空格寫作 ,小於寫作<。"


def test_unknown_entities_stay() -> None:
    """What names no character is not touched."""
    assert unescape_entities("甲&foo;乙&bar;丙&baz;丁&#0;", damaged=True) == []


def test_whole_tags_and_paths_are_not_broken_tags() -> None:
    """`</p>` has its `<`, and a path has a letter before the slash."""
    assert drop_broken_tags("甲</p>乙</p>丙</p>a/b>c/p>", damaged=True) == []


def test_block_tags_become_line_breaks() -> None:
    """A block that ended inside a line ends it; an inline tag leaves nothing."""
    text = "甲。/p>乙/span>丙。/p>\n丁。/div>"
    assert apply_edits(text, drop_broken_tags(text, damaged=True)) == "甲。\n乙丙。\n丁。"


def test_indents_need_three_lines() -> None:
    """One line that begins with a question mark may be meant; three are a page's indents."""
    assert restore_spaces("?這是什麼\n?那是什麼", False) == []
    assert apply_edits("??甲\n??乙\n?丙", restore_spaces("??甲\n??乙\n?丙", True)) == "甲\n乙\n丙"


def test_tone_marks_on_latin_letters_stay() -> None:
    """Only marks behind Han characters go."""
    assert drop_tone_marks("ma\u0301 mo\u0304 mi\u030c", damaged=True) == []


@given(st.sampled_from(SENTENCES), st.integers(0, 6), st.sampled_from(["latin-1", "gbk"]))
def test_lossless_mojibake_is_undone(sentence: str, start: int, read_as: str) -> None:
    """UTF-8 read as Latin-1 or GBK comes back where no byte was lost."""
    text = sentence[start : start + 4]
    raw = text.encode("utf-8")
    assume(raw.decode(read_as, "ignore").encode(read_as) == raw)
    damaged = raw.decode(read_as)
    assert apply_edits(damaged, undo_wrong_decoding(damaged)) == text


@pytest.mark.parametrize("sentence", SENTENCES)
def test_gbk_read_as_latin_is_undone(sentence: str) -> None:
    """GBK read as Latin-1 comes back."""
    damaged = sentence.encode("gbk").decode("latin-1")
    assert apply_edits(damaged, undo_wrong_decoding(damaged)) == sentence


@pytest.mark.parametrize("text", [*SENTENCES, "café, naïve, Ærøskøbing", "ÀÉÎÕÜ ÄÖÜß", "²³¹°±×÷", ""])
def test_good_text_has_no_mojibake(text: str) -> None:
    """Chinese, accented words and signs are left alone."""
    assert undo_wrong_decoding(text) == []
