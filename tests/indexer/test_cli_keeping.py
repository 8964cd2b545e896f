"""Taking an index elsewhere from the command line."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, Searcher, rebuild
from indexer.engine import open_engine
from indexer.results.export import exported

DAMAGED = "無(wú)錫(xī)國(guó)家軟(ruǎn)件園(yuán)在太湖邊。"
REPAIRED = "無錫國家軟件園在太湖邊。"
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def config(make_config: Any) -> Config:
    """An index of a damaged document with all fields, and one with none."""
    stated = {
        "title": "園區",
        "url": "https://example.org/",
        "date": "2016-11-25",
        "source": "報",
        "author": "李明",
    }
    config: Config = make_config([{"id": "a", "text": DAMAGED, **stated}, {"id": "b", "text": "半個字"}])
    rebuild(config)
    return config


def test_export_repaired_and_original(config: Config, hansou: Run, tmp_path: Path) -> None:
    """Every document is a line with all of its fields; the text as repaired, or as it came."""
    file = tmp_path / "all.jsonl"
    done = hansou(config, "export", "--jsonl", str(file))
    assert done.code == 0 and done.out == "" and [*tmp_path.iterdir()] == [file]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    first = lines[0]
    assert (first["text"], first["repairs"]) == (REPAIRED, 5)
    assert {first[name] for name in ("title", "url", "date", "source", "author", "lang")} == {
        "園區", "https://example.org/", "2016-11-25", "報", "李明", "zh-Hant",
    }  # fmt: skip
    hansou(config, "export", "--jsonl", "--original", str(file))
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["text"] == DAMAGED


def test_export_to_standard_output(
    config: Config, hansou: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file, or with - for one, lines go to standard output, and no file is written."""
    monkeypatch.chdir(tmp_path)
    done = hansou(config, "export", "--jsonl", "-")
    assert len(done.out.splitlines()) == 2 and done.out == hansou(config, "export", "--jsonl").out
    assert not [*tmp_path.iterdir()]


def test_what_is_no_file_is_not_replaced(config: Config, hansou: Run, tmp_path: Path) -> None:
    """A pipe, as a device, gets what is exported and stays what it is; so does a link, and what it is to."""
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "all.jsonl"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        assert hansou(config, "export", "--jsonl", str(pipe)).code == 0 and pipe.is_fifo()
    file.touch()
    link.symlink_to(file)
    assert hansou(config, "export", "--jsonl", str(link)).code == 0 and link.is_symlink()
    assert file.read_bytes() == read.result() != b""


def test_what_is_exported_can_be_indexed(
    config: Config, hansou: Run, make_config: Any, tmp_path: Path
) -> None:
    """Hansou reads its own export, with the same ids, fields and hits."""
    other = make_config()
    hansou(config, "export", "--jsonl", "--original", str(other.base / "documents" / "all.jsonl"))
    rebuild(other)
    for query in ("无锡", "軟件園", "author:李明"):
        with Searcher.open(config) as before, Searcher.open(other) as after:
            pages = [searcher.search(query).hits for searcher in (before, after)]
            fields = [[(hit.id, hit.title, hit.date, hit.source) for hit in hits] for hits in pages]
            assert fields[0] == fields[1] != []


def test_export_needs_little_memory(make_config: Any) -> None:
    """Documents pass one after the other: in memory are a few of them."""
    config = make_config(
        [f"{number} " + "無錫的園區" * 3_000 for number in range(100)], "[repair]\nenabled = false"
    )
    rebuild(config)
    snapshot = open_engine(config).open()
    tracemalloc.start()
    characters = sum(map(len, exported(snapshot.scan())))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    snapshot.close()
    assert peak < 1.5 * characters


def test_half_characters_are_escaped() -> None:
    """A lone surrogate, which a text may hold, is written as JSON writes it."""
    (line,) = exported([{"id": "a", "text": "半\ud800"}])
    assert json.loads(line.encode("utf-8", "backslashreplace"))["text"] == "半\ud800"


def test_backup_and_restore(config: Config, hansou: Run, make_config: Any, tmp_path: Path) -> None:
    """Both say what they did; a file that is not there, or of no kind, is a usage error."""
    file = tmp_path / "index.tar.zst"
    done = hansou(config, "backup", str(file))
    assert done.code == 0 and done.out.startswith("2 documents, built 20") and str(file) in done.out
    other = make_config()
    assert hansou(other, "restore", str(file)).out.endswith("is live\n")
    assert hansou(other, "search", "软件园").out.startswith("1 document")
    assert hansou(config, "restore", str(tmp_path / "gone.tar.gz")).code == 2
    assert hansou(config, "backup", str(tmp_path / "index.rar")).code == 2
    assert hansou(make_config(), "backup", str(file)).code == 5
