"""indexer.repair.realign and what it stands on: bytes, tokens, guesses, readings."""

from __future__ import annotations

from itertools import pairwise
from time import monotonic

import pytest

from indexer.repair.gbk import byte_tables, last_byte
from indexer.repair.guesses import UNKNOWN, completed, gap, lost, opened, read_so
from indexer.repair.realign import realign
from indexer.repair.steps import apply_edits
from indexer.repair.tokens import Kind, tokens


def read(text: str) -> str:
    """The text with its runs realigned."""
    return apply_edits(text, realign(text, monotonic() + 60))


def test_tables_agree() -> None:
    """Every pair leads to a character and back, and undefined pairs are in neither table."""
    tables = byte_tables()
    assert all(tables.character[pair] == character for character, pair in tables.pair.items())
    assert all(
        (lead, trail) not in tables.character for lead in tables.undefined for trail in tables.undefined[lead]
    )


def test_last_byte() -> None:
    """ASCII is its own byte; what GBK lacks has none."""
    assert (last_byte("當"), last_byte("r"), last_byte("𠮷"), last_byte("")) == (0x94, 0x72, None, None)


@pytest.mark.parametrize("line", ["當?shù)貢r間", "�(chuán)播", "a(b)(hao)?", "€，！", "", "?沙(sha)(sha)"])
def test_tokens_lose_nothing(line: str) -> None:
    """The tokens' texts concatenate to the line."""
    assert "".join(token.text for token in tokens(line, 0)) == line


def test_tokens_stop_at_the_line_end() -> None:
    """A run never crosses a line."""
    assert [token.text for token in tokens("甲\n乙", 0)] == ["甲"]


def test_a_doubled_straddling_annotation_is_one_marker() -> None:
    """`?shù)(shù)` is one marker with one syllable."""
    (token,) = tokens("?shù)(shù)", 0)
    assert (token.kind, token.syllable) == (Kind.MARKER, "shù")


def test_guesses_respect_the_bytes() -> None:
    """A guess has the lead, the trail or the gap that it was asked for."""
    pair = byte_tables().pair
    characters = {c for forms in lost(0xB5).by_class.values() for c in forms}
    assert {pair[c][0] for c in characters} == {0xB5}
    characters = {c for forms in completed(UNKNOWN, 0xD8).by_class.values() for c in forms}
    assert {pair[c][1] for c in characters} == {0xD8}
    characters = {c for forms in completed(gap(0xAC), 0xA6).by_class.values() for c in forms}
    assert all(pair[c][0] >= 0xA1 and pair[c][1] == 0xA6 for c in characters)
    characters = {c for forms in opened(0xC5).by_class.values() for c in forms}
    assert "努" in characters
    assert "男" not in characters


def test_the_lost_byte_is_the_one_that_is_read_so() -> None:
    """94 B5 is 數, read shù."""
    assert (0xB5, "數", 0.0) in read_so(0x94, "shù")


@pytest.mark.parametrize(
    ("damaged", "clean"),
    [
        ("當?shù)貢r間", "當地時間"),
        ("聯合國理事?shēng)?huì)常任理事", "聯合國理事會常任理事"),
        ("競爭很激烈?！睙o錫人", "競爭很激烈。”無錫人"),
        ("獲得小說佳作獎?jù)?985年以小說", "獲得小說佳作獎。1985年以小說"),
        ("按照當�(shù)氐膫�(chuán)統，", "按照當地的傳統，"),
        ("每?zǒng)€(gè)鏡頭都", "每個鏡頭都"),
        ("為突?hui)(hui)嗜说娜?mian)(mian)發展", "為突厥人的全面發展"),
        ("這一點較??，大約如同。", "這一點較小，大約如同。"),
        ("他說，「是的?！谷会嶙吡?。", "他說，「是的。」然後走了。"),
    ],
)
def test_runs_are_read_again(damaged: str, clean: str) -> None:
    """Straddling pairs, lost bytes before marks, swallowed digits, the byte 0x80 as €, toneless
    readings after a vanished pair, both bytes of a character lost before marks, the page's quotes."""
    assert read(damaged) == clean


@pytest.mark.parametrize(
    "text", ["該怎么做?答案很簡單。", "真的嗎?!他不信。", "何為「好」?", "?", "a?b=c&d?e"]
)
def test_real_question_marks_stay(text: str) -> None:
    """The language model must prefer a repair clearly."""
    assert read(text) == text


def test_two_runs_do_not_overlap() -> None:
    """The second marker of a run is not read again as the start of another."""
    edits = realign("因�(yàn)�(wèi)這項決定，當�(shù)氐膫�(chuán)統，", monotonic() + 60)
    assert all(here.end <= after.start for here, after in pairwise(edits))


def test_what_the_document_says_elsewhere_is_likely() -> None:
    """A name that no model knows is read as the document has it where it is whole."""
    damaged = "他叫吉耳??，不是別人。"
    assert read("吉耳骸來了。\n" + damaged).endswith("他叫吉耳骸，不是別人。")
    assert "骸" not in read(damaged)


def test_no_time_no_change() -> None:
    """Past its deadline the realigner leaves the rest as it is."""
    assert realign("當?shù)貢r間", monotonic() - 1) == []
