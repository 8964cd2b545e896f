"""`hansou serve` as people start it: how it begins and ends, and what it answers meanwhile."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

import pytest

from indexer import Config, rebuild
from indexer.engine.embedded import generations
from webapp import server

Fetch = Callable[..., tuple[int, str]]
Start = Callable[..., Any]
SEARCH = f"/api/v1/search?q={quote('软件')}"
SLOW = """
import time
from webapp import server
load = server.warm_app
def warm_app(config):
    app = load(config)
    app.add_url_rule("/slow", view_func=lambda: time.sleep(1) or "whole", endpoint="slow")
    app.add_url_rule("/broken", view_func=lambda: 1 / 0, endpoint="broken")
    return app
server.warm_app = warm_app
"""


@pytest.fixture(scope="module")
def running(site_config: Config, start: Start) -> Any:
    """A server of one process with two further pages: one takes a second, one is broken."""
    return start(site_config, before=SLOW)


def send(port: int, request: bytes) -> bytes:
    """The first bytes of what is answered to a request as it is written."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        return client.recv(4096)


def test_a_server_finds_the_index_when_it_is_built(own_config: Config, start: Start, fetch: Fetch) -> None:
    """Started before the first build, the server answers as soon as there is an index."""
    address = start(own_config).address
    assert fetch(address, "/readyz")[0] == 503
    assert "hansou rebuild" in fetch(address, "/")[1]
    rebuild(own_config)
    assert fetch(address, "/readyz")[0] == 200
    assert json.loads(fetch(address, SEARCH)[1])["total"]["value"] == 1


def test_a_rebuild_is_picked_up_without_an_error(own_config: Config, start: Start, fetch: Fetch) -> None:
    """While the index is replaced every answer is whole; afterwards no process answers from the old one."""
    rebuild(own_config)
    address = start(own_config, processes=2).address
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            status, text = fetch(address, SEARCH)
            seen.append((status, json.loads(text).get("total", {}).get("value", -1)))

    thread = threading.Thread(target=ask)
    thread.start()
    (own_config.base / "documents/b.txt").write_text("软件园的第二篇。", encoding="utf-8")
    rebuild(own_config)
    assert {json.loads(fetch(address, SEARCH)[1])["total"]["value"] for _ in range(12)} == {2}
    stop.set()
    thread.join(10)
    assert set(seen) <= {(200, 1), (200, 2)} and (200, 1) in seen


def test_a_file_cut_under_a_worker_costs_that_worker(own_config: Config, start: Start, fetch: Fetch) -> None:
    """Reading beyond the new end of a file ends a process; another takes its place, and the server stays."""
    rebuild(own_config)
    rebuild(own_config)
    served = start(own_config, processes=2)
    index = own_config.index.directory
    live = index / "generations" / (index / "CURRENT").read_text().strip()
    (arrays,) = live.glob("*.arrays")
    os.truncate(arrays, 0)
    with pytest.raises((ConnectionError, HTTPException)):
        for _ in range(9):
            fetch(served.address, SEARCH)
    for _ in range(200):
        with suppress(ConnectionError, HTTPException):
            if fetch(served.address, "/healthz")[0] == 200:
                break
    generations.rollback(own_config.index)
    deadline = time.monotonic() + 20
    statuses: list[int] = []
    while statuses[-4:] != [200] * 4 and time.monotonic() < deadline:
        with suppress(ConnectionError, HTTPException):
            statuses.append(fetch(served.address, SEARCH)[0])
        time.sleep(0.05)
    assert statuses[-4:] == [200] * 4, statuses
    assert served.process.poll() is None


def test_overlong_queries_are_refused_in_words(running: Any, fetch: Fetch) -> None:
    """7,000 Han characters get the application's answer; what no address can hold, a status of its own."""
    status, text = fetch(running.address, "/api/v1/search?q=" + quote("園" * 7_000))
    assert status == 400 and json.loads(text)["code"] == "query-too-long"
    assert fetch(running.address, "/search?q=" + quote("園" * 100_000))[0] == 414


def test_a_body_that_does_not_end_holds_nothing_up(running: Any) -> None:
    """Bodies are not waited for: too long, in chunks or never sent, they are answered at once."""
    head = "POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n"
    for header, status in (("Content-Length: 70000", 413), ("Transfer-Encoding: chunked", 411)):
        assert f"HTTP/1.1 {status} ".encode() in send(running.port, head.format(header).encode())


def test_slow_clients_hold_nothing_up(running: Any, fetch: Fetch) -> None:
    """A hundred clients that have sent half a request, or nothing, keep no other one waiting."""
    clients = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(100)]
    for client in clients[:50]:
        client.sendall(b"GET /search?q=")
    assert fetch(running.address, SEARCH)[0] == 200
    for client in clients:
        client.close()


def test_a_connection_is_kept(running: Any, fetch: Fetch) -> None:
    """Two requests go over one connection, and the server says which software it is."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=10)
    assert fetch(running.address, "/healthz", connection)[0] == 200
    kept = connection.sock
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    assert response.status == 200 and connection.sock is kept
    assert [value for name, value in response.getheaders() if name.lower() == "server"] == ["hansou"]
    connection.close()


def test_a_running_request_is_finished(site_config: Config, start: Start, fetch: Fetch) -> None:
    """SIGTERM lets a request that is being worked on get its answer, and an error is told once."""
    served = start(site_config, before=SLOW)
    assert fetch(served.address, "/broken")[0] == 500
    answers: list[tuple[int, str]] = []
    thread = threading.Thread(target=lambda: answers.append(fetch(served.address, "/slow")))
    thread.start()
    # The page after it is answered only when it runs.
    fetch(served.address, "/healthz")
    said = served.end()
    thread.join(10)
    assert answers == [(200, "whole")] and served.process.returncode == 0
    assert said.count("ZeroDivisionError") == said.count("Traceback") == 1


@pytest.mark.parametrize(
    ("processes", "number"),
    [(1, signal.SIGTERM), (2, signal.SIGINT), (2, signal.SIGTERM)],
)
def test_a_signal_ends_the_server(
    site_config: Config, processes: int, number: signal.Signals, start: Start, fetch: Fetch
) -> None:
    """Termination and Ctrl-C end the server without a word, exit code 0."""
    served = start(site_config, processes=processes)
    assert (f"({processes} processes; " in served.told) == (processes > 1)
    assert fetch(served.address, "/healthz")[0] == 200
    assert served.end(number) == "" and served.process.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        fetch(served.address, "/healthz")


def test_what_was_ignored_stays_so(site_config: Config, start: Start, fetch: Fetch) -> None:
    """A server under nohup(1) outlives the terminal."""
    served = start(site_config, before="import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    os.kill(served.process.pid, signal.SIGHUP)
    assert [fetch(served.address, "/healthz")[0] for _ in range(3)] == [200] * 3
    assert served.end() == "" and served.process.returncode == 0


def test_a_port_in_use_is_told(running: Any, own_config: Config, start: Start) -> None:
    """Where another server listens the message says so and what to do, before anything is loaded."""
    unloadable = "from webapp import server\ndel server.warm_app"
    second = start(own_config, "--port", str(running.port), before=unloadable)
    assert re.search(rf"127\.0\.0\.1:{running.port}: Address already in use.*--port", second.told)
    assert second.process.communicate(timeout=10)[1] == "" and second.process.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on Windows")
def test_the_limit_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised to what connections take, or as far as it may be; too low a one is told in a line."""
    import resource

    limits, unlimited = [(1024, 4096)], resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limit: limits.append(limit))
    server.raise_file_limit(2000)
    server.raise_file_limit(10_000)
    assert limits[1:] == [(2000, 4096), (4096, 4096)]
    for enough in ((1024, unlimited), (unlimited, unlimited), (10_000, 20_000)):
        limits[:] = [enough]
        server.raise_file_limit(10_000)
        assert limits[1:] == ([] if enough[0] != 1024 else [(10_000, unlimited)])
    limits[:] = [(31, 31)]
    with pytest.raises(server.TooFewFiles, match="31 are allowed; see ulimit -n"):
        server.raise_file_limit(10_000)


def test_too_little_memory() -> None:
    """What is there can be had; what no machine has raises MemoryError."""
    server.require_memory(1 << 20)
    with pytest.raises(MemoryError):
        server.require_memory(1 << 60)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "archive..invalid", "x" * 64])
def test_an_unknown_host_is_told(host: str) -> None:
    """A host that has no address, or cannot have one, is no traceback."""
    with pytest.raises(server.PortTaken, match=re.escape(host)), server.reserved(host, 0):
        pass


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_the_host_of_the_command_line(host: str, site_config: Config, start: Start) -> None:
    """The host that is named is listened on and, being served, answered for."""
    try:
        socket.create_server((host, 0), family=socket.getaddrinfo(host, 0)[0][0]).close()
    except OSError:
        pytest.skip(f"this machine has no {host}")
    served = start(site_config, "--host", host, "--port", "0")
    assert f" http://{server.url_host(host)}:{served.port}/ " in served.told
    connection = HTTPConnection(host, served.port, timeout=10)
    connection.request("GET", "/help")
    assert connection.getresponse().status == 200
    connection.close()


def test_workers_that_never_live_are_given_up(site_config: Config, start: Start) -> None:
    """A worker that ends as it starts is not started for ever: the server ends with a message."""
    dying = "import os\nfrom webapp import server\nserver.Worker.__call__ = lambda worker: os._exit(3)"
    served = start(site_config, before=dying)
    told = served.told + served.process.communicate(timeout=20)[1]
    assert served.process.returncode == 1 and "as soon as they were started" in told


def test_a_start_that_fails_leaves_no_worker(site_config: Config, start: Start) -> None:
    """Where the server itself fails amid its start, it says so and ends, and so do the workers it had."""
    failing = (
        "from granian.server import common\n"
        "def fail(worker): raise RuntimeError('can\\'t start new thread')\n"
        "common.AbstractWorker._watch = fail"
    )
    served = start(site_config, before=failing)
    told = served.told + served.process.communicate(timeout=20)[1]
    assert served.process.returncode == 1 and "not enough memory" in told


@pytest.mark.parametrize(("configured", "cores", "count"), [(0, 1, 2), (0, 2, 4), (0, 16, 4), (6, 2, 6)])
def test_process_count(monkeypatch: pytest.MonkeyPatch, configured: int, cores: int, count: int) -> None:
    """Two for each core up to four, unless configured."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert server.process_count(configured) == count


def test_process_count_where_nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS and Windows have one process; macOS more on demand."""
    monkeypatch.setattr("sys.platform", "darwin")
    assert (server.process_count(0), server.process_count(2)) == (1, 2)
    monkeypatch.setattr("sys.platform", "win32")
    assert server.process_count(2) == 1


def test_without_forks(site_config: Config, start: Start, fetch: Fetch) -> None:
    """Where processes cannot be forked, workers load the application themselves."""
    served = start(site_config, processes=2, before=SPAWN)
    assert fetch(served.address, SEARCH)[0] == 200
    assert served.end() == "" and served.process.returncode == 0


SPAWN = """
import multiprocessing
from webapp import server
server.forks = lambda: False
multiprocessing.set_start_method("spawn")
"""
