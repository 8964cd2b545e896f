"""The query log of the server: every search typed on a page or asked by a program, nothing of who asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config
from indexer.measure.querylog import LogEntry, read_log

SECRETS = {
    "User-Agent": "SECRET-agent",
    "Cookie": "session=SECRET-cookie",
    "Referer": "https://SECRET-referer.example/",
    "X-Forwarded-For": "203.0.113.99",
    "Forwarded": "for=203.0.113.99",
    "Accept-Language": "zh-SECRET",
    "Authorization": "Basic SECRET",
    "From": "SECRET@example.org",
}
ADDRESS = "198.51.100.77"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "queries.jsonl"


@pytest.fixture
def logged(path: Path, config: Config, make_app: Callable[[Config], Flask]) -> FlaskClient:
    """A client of an application that keeps a log."""
    settings = replace(config.search, query_log=path)
    return make_app(replace(config, search=settings)).test_client()


def kept(path: Path) -> list[LogEntry]:
    """What was kept."""
    return [*read_log(path, [])] if path.exists() else []


def test_pages_and_programs(logged: FlaskClient, path: Path) -> None:
    """A search on a page and one of a program are a line each, with what was asked."""
    logged.get("/search?q=軟件園&source=新華社&from=2016-01-01")
    logged.get("/api/v1/search?q=软件园&mode=exact&size=1&page=2")
    page, program = kept(path)
    assert (page.surface, page.query, page.total) == ("page", "軟件園", 1)
    assert page.filters == {"source": "新華社", "date_from": "2016-01-01"}
    assert (program.surface, program.mode, program.page, program.filters) == ("api", "exact", 2, {})


def test_nothing_of_who_asked(logged: FlaskClient, path: Path) -> None:
    """No header, no address, no other parameter of a request is in the log."""
    for address in ("/search?q=軟件園&token=SECRET&hl=en", "/api/v1/search?q=軟件園&user=SECRET"):
        answer = logged.get(address, headers=SECRETS, environ_overrides={"REMOTE_ADDR": ADDRESS})
        assert answer.status_code == 200
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 2
    assert "SECRET" not in text and "203.0.113" not in text and ADDRESS not in text


def test_followed_suggestion(logged: FlaskClient, path: Path, searcher: Any) -> None:
    """A suggestion that was searched for at once is told in the line of what was typed."""
    searcher.suggestion = "軟件園"
    logged.get("/search?q=園件軟")
    logged.get("/search?q=園件軟&verbatim=1")
    assert [(entry.query, entry.total, entry.suggestion, entry.followed) for entry in kept(path)] == [
        ("園件軟", 0, "軟件園", True), ("園件軟", 0, "軟件園", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "/", "/search?q=", "/search.rss?q=軟件園", "/api/v1/suggest?q=軟", "/document/b?q=创新",
        "/api/v1/search", "/help",
    ],
)  # fmt: skip
def test_what_is_no_search(logged: FlaskClient, path: Path, address: str) -> None:
    """Feeds, completions, documents and refused requests are not kept."""
    logged.get(address)
    assert kept(path) == []


def test_failed_search_is_not_kept(logged: FlaskClient, path: Path, searcher: Any) -> None:
    """A search that fails fails as without a log."""
    searcher.failure = RuntimeError("broken")
    assert logged.get("/api/v1/search?q=軟件園").status_code == 500
    assert kept(path) == []


def test_unwritable_log(config: Config, make_app: Callable[[Config], Flask], tmp_path: Path) -> None:
    """A log that cannot be written fails no request."""
    settings = replace(config.search, query_log=tmp_path / "absent" / "queries.jsonl")
    client = make_app(replace(config, search=settings)).test_client()
    assert client.get("/search?q=軟件園").status_code == 200
    assert client.get("/api/v1/search?q=軟件園").status_code == 200
