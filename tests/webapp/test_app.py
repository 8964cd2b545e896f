"""The application under its real server, on a real index that is replaced while it is read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from indexer import Config, load_config, rebuild
from webapp import app as application


@pytest.fixture
def own_config(tmp_path: Path) -> Config:
    """The configuration of an index of one document, not yet built."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/a.txt").write_text("軟件園的第一篇。", encoding="utf-8")
    (tmp_path / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[[source]]\npath = "documents"\n[server]\nport = 0\n', encoding="utf-8"
    )
    return load_config(tmp_path / "config.toml", {})


@pytest.fixture
def serving(
    own_config: Config, monkeypatch: pytest.MonkeyPatch, stop_server: Callable[[Any], None]
) -> Iterator[str]:
    """The address that `serve` tells; the server ends with the test."""
    told: list[str] = []
    ready = threading.Event()
    server = application.make_server(own_config)
    monkeypatch.setattr(application, "make_server", lambda config: server)

    def tell(address: str) -> None:
        told.append(address)
        ready.set()

    thread = threading.Thread(target=lambda: application.serve(own_config, ready=tell), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield told[0]
    stop_server(server)
    thread.join(10)


def fetch(address: str, path: str, connection: HTTPConnection | None = None) -> tuple[int, str]:
    """Status and text of one request."""
    parts = urlsplit(address)
    connection = connection or HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def test_a_server_finds_the_index_when_it_is_built(serving: str, own_config: Config) -> None:
    """Started before the first build, the server answers as soon as there is an index."""
    assert fetch(serving, "/readyz")[0] == 503
    assert "hansou rebuild" in fetch(serving, "/")[1]
    rebuild(own_config)
    assert fetch(serving, "/readyz")[0] == 200
    assert json.loads(fetch(serving, f"/api/v1/search?q={quote('软件')}")[1])["total"]["value"] == 1


def test_a_rebuild_is_picked_up_without_an_error(serving: str, own_config: Config) -> None:
    """While the index is replaced every answer is whole, from the old or the new generation."""
    rebuild(own_config)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            status, text = fetch(serving, f"/api/v1/search?q={quote('软件')}")
            seen.append((status, json.loads(text).get("total", {}).get("value", -1)))

    thread = threading.Thread(target=ask)
    thread.start()
    (own_config.base / "documents/b.txt").write_text("软件园的第二篇。", encoding="utf-8")
    rebuild(own_config)
    assert json.loads(fetch(serving, f"/api/v1/search?q={quote('软件')}")[1])["total"]["value"] == 2
    stop.set()
    thread.join(10)
    assert set(seen) <= {(200, 1), (200, 2)} and (200, 1) in seen


def test_overlong_queries_are_refused_in_words(serving: str, own_config: Config) -> None:
    """100,000 Han characters reach the application and get its answer, not a bare one of the server."""
    rebuild(own_config)
    status, text = fetch(serving, "/api/v1/search?q=" + quote("園" * 100_000))
    assert status == 400 and json.loads(text)["code"] == "query-too-long"


@pytest.mark.parametrize(("host", "written"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_url_host(host: str, written: str) -> None:
    """An IPv6 address is bracketed."""
    assert application.url_host(host) == written


def test_several_sockets_have_one_port() -> None:
    """A host name with two addresses still gives one port to tell."""

    class Several:
        effective_listen = (("127.0.0.1", 81), ("::1", 81))

    assert application.bound_port(Several()) == 81


def test_host_and_port_override_the_configuration(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's host is served and, being served, answered for."""
    given: list[Config] = []

    class Server:
        effective_port = 9

        def run(self) -> None: ...

        def close(self) -> None: ...

    def make(config: Config) -> Any:
        given.append(config)
        return Server()

    monkeypatch.setattr(application, "make_server", make)
    told: list[str] = []
    application.serve(replace(config), host="archive.example", port=0, ready=told.append)
    assert (given[0].server.host, given[0].server.port, told) == (
        "archive.example",
        0,
        ["http://archive.example:9/"],
    )
