"""Words of a query are found whole, once, and only where they mean what the table says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.text.normalize import normalize
from indexer.text.vocabulary import Vocabulary, load_vocabulary

CASES = tomllib.loads((Path(__file__).parent / "regional.toml").read_text(encoding="utf-8"))["case"]
VOCABULARY = load_vocabulary()
PIECES = [
    "软体",
    "动物",
    "程式",
    "码",
    "方程",
    "式",
    "文件",
    "夹",
    "中国",
    "国中",
    "的士",
    "a",
    "usb",
    " ",
    "记忆体",
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_occurrences(case: dict[str, Any]) -> None:
    """Each query has the words of the vocabulary it shows, and its expansions hold the expected ones."""
    boundaries = set(case["boundaries"]) if "boundaries" in case else None
    found = VOCABULARY.occurrences(normalize(case["query"]), boundaries)
    assert [occurrence.text for occurrence in found] == list(case["expect"])
    for occurrence in found:
        texts = {expansion.text for expansion in occurrence.expansions}
        assert set(case["expect"][occurrence.text]) <= texts


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_spans_are_ordered_and_disjoint(folded: str) -> None:
    """Spans ascend, never overlap, and hold the word they name with at least one expansion."""
    at = 0
    for occurrence in VOCABULARY.occurrences(folded):
        assert at <= occurrence.start < occurrence.end
        assert folded[occurrence.start : occurrence.end] == occurrence.text
        assert occurrence.expansions and occurrence.end - occurrence.start > 1
        assert all(0 < expansion.weight < 1 for expansion in occurrence.expansions)
        at = occurrence.end


@given(st.text(max_size=40))
def test_any_text_is_taken(text: str) -> None:
    """No query raises."""
    VOCABULARY.occurrences(normalize(text))


def test_expansions_fall_in_weight() -> None:
    """The best expansion comes first; an unknown word has none."""
    vocabulary = Vocabulary({"甲乙": {"丙丁": 0.2, "戊己": 0.7}})
    assert [expansion.text for expansion in vocabulary.expansions("甲乙")] == ["戊己", "丙丁"]
    assert vocabulary.expansions("子丑") == ()
    assert len(vocabulary) == 1


def test_either_script_is_one_query() -> None:
    """A query in Traditional characters has the expansions of the same query in Simplified ones."""
    assert VOCABULARY.occurrences(normalize("軟體動物的記憶體")) == VOCABULARY.occurrences("软体动物的记忆体")


def test_users_words_count_at_once(tmp_path: Path) -> None:
    """Loading again after a change of the file is all a reload takes; the built-in words stay."""
    file = tmp_path / "synonyms.txt"
    file.write_text("高新區, 開發區\n", encoding="utf-8")
    assert load_vocabulary(file).occurrences("高新区的软体")[0].expansions[0].text == "开发区"
    file.write_text("軟體動物, 貝類\n", encoding="utf-8")
    changed = load_vocabulary(file)
    assert changed.expansions("高新区") == ()
    assert [o.text for o in changed.occurrences("软体动物与印表机")] == ["软体动物", "印表机"]
    assert load_vocabulary().occurrences("软体动物") == []


def test_a_fingerprint_is_of_the_words_that_count(tmp_path: Path) -> None:
    """A comment changes nothing; another word does."""
    prints = []
    for text in ("高新區, 開發區\n", "# 詞彙\n高新區,開發區", "高新區, 開發區, 園區\n", ""):
        (tmp_path / "synonyms.txt").write_text(text, encoding="utf-8")
        prints.append(load_vocabulary(tmp_path / "synonyms.txt").fingerprint)
    assert prints[0] == prints[1] and len({*prints}) == 3
    assert prints[3] == load_vocabulary().fingerprint
