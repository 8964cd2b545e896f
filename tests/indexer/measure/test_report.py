"""The report: the figures are what their definitions say, and the command prints them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config
from indexer.measure.querylog import LogEntry
from indexer.measure.report import summarize

PLAIN = LogEntry("2026-11-20T08:00:00Z", "page", "無錫", "smart", "relevance", 1, 9, 2.0, None, False, "g1")
LOG = (
    PLAIN,
    replace(PLAIN, at="2026-11-20T09:00:00Z", query="軟體園", total=0, suggestion="軟件園", followed=True),
    replace(PLAIN, at="2026-11-21T09:00:00Z", query="软体园", total=0, took_ms=80.0, suggestion="软件园"),
    replace(PLAIN, at="2026-11-21T09:05:00Z", query="軟體園", total=0),
    replace(PLAIN, at="2026-11-21T09:10:00Z", query="鯨魚", total=0),
    replace(PLAIN, at="2026-11-22T09:10:00Z", query="鯨魚", total=2),
    replace(PLAIN, at="2026-11-22T09:11:00Z", query="無錫", page=2, took_ms=400.0),
    replace(PLAIN, at="2026-11-22T09:12:00Z", query="太湖", total=0, filters={"source": "新華社"}),
)


def test_counts() -> None:
    """Searches, distinct queries, nothing found, suggestions; a further page is no search."""
    summary = summarize(LOG)
    assert (summary.first, summary.last) == ("2026-11-20T08:00:00Z", "2026-11-22T09:12:00Z")
    assert (summary.searches, summary.queries) == (7, 4)
    assert (summary.zero_results, summary.zero_share) == (5, round(5 / 7, 4))
    assert (summary.offered, summary.followed) == (2, 1)
    assert summary.days == {"2026-11-20": 2, "2026-11-21": 3, "2026-11-22": 2}


def test_scripts_are_one_query() -> None:
    """軟體園 and 软体园 are counted together, shown as most typed."""
    (zero,) = summarize(LOG).zero
    assert (zero.query, zero.times, zero.total) == ("軟體園", 3, 0)


def test_what_is_mended_is_not_listed() -> None:
    """鯨魚 is found by now, if rarely; nothing under a filter says nothing of the archive."""
    summary = summarize(LOG)
    assert [count.query for count in summary.few] == ["鯨魚"]
    assert "太湖" not in [count.query for count in summary.zero]


def test_times() -> None:
    """Percentiles are over all lines, further pages too; a query is slow by its slowest search."""
    summary = summarize(LOG)
    assert (summary.p50_ms, summary.p95_ms, summary.p99_ms) == (2.0, 400.0, 400.0)
    assert [(slow.query, slow.took_ms) for slow in summary.slow[:2]] == [("無錫", 400.0), ("软体园", 80.0)]


def test_most_frequent_and_top() -> None:
    """The most frequent come first, and no list is longer than asked for."""
    summary = summarize(LOG, top=2)
    assert [(count.query, count.times) for count in summary.frequent] == [("軟體園", 3), ("鯨魚", 2)]
    assert len(summary.slow) == 2


def test_modes_are_apart() -> None:
    """The same text as a phrase is another query."""
    summary = summarize([PLAIN, replace(PLAIN, mode="exact", total=0)])
    assert summary.queries == 2 and [count.total for count in summary.zero] == [0]


def test_order_does_not_matter() -> None:
    """Logs of several servers may be read in any order."""
    mixed = [*LOG]
    random.Random(7).shuffle(mixed)
    assert summarize(mixed) == summarize(LOG)


def test_nothing() -> None:
    """An empty log has no figures but zeros."""
    summary = summarize([])
    assert (summary.first, summary.searches, summary.zero_share, summary.p99_ms, summary.days) == (
        None,
        0,
        0.0,
        0.0,
        {},
    )


@pytest.fixture
def logged(make_config: Any) -> Config:
    """A configuration with a log of `LOG`."""
    config: Config = make_config(toml='[search]\nquery_log = "queries.jsonl"\n')
    write(config.base / "queries.jsonl", *LOG)
    return config


def write(path: Path, *searches: LogEntry) -> None:
    """Write a log."""
    lines = [json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in searches]
    path.write_text("".join(lines), encoding="utf-8")


def test_command(logged: Config, hansou: Callable[..., Any]) -> None:
    """People get the lists that have something in them."""
    shown = hansou(logged, "report")
    assert (shown.code, shown.err) == (0, "")
    assert "5 found nothing (71.4%); 2 suggestions, 1 followed at once" in shown.out
    assert "found nothing\n        3  軟體園 (0 found)\n" in shown.out
    assert "slowest\n    400.0 ms  無錫\n" in shown.out and "        3  2026-11-21" in shown.out


@pytest.mark.parametrize(
    ("options", "searches"),
    [((), 7), (("--since", "2026-11-22"), 2), (("--until", "2026-11-20"), 2), (("--since", "2027"), 0),
     (("--since", "2026-11-21", "--until", "2026-11-21"), 3), (("--until", "2026"), 7)],
)  # fmt: skip
def test_command_between_dates(
    logged: Config, hansou: Callable[..., Any], options: tuple[str, ...], searches: int
) -> None:
    """Both ends are included, dates may be cut short."""
    assert hansou(logged, "report", "--json", *options).json()["searches"] == searches
    assert ("no searches" in hansou(logged, "report", *options).out) == (searches == 0)


def test_command_with_named_logs(logged: Config, hansou: Callable[..., Any]) -> None:
    """Several files are added up, instead of the configured one."""
    other = logged.base / "older.jsonl"
    write(other, PLAIN, PLAIN)
    shown = hansou(logged, "report", str(other), str(logged.base / "queries.jsonl"), "--json", "--top", "1")
    assert shown.json()["searches"] == 9 and len(shown.json()["frequent"]) == 1


def test_command_with_damaged_lines(logged: Config, hansou: Callable[..., Any]) -> None:
    """Lines that are no searches are counted, and the exit code says so."""
    with (logged.base / "queries.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"at": "2026-\n')
    shown = hansou(logged, "report", "--json")
    assert (shown.code, shown.json()["searches"], shown.json()["damaged"]) == (3, 7, 1)
    assert "1 damaged" in shown.err and "queries.jsonl:9" in shown.err


def test_command_without_a_log(make_config: Any, hansou: Callable[..., Any]) -> None:
    """Where none is configured, the message names the setting; where none was written yet, the file."""
    shown = hansou(make_config(), "report")
    assert shown.code == 6 and "query_log" in shown.err
    shown = hansou(make_config(toml='[search]\nquery_log = "queries.jsonl"\n'), "report")
    assert shown.code == 3 and "queries.jsonl: no such file" in shown.err


def test_terminal_is_not_steered(logged: Config, hansou: Callable[..., Any]) -> None:
    """Control characters that were typed are not printed."""
    write(logged.base / "queries.jsonl", replace(PLAIN, query="無\x1b[2J錫\n湖"))
    shown = hansou(logged, "report").out
    assert "\x1b" not in shown and "無\ufffd[2J錫\ufffd湖" in shown
