"""What there is to suggest, and in which file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from indexer import Config, rebuild
from indexer.config import IndexSettings, SourceSettings
from indexer.derived.suggest import LEXICON, Counted, Lexicon, counted, write_lexicon
from indexer.errors import IndexCorrupt
from indexer.text.analyzer import Analyzer, Pieces


def whole(text: str) -> Pieces:
    """A cut that takes every character for a word."""
    return Pieces.of(text)


def written(counts: Counted, path: Path) -> bytes:
    """The lexicon's file."""
    write_lexicon(counts, path)
    return path.read_bytes()


def test_the_order_of_counting_decides_nothing(tmp_path: Path, analyzer: Analyzer) -> None:
    """The same counts in another order are the same bytes, between equals too."""
    words = {word: 1 + number % 3 for number, word in enumerate(["无锡", "软件", "创新", "高新区", "苏州"])}
    characters = dict.fromkeys("无锡软件创新高区苏州", 2)
    titles = {"無錫軟件園": 1, "无锡软件园": 1, "创新中心": 2, "軟件園區": 1, "苏州": 1}
    files = set()
    for seed in range(4):
        rng = random.Random(seed)
        tables = [dict(rng.sample([*table.items()], len(table))) for table in (words, characters, titles)]
        files.add(written(Counted.of(9, *tables, (), analyzer.pieces), tmp_path / "lexicon.bin"))
    assert len(files) == 1


def test_the_number_of_processes_decides_nothing(tmp_path: Path) -> None:
    """An index built by two processes has the lexicon of one built by one."""
    documents = tmp_path / "documents.jsonl"
    rows = [{"title": f"第{n % 7}期無錫簡報", "text": f"软件园二期第{n}号公告" * (n % 5)} for n in range(200)]
    rows = [{"id": str(number)} | row for number, row in enumerate(rows)]
    documents.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    files = []
    for workers in (1, 2):
        index = IndexSettings(directory=tmp_path / str(workers), workers=workers)
        built = rebuild(Config(base=tmp_path, index=index, sources=(SourceSettings(documents),)))
        files.append((index.directory / "generations" / built.generation.name / LEXICON).read_bytes())
    assert files[0] == files[1]


def test_the_rarest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many titles the most frequent stay, then the shortest; a large index has no once-only word."""
    monkeypatch.setattr(counted, "MOST_TITLES", 2)
    found = Counted.of(
        200_000, {"无锡": 2, "一次": 1}, {}, {"年度報告": 3, "短文": 1, "長的文": 1}, (), whole
    )
    assert set(found.titles) == {"年度报告", "短文"}
    assert set(found.words) == {"无锡"}


def test_what_nobody_types_is_left_out() -> None:
    """A word as long as a line is not offered: of each letter less there would be an entry as well."""
    found = Counted.of(3, {"a" * 100_000: 1, "b" * counted.LONGEST: 1, "無": 3}, {}, {}, (), whole)
    assert set(found.words) == {"b" * counted.LONGEST}


def test_empty_index(tmp_path: Path) -> None:
    """The lexicon of nothing offers nothing."""
    write_lexicon(Counted.of(0, {}, {}, {}, (), whole), tmp_path / "lexicon.bin")
    lexicon = Lexicon.open(tmp_path / "lexicon.bin")
    assert lexicon.complete("无") == lexicon.complete("wu") == lexicon.from_pinyin("wuxi") == []
    assert lexicon.correct("无西", lambda text: 0) is None


def test_shown_in_the_commonest_form(tmp_path: Path) -> None:
    """A title that is written in two scripts is shown as most documents have it."""
    write_lexicon(Counted.of(3, {}, {}, {"無錫年鑑": 2, "无锡年鉴": 1}, (), whole), tmp_path / "lexicon.bin")
    assert Lexicon.open(tmp_path / "lexicon.bin").complete("无锡") == ["無錫年鑑"]


def test_truncated_file(tmp_path: Path) -> None:
    """A file cut short is refused when it is opened."""
    path = tmp_path / "lexicon.bin"
    path.write_bytes(written(Counted(), path)[:-9])
    with pytest.raises(IndexCorrupt):
        Lexicon.open(path)
