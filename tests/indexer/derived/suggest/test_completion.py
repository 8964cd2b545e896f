"""Completions and pinyin over a small index."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer.derived.suggest import Lexicon, write_lexicon
from indexer.text.analyzer import Analyzer
from tests.indexer.derived.suggest.conftest import counted

JUDGED = tomllib.loads((Path(__file__).parents[3] / "cases" / "completions.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Lexicon:
    """The lexicon of the documents of completions.toml."""
    path = tmp_path_factory.mktemp("judged") / "lexicon.bin"
    write_lexicon(counted(JUDGED["documents"], analyzer), path)
    return Lexicon.open(path)


@pytest.mark.parametrize("case", JUDGED["case"], ids=[case["label"] for case in JUDGED["case"]])
def test_case(judged: Lexicon, case: dict[str, Any]) -> None:
    """Each case offers what it must, and nothing it must never."""
    offered = judged.complete(case["typed"])
    assert not {*case["offers"]} - {*offered}, offered
    assert not {*case["never"]} & {*judged.complete(case["typed"], 100)}, offered


@pytest.mark.parametrize("typed", ["\ud800", "无锡\ud800", "\udfffwuxi", "wu\udc00xi"])
def test_what_is_no_text(judged: Lexicon, typed: str) -> None:
    """A lone surrogate is in no text, so nothing continues it, and nothing goes wrong."""
    assert judged.complete(typed) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("无锡高", "無錫高新區"),
        ("無錫高", "無錫高新區"),
        ("wuxi gaoxinqu", "無錫高新區"),
        ("wuxigaox", "無錫高新區"),
        ("wxgxq", "無錫高新區"),
        ("wuxi gxq", "無錫高新區"),
        ("无锡gao", "無錫高新區"),
        ("无锡 gxq", "無錫高新區"),
        ("chuangxin", "创新中心落户"),
        ("pyth", "Python 教程"),
        ("rengong", "人工智能"),
    ],
)
def test_offered(library: Any, typed: str, expected: str) -> None:
    """A title is offered in its own script by Han of either script, pinyin, initials and mixtures."""
    assert expected in library.lexicon.complete(typed)


def test_han_before_pinyin(library: Any) -> None:
    """What starts with the letters themselves comes before what is read so."""
    assert library.lexicon.complete("python")[0] == "Python 教程"


def test_no_homophones_for_han(library: Any) -> None:
    """Typed Han never leads to other characters that sound alike: 景点 does not offer 经典."""
    assert "经典" not in library.lexicon.complete("景")
    assert "景點" not in library.lexicon.complete("经")


def test_one_entry_for_all_scripts(library: Any) -> None:
    """A title and the word it folds to are offered once."""
    offered = library.lexicon.complete("jing", 20)
    assert "景點" in offered and "景点" not in offered


@pytest.mark.parametrize(
    "typed", ["", " ", "zzzz", "!!", "\u0000", "'", "无锡无锡无锡无锡", "x" * 300, "无\udc80", "\ud800"]
)
def test_nothing_to_offer(library: Any, typed: str) -> None:
    """What continues nothing offers nothing and raises nothing."""
    assert library.lexicon.complete(typed) == []


def test_size(library: Any) -> None:
    """No more is offered than asked for."""
    assert len(library.lexicon.complete("w", 2)) == 2


def test_from_pinyin(library: Any) -> None:
    """Pinyin and initials lead to what they spell; tones do not matter."""
    lexicon = library.lexicon
    assert lexicon.from_pinyin("wuxi gaoxinqu")[0] == "無錫高新區"
    assert lexicon.from_pinyin("chuangxin")[0] == "创新"
    assert lexicon.from_pinyin("suzhou rengongzhineng")[0] == "苏州人工智能"
    assert lexicon.from_pinyin("jcdl")[0] == "集成电路"


@pytest.mark.parametrize("typed", ["python", "无锡", "hello world", "", "wuxi 高新区"])
def test_not_pinyin(library: Any, typed: str) -> None:
    """Words of the index, Han, and what spells nothing are not read as pinyin."""
    assert library.lexicon.from_pinyin(typed) == []
