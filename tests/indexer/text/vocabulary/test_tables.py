"""The tables hold what they say: rows in the right script, links that are folded, weighted and no loops."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import pytest

from indexer.errors import ConfigError
from indexer.text.normalize import SIMPLIFIED_ONLY, TRADITIONAL_ONLY, normalize
from indexer.text.vocabulary.tables import (
    AMBIGUOUS,
    CERTAIN,
    USER,
    ambiguous_words,
    built_in_links,
    guard_words,
    regional_meanings,
    spelled_pairs,
    synonyms_stamp,
    user_links,
)

ROWS = [
    line.split("\t")
    for line in (files("indexer.text.vocabulary") / "regional.tsv").read_text(encoding="utf-8").splitlines()
]
LINKS = built_in_links()
# OpenCC has a variant for these in one of its tables; in Taiwan and Hong Kong they are the usual form.
USUAL = set("群峰床")


def test_table_is_large_enough_and_rectangular() -> None:
    """At least 700 rows of four columns, each with a domain and words of two places."""
    assert ROWS[0] == ["taiwan", "hongkong", "mainland", "domain"]
    assert len(ROWS) > 700
    assert all(len(row) == 4 and row[0] and row[2] and row[3] for row in ROWS[1:])


def test_columns_are_in_their_script() -> None:
    """Taiwan and Hong Kong are written in Traditional characters, the Mainland in Simplified."""
    for taiwan, hong_kong, mainland, _ in ROWS[1:]:
        assert not (set(taiwan + hong_kong) & SIMPLIFIED_ONLY) - USUAL, taiwan
        assert not set(mainland) & TRADITIONAL_ONLY, mainland


def test_every_row_says_something() -> None:
    """No row is the same word everywhere, no row twice, no empty or spaced word."""
    meanings = [meaning.words for meaning in regional_meanings()]
    assert all(len(words) > 1 for words in meanings)
    assert len({frozenset(words) for words in meanings}) == len(meanings)
    assert all(word == word.strip() and word for words in meanings for word in words)


def test_links_are_folded_weighted_and_no_loops() -> None:
    """Every link leads from a folded word of two characters or more to another one, below weight 1."""
    for source, targets in LINKS.items():
        assert len(source) > 1 and normalize(source) == source
        assert targets and source not in targets
        assert all(normalize(target) == target and 0 < weight < 1 for target, weight in targets.items())


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("软体", "软件"),
        ("网路", "网络"),
        ("印表机", "打印机"),
        ("记忆体", "内存"),
        ("计程车", "出租车"),
        ("的士", "计程车"),
        ("程式码", "代码"),
        ("纽西兰", "新西兰"),
        ("特朗普", "川普"),
        ("奔驰", "平治"),
    ],
)
def test_well_known_pairs_lead_both_ways(source: str, target: str) -> None:
    """A certain pair is linked in both directions at the weight of certain words."""
    assert LINKS[source][target] == LINKS[target][source] == CERTAIN


@pytest.mark.parametrize(("word", "meanings"), [("文件", {"文档", "档案"}), ("程序", {"程式", "进程"})])
def test_ambiguous_words_reach_every_meaning_at_less(word: str, meanings: set[str]) -> None:
    """文件 is a document in Taipei and a file in Beijing: both are reached, weighing less."""
    assert meanings <= LINKS[word].keys()
    assert {LINKS[word][meaning] for meaning in meanings} == {AMBIGUOUS}


def test_a_word_of_both_sides_in_one_row_is_not_ambiguous() -> None:
    """行程 is marked; 软件 (Hong Kong and Mainland in one row) has one meaning."""
    ambiguous = ambiguous_words(regional_meanings())
    assert "行程" in ambiguous and "对象" in ambiguous
    assert "软件" not in ambiguous


def test_spelled_words_are_two_that_folding_does_not_join() -> None:
    """Each has another spelling of equal length, linked both ways; none is there twice."""
    pairs = [*spelled_pairs()]
    assert len(pairs) > 700 and len(set(map(frozenset, pairs))) == len(pairs)
    for first, second in pairs:
        assert len(first) == len(second) > 1 and first != second
        assert LINKS[first][second] == LINKS[second][first] == CERTAIN


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("身分", "身份"),
        ("部份", "部分"),
        ("大砲", "大炮"),
        ("電銲", "电焊"),
        ("疏濬", "疏浚"),
        ("圖像", "图象"),
    ],
)
def test_words_with_other_characters_are_linked(first: str, second: str) -> None:
    """Words of the kinds that regions spell differently lead to one another; their characters do not fold."""
    assert normalize(second) in LINKS[normalize(first)] and normalize(first) in LINKS[normalize(second)]
    assert normalize("份") != normalize("分") and normalize("像") != normalize("象")


def test_guards_are_longer_than_what_they_guard() -> None:
    """A guard word is at least three folded characters and no word of the vocabulary."""
    assert all(len(word) > 2 and normalize(word) == word for word in guard_words())
    assert "软体动物" in guard_words() - LINKS.keys()


def test_user_synonyms(tmp_path: Path) -> None:
    """A group leads every way, an arrow one way; comments and empty lines are nothing."""
    file = tmp_path / "synonyms.txt"
    file.write_text("# 詞彙\n\n高新區, 高新技術產業開發區\n無錫 => 錫城，wuxi\n", encoding="utf-8")
    links = user_links(file)
    assert links["高新区"] == {"高新技术产业开发区": USER}
    assert links["高新技术产业开发区"] == {"高新区": USER}
    assert links["无锡"] == {"锡城": USER, "wuxi": USER}
    assert "锡城" not in links


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("單獨", "two words"),
        ("高新區, , 開發區", "write"),
        ("高新區 => ", "write"),
        ("甲乙 => 丙丁 => 戊己", "write"),
        ("林, 森林", "single character"),
    ],
)
def test_wrong_synonyms_name_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    """A line that cannot be meant is an error of the configuration that says where it is."""
    file = tmp_path / "synonyms.txt"
    file.write_text(f"# 第一行\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as error:
        user_links(file)
    assert f"{file}:2:" in str(error.value)


def test_unreadable_synonyms(tmp_path: Path) -> None:
    """A missing file and bytes that are no text are errors of the configuration."""
    with pytest.raises(ConfigError, match="cannot be read"):
        user_links(tmp_path / "none.txt")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        user_links(tmp_path / "bad.txt")


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    """None and a missing file have the same; what is written, in whatever instant, has another."""
    file = tmp_path / "synonyms.txt"
    assert synonyms_stamp(None) == synonyms_stamp(file) == ()
    file.write_text("高新區, 開發區\n", encoding="utf-8")
    first = synonyms_stamp(file)
    modified = file.stat().st_mtime_ns
    file.write_text("高新區, 開發區, 園區\n", encoding="utf-8")
    os.utime(file, ns=(modified, modified))
    assert () != first != synonyms_stamp(file)
