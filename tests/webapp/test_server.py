"""The application under its real server, on a real index that is replaced while it is read."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from indexer import Config, rebuild
from webapp import server

Fetch = Callable[..., tuple[int, str]]
SEARCH = f"/api/v1/search?q={quote('软件')}"


@pytest.fixture
def serving(
    own_config: Config, monkeypatch: pytest.MonkeyPatch, stop_server: Callable[[Any], None]
) -> Iterator[str]:
    """The address that `serve` tells; the server ends with the test."""
    told: list[str] = []
    made: list[Any] = []
    ready = threading.Event()
    single = server.single

    def make(*arguments: Any) -> Any:
        made.append(single(*arguments))
        ready.set()
        return made[0]

    monkeypatch.setattr(server, "single", make)
    one = replace(own_config, server=replace(own_config.server, processes=1))
    run = partial(server.serve, one, ready=lambda address, processes: told.append(address))
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield told[0]
    stop_server(made[0])
    thread.join(10)


def test_a_server_finds_the_index_when_it_is_built(serving: str, own_config: Config, fetch: Fetch) -> None:
    """Started before the first build, the server answers as soon as there is an index."""
    assert fetch(serving, "/readyz")[0] == 503
    assert "hansou rebuild" in fetch(serving, "/")[1]
    rebuild(own_config)
    assert fetch(serving, "/readyz")[0] == 200
    assert json.loads(fetch(serving, SEARCH)[1])["total"]["value"] == 1


def test_a_rebuild_is_picked_up_without_an_error(serving: str, own_config: Config, fetch: Fetch) -> None:
    """While the index is replaced every answer is whole, from the old or the new generation."""
    rebuild(own_config)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            status, text = fetch(serving, SEARCH)
            seen.append((status, json.loads(text).get("total", {}).get("value", -1)))

    thread = threading.Thread(target=ask)
    thread.start()
    (own_config.base / "documents/b.txt").write_text("软件园的第二篇。", encoding="utf-8")
    rebuild(own_config)
    assert json.loads(fetch(serving, SEARCH)[1])["total"]["value"] == 2
    stop.set()
    thread.join(10)
    assert set(seen) <= {(200, 1), (200, 2)} and (200, 1) in seen


def test_overlong_queries_are_refused_in_words(serving: str, own_config: Config, fetch: Fetch) -> None:
    """100,000 Han characters reach the application and get its answer, not a bare one of the server."""
    rebuild(own_config)
    status, text = fetch(serving, "/api/v1/search?q=" + quote("園" * 100_000))
    assert status == 400 and json.loads(text)["code"] == "query-too-long"


@pytest.mark.parametrize(("host", "written"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_url_host(host: str, written: str) -> None:
    """An IPv6 address is bracketed."""
    assert server.url_host(host) == written


def test_a_port_in_use_is_told(own_config: Config) -> None:
    """Where another server listens, the message says so and what to do, before anything is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(server.PortTaken, match=rf"127\.0\.0\.1:{port}: Address already in use.*--port"):
            server.serve(own_config, port=port)


def test_an_unknown_host_is_told() -> None:
    """A host that has no address is no traceback."""
    with pytest.raises(server.PortTaken, match=r"no-such-host\.invalid"):
        server.listen("no-such-host.invalid", 0)


def test_host_and_port_override_the_configuration(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's host is served and, being served, answered for."""
    given: list[Config] = []

    class Server:
        def run(self) -> None: ...

    def make(app: Any, listening: Any, config: Config) -> Any:
        given.append(config)
        return Server()

    monkeypatch.setattr(server, "single", make)
    one = replace(config, server=replace(config.server, processes=1))
    told: list[tuple[str, int]] = []
    server.serve(one, host="localhost", port=0, ready=lambda *ready: told.append(ready))
    assert (given[0].server.host, given[0].server.port) == ("localhost", 0)
    assert re.fullmatch(r"http://localhost:[1-9][0-9]*/", told[0][0]) and told[0][1] == 1
