"""`hansou serve` as people start it: its processes, what they share, and how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from indexer import Config, load_config, rebuild
from webapp import workers

Fetch = Callable[..., tuple[int, str]]
# What a shell starts in the background does not hear Ctrl-C, and hands that on; here it is to be heard.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from indexer.cli import main; main()"
)
SEARCH = f"/api/v1/search?q={quote('软件')}"
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are read from /proc")


def start(program: str, config: Config | None = None, **environment: str) -> subprocess.Popen[str]:
    """A Python program, or `hansou serve` with a configuration, with its standard error to read."""
    arguments = ["--config", str(config.base / "config.toml"), "serve"] if config else []
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def serve(config: Config, processes: int) -> tuple[subprocess.Popen[str], str]:
    """`hansou serve`, and the address that it tells."""
    process = start(PROGRAM, config, HANSOU_SERVER_PROCESSES=str(processes))
    assert process.stderr
    told = process.stderr.readline()
    assert ("2 processes" in told) == (processes == 2)
    return process, re.findall(r"http://\S+", told)[0]


def end(process: subprocess.Popen[str]) -> str:
    """Kill a process; what it said last."""
    process.kill()
    return process.communicate(timeout=10)[1]


def children(pid: int) -> set[int]:
    """The processes that a process has started."""
    return {*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())}


def alive(pid: int) -> bool:
    """Whether a process runs; one whose parent is gone may stay a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not (true := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return true


def go_at_once(address: str) -> None:
    """Two connections that are reset before they are answered."""
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture(scope="module")
def pool_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The configuration of an index of one document, built."""
    base = tmp_path_factory.mktemp("pool")
    (base / "documents").mkdir()
    (base / "documents/a.txt").write_text("軟件園的第一篇。", encoding="utf-8")
    (base / "config.toml").write_text(
        '[index]\ndirectory = "index"\n[[source]]\npath = "documents"\n[server]\nport = 0\n', encoding="utf-8"
    )
    config = load_config(base / "config.toml", {})
    rebuild(config)
    return config


@pytest.fixture(scope="module")
def pool(pool_config: Config) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of two processes and its address."""
    process, address = serve(pool_config, 2)
    yield process, address
    end(process)


def test_metrics_are_those_of_the_server(pool: tuple[subprocess.Popen[str], str], fetch: Fetch) -> None:
    """Connections go to the processes in turn, and whichever is asked has counted the requests of both."""
    for _ in range(4):
        assert fetch(pool[1], "/help")[0] == 200
    for _ in range(2):
        assert 'endpoint="pages.help",status="200"} 4.0' in fetch(pool[1], "/metrics")[1]


def test_a_dead_worker_is_replaced(pool: tuple[subprocess.Popen[str], str], fetch: Fetch) -> None:
    """Another takes the place of a worker that is killed, the requests that it answered stay counted."""
    process, address = pool
    before = children(process.pid)
    assert len(before) == 2
    fetch(address, "/status")
    os.kill(min(before), signal.SIGKILL)
    assert until(lambda: len(children(process.pid) - before) == 1)
    assert [fetch(address, SEARCH)[0] for _ in range(4)] == [200] * 4
    assert 'endpoint="pages.status",status="200"} 1.0' in fetch(address, "/metrics")[1]


def test_every_worker_sees_a_new_generation(
    pool: tuple[subprocess.Popen[str], str], pool_config: Config, fetch: Fetch
) -> None:
    """After a rebuild no process answers from the old index."""
    (pool_config.base / "documents/b.txt").write_text("软件园的第二篇。", encoding="utf-8")
    report = rebuild(pool_config)
    answers = [json.loads(fetch(pool[1], SEARCH)[1]) for _ in range(4)]
    assert {answer["index"]["generation"] for answer in answers} == {report.generation.name}
    assert {answer["total"]["value"] for answer in answers} == {2}


def test_no_worker_outlives_its_parent(pool: tuple[subprocess.Popen[str], str]) -> None:
    """Where the parent is killed its workers end too."""
    running = children(pool[0].pid)
    assert len(running) == 2
    end(pool[0])
    assert until(lambda: not any(map(alive, running)))


@pytest.mark.parametrize(("processes", "number"), [(1, signal.SIGTERM), (2, signal.SIGINT)])
def test_a_signal_ends_the_server(
    pool_config: Config, processes: int, number: signal.Signals, fetch: Fetch
) -> None:
    """Termination, and Ctrl-C, which every process gets, end the server without a word, exit code 0."""
    process, address = serve(pool_config, processes)
    running = children(process.pid)
    go_at_once(address)
    assert [fetch(address, "/healthz")[0] for _ in range(2)] == [200] * 2
    os.killpg(process.pid, number)
    try:
        assert process.communicate(timeout=10)[1] == ""
    finally:
        process.kill()
    assert process.returncode == 0 and not any(map(alive, running))
    with pytest.raises(ConnectionRefusedError):
        fetch(address, "/healthz")


def test_workers_that_never_live_are_given_up() -> None:
    """A worker that ends as it starts is not started for ever: the server ends with a message."""
    program = (
        "import os, socket\n"
        "from webapp.workers import Workers, WorkersFailed\n"
        "try:\n"
        "    Workers([socket.create_server(('127.0.0.1', 0))], lambda number, channel: os._exit(3)).run(2)\n"
        "except WorkersFailed as error:\n"
        "    raise SystemExit(str(error))\n"
    )
    process = start(program)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 1
    assert told.count("ended with 3") == workers.SHORT_LIVES - 1 and "as soon as they were started" in told


@pytest.mark.parametrize(("configured", "cores", "count"), [(0, 1, 1), (0, 3, 3), (0, 16, 4), (6, 2, 6)])
def test_process_count(monkeypatch: pytest.MonkeyPatch, configured: int, cores: int, count: int) -> None:
    """One for each core up to four, unless configured."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert workers.process_count(configured) == count


def test_process_count_where_forks_are_not_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS forks only when asked to, Windows never."""
    monkeypatch.setattr("sys.platform", "darwin")
    assert (workers.process_count(0), workers.process_count(2)) == (1, 2)
    monkeypatch.delattr("os.fork")
    assert workers.process_count(2) == 1
