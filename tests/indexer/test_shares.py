"""What several processes index in shares is what one of them would have indexed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import Config, Searcher, rebuild
from indexer.config import DocumentSettings, IndexSettings, RepairSettings, SourceSettings
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import read_ledger
from indexer.engine import open_engine
from indexer.errors import ConfigError, HansouError, IndexMissing, WouldShrink
from indexer.shares import Share, finish, write_share


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An archive with one large file of rows, a few other files, and what cannot be read."""
    archive = tmp_path / "archive"
    (archive / "notes").mkdir(parents=True)
    rows = [
        {"id": f"r{number:02}", "text": f"無錫軟件園第{number}期的新聞，太湖邊上的園區又有了新的道路。"}
        for number in range(40)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in [*rows, rows[3]]]
    (archive / "rows.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    for number in range(7):
        text = f"第{number}篇筆記：無錫高新區的軟體公司。" * 3
        (archive / "notes" / f"{number}.txt").write_text(text, encoding="utf-8")
    (archive / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    return Config(
        base=tmp_path,
        index=IndexSettings(directory=tmp_path / "shared"),
        documents=DocumentSettings(readers=0),
        sources=(SourceSettings(path=archive),),
    )


def told(config: Config) -> tuple[object, ...]:
    """All that an index says: documents, ledger, vocabulary, answers."""
    snapshot = open_engine(config).open()
    ledger = sorted(map(str, read_ledger(snapshot.attachment(LEDGER))))
    records = sorted(str({**record, "added_at": None}) for record in snapshot.scan())
    words = dict(snapshot.vocabulary("words"))
    with Searcher.open(config) as searcher:
        pages = [searcher.search(query) for query in ("無錫軟件園", "筆記 軟體", "第3期")]
    answers = [([(hit.id, hit.score, hit.copies) for hit in p.hits], p.total, p.facets) for p in pages]
    return records, ledger, words, answers, snapshot.generation.counts.documents


def test_shares_are_one_build(config: Config, tmp_path: Path) -> None:
    """Three shares, in whatever order, are one build, document by document; rows are shared too."""
    for number in (2, 3, 1):
        write_share(config, Share(number, 3))
    sizes = [len([*read_ledger(path)]) for path in (tmp_path / "shared" / "shares").glob("*/ledger.jsonl.gz")]
    assert len(sizes) == 3 and max(sizes) < 12
    report = finish(config)
    alone = replace(config, index=IndexSettings(directory=tmp_path / "alone"))
    assert rebuild(alone).counts.documents == report.counts.documents == 47
    assert told(config) == told(alone)
    assert not (tmp_path / "shared" / "shares").exists()


def test_rows_are_spread(config: Config) -> None:
    """Each share has some rows of the large file, and none has those of another."""
    engine = open_engine(config)
    with engine.build() as build:
        for number in (1, 2, 3):
            write_share(config, Share(number, 3))
        root = config.index.directory / "shares"
        build.adopt([root / f"{number}-of-3" / "index" for number in (1, 2)])
        rows = [record["id"] for record in build.snapshot().scan() if record["id"].startswith("r")]
    assert 10 < len(rows) < 40 and len({*rows}) == len(rows)


def test_a_share_that_is_missing_is_named(config: Config) -> None:
    """Nothing is published before all are there; those that are there stay, and one can be made again."""
    with pytest.raises(HansouError, match="no shares"):
        finish(config)
    write_share(config, Share(1, 3))
    write_share(config, Share(1, 3))
    with pytest.raises(HansouError, match="2 of 3 shares are missing: 2/3, 3/3"):
        finish(config)
    write_share(config, Share(2, 4))
    with pytest.raises(HansouError, match="of 3 and of 4"):
        finish(config)
    with pytest.raises(IndexMissing):
        open_engine(config).open()


def test_what_a_killed_share_left_is_none(config: Config) -> None:
    """A folder without its name is swept by the next share of that number."""
    left = config.index.directory / "shares" / ".1-of-2.cafe"
    left.mkdir(parents=True)
    with pytest.raises(HansouError, match="no shares"):
        finish(config)
    write_share(config, Share(1, 2))
    assert not left.exists()


def test_shares_of_other_settings_are_refused(config: Config) -> None:
    """One of them was made without repair."""
    write_share(config, Share(1, 2))
    write_share(replace(config, repair=RepairSettings(enabled=False)), Share(2, 2))
    with pytest.raises(HansouError, match="2-of-2: was made with other settings"):
        finish(config)


def test_sources_with_prefixes_are_shared(config: Config, tmp_path: Path) -> None:
    """Files of one name in two sources are two documents; a share with another prefix is none of them."""
    again = SourceSettings(tmp_path / "archive/notes", prefix="notes/again")
    config = replace(config, sources=(*config.sources, again))
    for number in (1, 2):
        write_share(config, Share(number, 2))
    other = replace(config, sources=(config.sources[0], replace(again, prefix="other")))
    with pytest.raises(HansouError, match="1-of-2: was made with other settings"):
        finish(other)
    assert finish(config).counts.documents == 54
    alone = replace(config, index=IndexSettings(directory=tmp_path / "alone"))
    rebuild(alone)
    assert told(config) == told(alone)


def test_a_shrinking_archive_is_guarded(config: Config) -> None:
    """As by a rebuild, with the shares kept."""
    rebuild(config)
    empty = replace(config, sources=(replace(config.sources[0], include=("notes",), exclude=("*",)),))
    for number in (1, 2):
        write_share(empty, Share(number, 2))
    with pytest.raises(WouldShrink):
        finish(empty)
    assert (config.index.directory / "shares" / "2-of-2").exists()


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "1/99999", "-1/2"])
def test_what_is_no_share(text: str) -> None:
    """The message says how one is written."""
    with pytest.raises(ConfigError, match="3/16"):
        Share.parse(text)
