"""Updating and merging from the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, ConfigError, IndexUnusable, Searcher, load_config
from indexer.cli import main
from indexer.cli.repeating import Attempt
from indexer.documents import catalog
from indexer.errors import BusyError

Run = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two files, not indexed yet."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config.toml").write_text("[documents]\nreaders = 0\n", encoding="utf-8")
    for name, text in {"a.txt": "無錫的園區", "b.txt": "夜市的燈籠"}.items():
        (tmp_path / "seeds" / name).write_text(text, encoding="utf-8")
    return load_config(tmp_path / "config.toml", {})


def test_update_says_what_changed(config: Config, hansou: Run) -> None:
    """Counts as JSON or in a line; why everything was built anew; exit codes as of a rebuild."""
    first = hansou(config, "update", "--quiet")
    assert first.code == 0 and "everything was built anew: there is no index yet" in first.err
    folder = config.sources[0].path
    (folder / "c.txt").write_text("渡輪停航", encoding="utf-8")
    (folder / "b.txt").unlink()
    done = hansou(config, "update", "--quiet", "--json")
    said = json.loads(done.out)
    assert done.code == 0 and said["documents"] == 2 and said["anew"] is None
    assert [said[name] for name in ("added", "changed", "removed", "unchanged")] == [1, 0, 1, 1]
    (folder / "d.jsonl").write_text("no json", encoding="utf-8")
    for _ in range(2):
        done = hansou(config, "update", "--quiet")
        assert done.code == 3 and "d.jsonl" in done.err
        assert "0 added, 0 changed, 0 removed, 2 unchanged" in done.out and "skipped: 1" in done.out


def test_an_update_refuses_to_empty_an_archive(config: Config, hansou: Run) -> None:
    """As a rebuild does, with the same exit code, unless that is meant."""
    hansou(config, "update", "--quiet")
    for file in config.sources[0].path.iterdir():
        file.unlink()
    codes = {hansou(config, command, "--quiet").code for command in ("rebuild", "update")}
    assert len(codes) == 1 and codes != {0}
    assert hansou(config, "update", "--quiet", "--allow-shrink").code == 0


def test_a_catalog_without_room(config: Config, hansou: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, and what is searched stays, as where any other file cannot be written."""
    hansou(config, "update", "--quiet")
    monkeypatch.setattr(catalog, "_SCHEMA", f"PRAGMA max_page_count = 12; {catalog._SCHEMA}")
    for number in range(300):
        (config.sources[0].path / f"{number}.txt").write_text(f"第{number}班渡輪", encoding="utf-8")
    done = hansou(config, "update", "--quiet")
    assert done.code == 1 and done.err.count("\n") == 1 and "catalog" in done.err and "full" in done.err
    assert found(config, "渡輪") == 0 and found(config, "夜市") == 1


def test_merge_says_which_generation_there_is(config: Config, hansou: Run) -> None:
    """A new one where there was something to put together, else the one that was."""
    assert hansou(config, "merge").code != 0
    hansou(config, "rebuild", "--quiet")
    (config.sources[0].path / "c.txt").write_text("渡輪停航", encoding="utf-8")
    before = json.loads(hansou(config, "update", "--quiet", "--json", "--no-merge").out)["generation"]
    merged = json.loads(hansou(config, "merge", "--json").out)["generation"]
    assert merged > before and json.loads(hansou(config, "merge", "--json").out)["generation"] == merged


def test_no_time_to_repeat_after(config: Config, hansou: Run) -> None:
    """A wrong time is a usage error, and nothing is indexed."""
    assert hansou(config, "update", "--every", "soon").code == 2
    with pytest.raises(IndexUnusable):
        Searcher.open(config)


@contextmanager
def watching(config: Config) -> Iterator[Callable[[], str]]:
    """`hansou watch` in a process with everything loaded, ended as by Ctrl-C: what reads its next line."""
    reading, writing = os.pipe()
    watcher = os.fork()
    if not watcher:
        try:
            for stream in (1, 2):
                os.dup2(writing, stream)
            sys.stdout = sys.stderr = open(writing, "w", buffering=1, encoding="utf-8")
            sys.argv = ["hansou", "--config", str(config.base / "config.toml"), "watch", "--pause", "1s"]
            main()
        except SystemExit as stopped:
            os._exit(int(stopped.code or 0))
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, encoding="utf-8") as lines:
        try:
            yield lines.readline
        finally:
            os.kill(watcher, signal.SIGINT)
            assert os.waitstatus_to_exitcode(os.waitpid(watcher, 0)[1]) == 130


def test_watch_finds_what_is_dropped(config: Config) -> None:
    """A file that is put into a source is found; a source may go, and come back as another folder.

    While it is away that is told in one line, and what is searched stays.
    """
    folder = config.sources[0].path
    with watching(config) as line:
        assert "2 documents" in line()
        away = folder.rename(folder.with_name("away"))
        assert line().startswith("error: ") and found(config, "夜市") == 1
        (away / "c.txt").write_text("渡輪復航", encoding="utf-8")
        shutil.copytree(away, folder)
        assert "1 added" in line()
        (folder / "d.txt").write_text("渡輪停航", encoding="utf-8")
        assert "1 added" in line()
    assert found(config, "渡輪") == 2


def found(config: Config, query: str) -> int:
    """How many documents a new reader finds."""
    with Searcher.open(config) as searcher:
        return searcher.search(query).total.value


def test_what_fails_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    """An error is told once until it is another one; a configuration wrong from the beginning ends it."""
    gone, busy = ConfigError("docs: no such folder"), BusyError("another builder")
    results: list[Exception | None] = [None, gone, gone, busy, OSError("no room"), None, gone]

    def once() -> int:
        if result := results.pop(0):
            raise result
        return 0

    attempt = Attempt(once)
    assert [attempt() for _ in results[:]] == [True, False, False, False, False, True, False]
    said = capsys.readouterr().err.splitlines()
    assert said == [f"error: {each}" for each in (gone, busy, "no room", gone)]
    results.append(gone)
    with pytest.raises(ConfigError):
        Attempt(once)()
