"""Counting, merging, forgetting, writing."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from indexer.errors import IndexCorrupt
from indexer.normalize import normalize
from indexer.suggest import Lexicon, LexiconBuilder, builder


def test_merged_builders_are_one(tmp_path: Path) -> None:
    """Two builders, pickled and merged, write the same bytes as one that saw all."""
    documents = [("無錫", ["无锡", "软件园"]), (None, ["无锡", "高新区"]), ("无锡", ["创新"])]
    one, left, right = LexiconBuilder(), LexiconBuilder(), LexiconBuilder()
    for number, (title, words) in enumerate(documents):
        one.add(title, words)
        (left if number < 2 else right).add(title, words)
    left = pickle.loads(pickle.dumps(left))
    left.merge(pickle.loads(pickle.dumps(right)))
    one.write(tmp_path / "one.bin")
    left.write(tmp_path / "merged.bin")
    assert (tmp_path / "one.bin").read_bytes() == (tmp_path / "merged.bin").read_bytes()


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the rarest are forgotten, the frequent stay."""
    monkeypatch.setattr(builder, "WORDS_LIMIT", 100)
    monkeypatch.setattr(builder, "TITLES_LIMIT", 50)
    counted = LexiconBuilder()
    for number in range(500):
        counted.add(f"第{number}號文件", ["无锡", f"word{number}"])
        counted.add("年度報告", ["无锡"])
    assert len(counted.words) <= 101
    assert len(counted.titles) <= 51
    assert counted.words["无锡"] == 1000
    assert normalize("年度報告") in counted.titles


def test_counts_are_documents() -> None:
    """A word said twice in one document counts once."""
    counted = LexiconBuilder()
    counted.add(None, ["无锡", "无锡", "高新区"])
    assert counted.words["无锡"] == 1
    assert counted.pairs["无锡高新区"] == 1


def test_empty_index(tmp_path: Path) -> None:
    """The lexicon of nothing offers nothing."""
    LexiconBuilder().write(tmp_path / "lexicon.bin")
    lexicon = Lexicon.open(tmp_path / "lexicon.bin")
    assert lexicon.complete("无") == lexicon.complete("wu") == lexicon.from_pinyin("wuxi") == []
    assert lexicon.correct("无西", lambda text: 0) is None


def test_shown_in_the_commonest_form(tmp_path: Path) -> None:
    """A title that is written in two scripts is shown as most documents have it."""
    counted = LexiconBuilder()
    for title in ("無錫年鑑", "无锡年鉴", "無錫年鑑"):
        counted.add(title, [])
    counted.write(tmp_path / "lexicon.bin")
    assert Lexicon.open(tmp_path / "lexicon.bin").complete("无锡") == ["無錫年鑑"]


def test_truncated_file(tmp_path: Path) -> None:
    """A file cut short is refused when it is opened."""
    path = tmp_path / "lexicon.bin"
    LexiconBuilder().write(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(IndexCorrupt):
        Lexicon.open(path)
