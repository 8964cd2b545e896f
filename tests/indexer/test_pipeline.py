"""A rebuild: everything readable is in, the rest is named, and a failure changes nothing."""

from __future__ import annotations

import gzip
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, ConfigError, Searcher, WouldShrink, load_config, rebuild
from indexer.config import IndexSettings, RepairSettings

DAMAGED = "無(wú)錫(xī)軟(ruǎn)件園(yuán)的創(chuàng)新中心在太湖邊。"


def configure(base: Path, **files: bytes) -> Config:
    """A configuration with these files in its source."""
    (base / "seeds").mkdir()
    for name, content in files.items():
        (base / "seeds" / name).write_bytes(content)
    (base / "config.toml").write_text("", encoding="utf-8")
    return load_config(base / "config.toml", {})


def test_formats_and_encodings_meet_in_one_index(tmp_path: Path) -> None:
    """Text in UTF-8, GBK and Big5, Markdown, HTML, lines of JSON and gzip, each found in either script."""
    config = configure(
        tmp_path,
        **{
            "utf8.txt": "無錫的軟件園在太湖邊，園區裡有許多工程師。".encode(),
            "gbk.txt": "北京的胡同很安静，早晨只有自行车的铃声。".encode("gbk"),
            "big5.txt": "臺北的夜市從黃昏開始，到了深夜還有人在排隊。".encode("big5"),
            "notes.md": "# 渡輪\n\n渡輪在碼頭**等待**乘客。".encode(),
            "page.html": "<html><head><title>颱風</title></head><body><article><p>颱風昨夜登陸，"
            "港口全部關閉，漁船都回來了，沒有人受傷。</p></article></body></html>".encode(),
            "lines.jsonl.gz": gzip.compress(json.dumps({"id": "燈", "text": "燈籠掛在門前。"}).encode()),
        },
    )
    report = rebuild(config)
    assert (report.counts.documents, report.skipped) == (6, ())
    expected = {
        "软件园": "utf8.txt", "胡同": "gbk.txt", "臺北的夜市": "big5.txt",
        "渡轮": "notes.md", "台风": "page.html", "灯笼": "燈",
    }  # fmt: skip
    with Searcher.open(config) as searcher:
        assert {query: searcher.search(query).hits[0].id for query in expected} == expected


def test_unreadable_files_are_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    """An empty file, cut gzip and a line that is no JSON are skipped with a reason and counted."""
    config = configure(
        tmp_path,
        **{
            "good.txt": "無錫的園區。".encode(),
            "empty.txt": b"",
            "cut.txt.gz": gzip.compress("夜市".encode() * 100)[:-20],
            "lines.jsonl": '{"id": "a", "text": "北京"}\nnot json\n{"id": "b"}\n'.encode(),
            "ignored.xyz": b"\0",
        },
    )
    report = rebuild(config)
    assert report.counts.documents == 2
    assert report.counts.skipped == len(report.skipped) == 4
    assert {item.path for item in report.skipped} == {
        "empty.txt",
        "cut.txt.gz",
        "lines.jsonl:2",
        "lines.jsonl:3",
    }
    assert all(item.reason for item in report.skipped)


def test_second_document_with_an_id_is_skipped(make_config: Any) -> None:
    """Ids are unique: the first document keeps its id, the second is named."""
    report = rebuild(make_config([{"id": "甲", "text": "無錫"}, {"id": "甲", "text": "北京"}]))
    assert (report.counts.documents, report.counts.skipped) == (1, 1)
    assert report.skipped[0].path.endswith("!/甲") and "id" in report.skipped[0].reason


def test_several_sources_make_one_index(tmp_path: Path) -> None:
    """Every `[[source]]` is read, a file as well as a folder."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("無錫的園區。", encoding="utf-8")
    (tmp_path / "b.txt").write_text("北京的胡同。", encoding="utf-8")
    (tmp_path / "config.toml").write_text('[[source]]\npath = "folder"\n[[source]]\npath = "b.txt"\n')
    config = load_config(tmp_path / "config.toml", {})
    assert rebuild(config).counts.documents == 2


def test_an_index_is_not_read_into_itself(tmp_path: Path) -> None:
    """What lies in a source may be the index: nothing of it is read, at first and when it is there."""
    (tmp_path / "a.txt").write_text("無錫的園區。", encoding="utf-8")
    (tmp_path / "config.toml").write_text('[index]\ndirectory = "index"\n[[source]]\npath = "."\n')
    config = load_config(tmp_path / "config.toml", {})
    for _ in range(2):
        report = rebuild(config)
        assert report.counts.documents == 1
        assert report.ledger.outcomes == {"indexed": 1, "unchanged": 0, "skipped": 0, "ignored": 1}


def test_missing_source_changes_nothing(make_config: Any) -> None:
    """A source that is not there is an error of the configuration; the live index stays."""
    config = make_config(["無錫"])
    live = rebuild(config).generation.name
    broken = replace(config, sources=(replace(config.sources[0], path=config.base / "nowhere"),))
    with pytest.raises(ConfigError, match="nowhere"):
        rebuild(broken)
    with Searcher.open(config) as searcher:
        assert searcher.generation == live


def test_missing_source_is_noticed_first(make_config: Any) -> None:
    """It is named before the sources ahead of it are read; no index is begun."""
    config = make_config(["無錫"])
    sources = (*config.sources, replace(config.sources[0], path=config.base / "nowhere"))
    with pytest.raises(ConfigError, match="nowhere: no such file or folder"):
        rebuild(replace(config, sources=sources))
    assert not config.index.directory.exists()


@pytest.mark.parametrize("below", [".", "library/2024"])
def test_a_source_in_the_place_of_the_index(make_config: Any, below: str) -> None:
    """Such a configuration is refused, and nothing is put among the documents."""
    config = make_config(["無錫"])
    folder = config.sources[0].path
    source = replace(config.sources[0], path=folder / below)
    source.path.mkdir(parents=True, exist_ok=True)
    before = sorted(folder.rglob("*"))
    with pytest.raises(ConfigError, match=r"lies in \[index\] directory"):
        rebuild(replace(config, sources=(source,), index=replace(config.index, directory=folder)))
    assert sorted(folder.rglob("*")) == before


def test_no_documents_make_an_empty_index(make_config: Any) -> None:
    """An index of nothing, where it is meant, can be opened and asked."""
    config = make_config()
    with pytest.raises(WouldShrink, match="no documents"):
        rebuild(config)
    rebuild(config, allow_shrink=True)
    with Searcher.open(config) as searcher:
        assert searcher.search("無錫").total.value == searcher.stats()["documents"] == 0


def test_progress_counts_documents_and_skipped(make_config: Any) -> None:
    """Progress is told of every document, and ends with the counts of the report."""
    told: list[tuple[int, int]] = []
    report = rebuild(
        make_config(["甲", "乙", {"id": "0", "text": "丙"}]), lambda *counts: told.append(counts)
    )
    assert told[-1] == (report.counts.documents, report.counts.skipped) == (2, 1)
    assert told == sorted(told)


def test_repair_can_be_switched_off(make_config: Any) -> None:
    """With `[repair] enabled = false` the text is stored as it came."""
    config = make_config([DAMAGED])
    rebuild(replace(config, repair=RepairSettings(enabled=False)))
    with Searcher.open(config) as searcher:
        assert searcher.document("0").document.text == DAMAGED
        assert searcher.stats()["repaired"] == 0


def test_titles_are_repaired_too(make_config: Any) -> None:
    """Damage in a title is repaired like damage in the text."""
    config = make_config([{"id": "0", "title": DAMAGED, "text": "正文。"}])
    rebuild(config)
    with Searcher.open(config) as searcher:
        assert searcher.document("0").document.title == "無錫軟件園的創新中心在太湖邊。"


@pytest.mark.parametrize("workers", [2])
def test_workers_do_not_change_what_is_found(make_config: Any, workers: int) -> None:
    """One process or several: the same documents with the same scores."""
    documents = [f"無錫第{number}園區。{'湖' * (number % 7)}" for number in range(150)]
    results = []
    for settings in (IndexSettings(), IndexSettings(workers=workers)):
        config = make_config(documents)
        config = replace(config, index=replace(settings, directory=config.index.directory))
        assert rebuild(config).counts.documents == 150
        with Searcher.open(config) as searcher:
            results.append({hit.id: hit.score for hit in searcher.search("無錫 園區", size=200).hits})
    assert results[0] == results[1] and len(results[0]) == 150


def test_two_rebuilds_of_the_same_find_the_same(make_config: Any) -> None:
    """Rebuilding without a change changes neither hits nor scores nor their order."""
    config = make_config([f"無錫第{number % 5}園區。" for number in range(30)])
    pages = []
    for _ in range(2):
        rebuild(config)
        with Searcher.open(config) as searcher:
            pages.append([(hit.id, hit.score) for hit in searcher.search("無錫 3", size=50).hits])
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "text",
    [
        "a\ud800b", "\x00\x01無錫", "\u202e無錫\u202c", "無" * 100_000, "a" * 100_000,
        "👩‍👩‍👧" * 100, " \n\t ",
        "<script>alert(1)</script>", "\uffff\ufdd0", "１２３" * 1000, "e\u0301" * 1000,
    ],
)  # fmt: skip
def test_any_text_can_be_indexed(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that JSON can hold stops a rebuild; what has nothing to read is skipped by name."""
    caplog.set_level(logging.ERROR)
    lines = "\n".join(json.dumps(d) for d in ({"id": "x", "text": text}, {"id": "y", "text": "燈籠"}))
    config = configure(tmp_path, **{"a.jsonl": lines.encode()})
    report = rebuild(config)
    assert report.counts.documents + report.counts.skipped == 2
    with Searcher.open(config) as searcher:
        assert searcher.search("灯笼").hits[0].id == "y"
        if report.counts.documents == 2:
            assert searcher.document("x", "無錫 a").document.id == "x"


def test_file_names_that_are_no_text(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 has an id that can be printed and asked for."""
    config = configure(tmp_path)
    name = str(tmp_path / "seeds").encode() + b"/\xff\xfe.txt"
    with open(name, "wb") as file:
        file.write("無錫的園區。".encode())
    rebuild(config)
    with Searcher.open(config) as searcher:
        id_ = searcher.search("無錫").hits[0].id
        assert id_.encode() and searcher.document(id_).document.id == id_
