"""The query log: a whole line for each search, nothing of who asked, and no search fails for it."""

from __future__ import annotations

import gzip
import json
import logging
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from indexer import QueryLog, ReadError, ResultPage, Total
from indexer.measure.querylog import LogEntry, read_log

ARGUMENTS = {
    "mode": "exact",
    "sort": "date_desc",
    "page": 2,
    "size": 10,
    "source": "新華社",
    "collapse": True,
}


def result(query: str = "無錫", total: int = 3, **changes: Any) -> ResultPage:
    """A page of results without hits."""
    given = {"suggestion": None, "page": 1, "took_ms": 1.5, "generation": "g1"} | changes
    return ResultPage(
        query=query, normalized_query=query, size=10, total=Total(total), hits=(), built_at="", **given
    )  # fmt: skip


def kept(path: Path) -> list[LogEntry]:
    """What a log holds; nothing of it is damaged."""
    damaged: list[str] = []
    found = [*read_log(path, damaged)]
    assert damaged == []
    return found


def test_what_is_kept(tmp_path: Path) -> None:
    """The query as typed, how it was asked and how it fared; the time to the second, in UTC."""
    path = tmp_path / "queries.jsonl"
    log = QueryLog(path)
    log.note(result("無錫\n軟件園", 0, page=2, suggestion="无锡"), "api", ARGUMENTS, followed=True)
    (line,) = path.read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    at = found.pop("at")
    assert len(at) == len("2026-11-22T08:00:00Z") and at.endswith("Z")
    assert found == {
        "surface": "api", "query": "無錫\n軟件園", "mode": "exact", "sort": "date_desc", "page": 2,
        "total": 0, "took_ms": 1.5, "suggestion": "无锡", "followed": True, "generation": "g1",
        "filters": {"source": "新華社"},
    }  # fmt: skip
    assert asdict(kept(path)[0]) == json.loads(line)


def test_only_known_arguments_are_kept(tmp_path: Path) -> None:
    """Whatever else is given with a search stays out."""
    path = tmp_path / "queries.jsonl"
    QueryLog(path).note(result(), "page", {"mode": "smart", "address": "192.0.2.7", "lang": None})
    assert "192.0.2.7" not in path.read_text(encoding="utf-8")
    assert kept(path)[0].filters == {}


def test_nothing_is_kept_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path there is no file."""
    monkeypatch.chdir(tmp_path)
    QueryLog(None).note(result(), "page", {})
    assert [*tmp_path.iterdir()] == []


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """The file is made with 0600."""
    path = tmp_path / "queries.jsonl"
    QueryLog(path).note(result(), "page", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_moved_away(tmp_path: Path) -> None:
    """After rotation the next line begins a new file."""
    path, log = tmp_path / "queries.jsonl", QueryLog(tmp_path / "queries.jsonl")
    log.note(result("一"), "page", {})
    path.rename(tmp_path / "queries.jsonl.1")
    log.note(result("二"), "page", {})
    assert [entry.query for entry in kept(path)] == ["二"]


def _write(path: Path, name: str) -> None:
    log = QueryLog(path)
    for number in range(50):
        log.note(result(f"{name}{number}" + "漢" * 200), "page", {})


ANOTHER_PROCESS = """
import sys
from pathlib import Path
from indexer import QueryLog, ResultPage, Total
log = QueryLog(Path(sys.argv[1]))
for number in range(50):
    query = f"{sys.argv[2]}{number}" + "漢" * 200
    log.note(ResultPage(query, query, 1, 10, Total(0), 1.0, (), "g", ""), "page", {})
"""


def test_several_writers(tmp_path: Path) -> None:
    """Lines of several processes and of several threads do not mix."""
    path = tmp_path / "queries.jsonl"
    others = [subprocess.Popen([sys.executable, "-c", ANOTHER_PROCESS, path, name]) for name in "甲乙"]
    # The threads write while the other processes do, if not before.
    while not path.exists() and others[0].poll() is None:
        time.sleep(0.01)
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(lambda name: _write(path, name), "丙丁戊己")] == [None] * 4
    assert [other.wait(60) for other in others] == [0, 0]
    queries = [entry.query.rstrip("漢") for entry in kept(path)]
    assert sorted(queries) == sorted(f"{name}{number}" for name in "甲乙丙丁戊己" for number in range(50))


@pytest.mark.parametrize("name", ["absent/queries.jsonl", ".", "pipe", "nul\0"])
def test_failure_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Where nothing can be written there is one warning, and nobody waits or fails."""
    os.mkfifo(tmp_path / "pipe")
    log = QueryLog(tmp_path / name)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            log.note(result(), "page", {})
    assert [record.name for record in caplog.records] == ["hansou.querylog"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_full_disk(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk is one warning, too."""
    log = QueryLog(Path("/dev/full"))
    log.note(result(), "page", {})
    log.note(result(), "page", {})
    assert len(caplog.records) == 1 and "searching goes on" in caplog.text


def test_failure_after_recovery_is_told_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When writing has worked in between, the next failure is news."""
    folder = tmp_path / "log"
    log = QueryLog(folder / "queries.jsonl")
    for _ in range(2):
        log.note(result(), "page", {})
        folder.mkdir()
        log.note(result(), "page", {})
        (folder / "queries.jsonl").unlink()
        folder.rmdir()
    assert len(caplog.records) == 2


def test_half_a_character(tmp_path: Path) -> None:
    """What is no text is kept with a mark rather than not at all."""
    path = tmp_path / "queries.jsonl"
    QueryLog(path).note(result("無\udc81錫"), "page", {})
    assert kept(path)[0].query == "無?錫"


LAKE = LogEntry("2026-11-22T08:00:00Z", "page", "湖", "smart", "relevance", 1, 0, 1, None, False, "g")
SOUND = json.dumps(asdict(LAKE), ensure_ascii=False)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "3", "{}", SOUND[:-9], SOUND * 2, SOUND.replace('"湖"', "7"),
        SOUND.replace('"page": 1', '"page": "1"'), SOUND.replace('"filters": {}', '"filters": []'),
    ],
)  # fmt: skip
def test_damaged_lines(tmp_path: Path, line: str) -> None:
    """A line that is no search is left out, and its place is told."""
    path = tmp_path / "queries.jsonl"
    path.write_bytes(f"{SOUND}\n{line}\n{SOUND}\n".encode() + b"\xff\n" + SOUND.encode())
    damaged: list[str] = []
    assert len([*read_log(path, damaged)]) == 3
    assert damaged == [f"{path}:2", f"{path}:4"]


def test_compressed(tmp_path: Path) -> None:
    """A rotated log may be compressed; one that is cut off is an error that names it."""
    path = tmp_path / "queries.jsonl.1.gz"
    packed = gzip.compress(f"{SOUND}\n".encode())
    path.write_bytes(packed)
    assert len(kept(path)) == 1
    path.write_bytes(packed[:-9])
    with pytest.raises(ReadError, match=r"queries\.jsonl\.1\.gz"):
        kept(path)


def test_absent(tmp_path: Path) -> None:
    """A log that is not there is an error that says how it comes to be."""
    with pytest.raises(ReadError, match="first search"):
        kept(tmp_path / "queries.jsonl")
