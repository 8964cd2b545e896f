"""Bytes are read in the encoding they were written in, however short, or refused."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.readers.encoding import canonical, clean, decode
from indexer.documents.sources import read_source
from indexer.errors import ReadError
from indexer.repair import repair_text
from indexer.repair.lost import lost_bytes

ROOT = Path(__file__).parents[4]
TABLE = tomllib.loads((ROOT / "tests/cases/encoding.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", TABLE["case"], ids=lambda case: case["label"])
def test_encoding_is_found(case: dict[str, Any]) -> None:
    """The text comes back as it was written, with the encoding named."""
    text, encoding = decode(case["text"].encode(case["write"]), case.get("declared"))
    assert (text, encoding) == (case["text"].removeprefix("\ufeff"), case["expect"])


@pytest.mark.parametrize("declared", [None, "big5"])
def test_one_pair_of_the_boards_in_a_long_text(declared: str | None) -> None:
    """Both extensions of Big5 go by its name: what one of them would lose is read as the other's."""
    text = "社區圖書館每天開放到晚上九點，館員會為長者朗讀報紙，也替孩子說故事。" * 8 + "丗"
    assert decode(text.encode("big5-uao"), declared) == (text, "big5-uao")


@pytest.mark.parametrize("case", TABLE["unreadable"], ids=lambda case: case["label"])
def test_what_is_no_text_is_refused(case: dict[str, Any]) -> None:
    """Bytes that are no text in any encoding raise, and are never decoded with replacements."""
    with pytest.raises(ReadError):
        decode(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize(
    ("folders", "encoding"),
    [(("mainland",), "gbk"), (("taiwan", "hongkong"), "big5hkscs"), (("taiwan", "hongkong"), "gbk")],
)
def test_short_snippets(folders: tuple[str, ...], encoding: str) -> None:
    """Of 400 snippets of 4 to 20 characters of our own documents, at least 99 in 100 are read right."""
    texts = [d.text for folder in folders for d in read_source(ROOT / "seeds" / folder) if hasattr(d, "text")]
    generator = random.Random(2)
    right = 0
    for _ in range(400):
        text, length = generator.choice(texts), generator.randint(4, 20)
        start = generator.randrange(len(text) - length)
        data = text[start : start + length].encode(encoding, "ignore")
        right += decode(data)[0] == data.decode(encoding)
    assert right >= 396


@pytest.mark.parametrize("declared", ["iso-8859-1", "big5", "utf-8", None])
def test_long_documents(declared: str | None) -> None:
    """Beyond what is judged, readings of different length are still compared over the same bytes."""
    text = "今天的末班地铁晚了十分钟，出租车在软件园门口排队。\n" * 5000
    assert decode(text.encode("gbk"), declared) == (text, "gb18030")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
def test_utf8_han_is_never_taken_for_anything_else(text: str) -> None:
    """Strict UTF-8 with three-byte characters settles the matter, rare characters or not."""
    assert decode(text.encode()) == (text, "utf-8")


@given(
    st.binary(max_size=200), st.sampled_from([None, "gbk", "big5", "utf-16", "punycode", "latin-1", "\x00"])
)
def test_any_bytes_are_text_or_refused(data: bytes, declared: str | None) -> None:
    """No bytes and no declared charset raise anything but `ReadError`."""
    try:
        text, _ = decode(data, declared)
    except ReadError:
        return
    clean(text).encode()


@given(st.text(st.characters()))
def test_clean_text_can_be_stored(text: str) -> None:
    """Cleaned text encodes as UTF-8, ends its lines in U+000A alone, and is clean already."""
    cleaned = clean(text)
    cleaned.encode()
    assert "\r" not in cleaned and "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (" UTF8 ", "utf-8"),
        ("GB2312-80", "gb18030"),
        ("Big5", "big5hkscs"),
        ("hex", None),
        ("x-user", None),
        ("", None),
    ],
)
def test_labels(label: str, name: str | None) -> None:
    """A label means the encoding that writers use under it; one that is no charset means nothing."""
    assert canonical(label) == name


KOREAN = "아침 나루터 배표 시장 국수 김치 학교 운동장 우체국 도서관 안내문 날씨 바람 강아지 사진 편지".split()
JAPANESE = "おはよう 渡し船 切符売場 ラーメン 朝市 小学校 お知らせ 図書館 天気予報 風の音 子犬 写真".split()


@pytest.mark.parametrize(
    ("words", "encoding", "enough"),
    [
        (KOREAN, "euc_kr", 297),
        (KOREAN, "cp949", 297),
        (JAPANESE, "shift_jis", 297),
        (JAPANESE, "euc_jp", 255),
    ],
)
def test_a_few_words_of_the_neighbors(words: list[str], encoding: str, enough: int) -> None:
    """Of 300 headings of two to four words nearly all are read right; EUC-JP's kana are GBK's too."""
    generator = random.Random(encoding)
    right = 0
    for _ in range(300):
        text = " ".join(generator.sample(words, generator.randint(2, 4)))
        right += decode(text.encode(encoding))[0] == text
    assert right >= enough


LONG = "早上的會議由周明主持，談了三件事：水管、路燈與公車站牌。" * 12


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs"])
def test_one_bad_byte_costs_one_character(encoding: str) -> None:
    """The rest is read, the loss is a step of its own that names the bytes, and 〓 stands for it."""
    raw = LONG.encode(encoding)
    at = len("早上的會議".encode(encoding))
    text, name = decode(raw[:at] + b"\xff" + raw[at:])
    assert (name, lost_bytes(text)) == (encoding, 1)
    repair = repair_text(text)
    assert repair.text == LONG[:5] + "〓" + LONG[5:]
    assert [(step.kind, "FF" in step.evidence) for step in repair.steps] == [("lost", True)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs", "utf-16-le"])
def test_a_cut_end_costs_the_last_character(encoding: str) -> None:
    """A file that ends in the middle of a character is read up to there."""
    text, name = decode(LONG.encode(encoding)[:-1])
    assert name == encoding
    assert repair_text(text).text == LONG[:-1] + "〓"


def test_terminal_codes_leave_before_decoding() -> None:
    """Colors stand between the two bytes of a character on boards; they are no text."""
    heading = "圖書館活動".encode("big5")
    colored = heading[:1] + b"\x1b[1;32m" + heading[1:4] + b"\x1b[m" + heading[4:]
    assert decode(colored + "，今晚七點開始。".encode("big5"))[0] == "圖書館活動，今晚七點開始。"
    assert decode("今晚的\x1b[1;31m圖書\x1b[m館".encode())[0] == "今晚的圖書館"
    titled = "\x1b]0;wang@box: ~\x07今晚的\x1b]8;;https://a.example/\x1b\\圖書\x1b]8;;\x1b\\館"
    assert decode(titled.encode())[0] == decode(titled.encode("gbk"))[0] == "今晚的圖書館"


def test_utf16_that_looks_like_terminal_codes() -> None:
    """君子 is 54 1B 5B 50: no escape, in UTF-16."""
    text = "不是君子不是君子不是君子，也不是小人。"
    assert decode(text.encode("utf-16-be")) == (text, "utf-16-be")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs"])
def test_nul_bytes_among_text_are_dropped(encoding: str) -> None:
    """Records padded with NUL bytes are text."""
    padded = b"".join(
        line.encode(encoding).ljust(64, b"\x00") for line in ["第一筆資料在這裡", "第二筆資料在那裡"]
    )
    assert clean(decode(padded)[0]) == "第一筆資料在這裡第二筆資料在那裡"


def test_rather_refused_than_other_characters() -> None:
    """Big5 with many pairs that no table has is not taken for GB18030."""
    raw = "今天上午的會議".encode("big5") + b"\xfe\xff" * 4
    with pytest.raises(ReadError):
        decode(raw)


def test_a_declared_page_with_a_pair_of_the_boards() -> None:
    """One pair that only Unicode-at-on has does not turn the page into other characters."""
    raw = LONG.encode("big5") + b"\x81\x40"
    text, name = decode(raw, "big5")
    assert text.startswith(LONG)
    assert name in ("big5hkscs", "big5-uao")
