"""The processes of `hansou serve`: what they share, and what happens to one that dies or hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from indexer import Config
from tests.conftest import until
from tests.processes import alive, children, needs_proc

Fetch = Callable[..., tuple[int, str]]
Start = Callable[..., Any]
pytestmark = needs_proc
QUICK = """
import threading
from webapp import heartbeat, server
heartbeat.BEAT_S = 0.2
server.STUCK_S = 1
load = server.warm_app
def warm_app(config):
    app = load(config)
    app.add_url_rule("/stuck", view_func=lambda: threading.Event().wait(), endpoint="stuck")
    return app
server.warm_app = warm_app
"""
"""Signs of life five times a second, and a page that never comes."""


def open_files(pid: int) -> list[Path]:
    """The files that a process has open; some may be closed meanwhile."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(descriptor.readlink())
    return found


@pytest.fixture(scope="module")
def pool(site_config: Config, start: Start) -> Any:
    """A server of two processes."""
    return start(site_config, processes=2, before=QUICK)


def test_metrics_are_those_of_the_server(pool: Any, fetch: Fetch) -> None:
    """Whichever process is asked tells of the requests of all."""
    for _ in range(12):
        assert fetch(pool.address, "/help")[0] == 200
    for _ in range(6):
        assert 'endpoint="pages.help",status="200"} 12.0' in fetch(pool.address, "/metrics")[1]


def test_a_dead_worker_is_replaced(pool: Any, fetch: Fetch) -> None:
    """Another takes the place of a worker that is killed; the requests that it answered stay counted."""
    before = children(pool.process.pid)
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    assert until(lambda: len(children(pool.process.pid) - before) == 1)
    assert [fetch(pool.address, "/healthz")[0] for _ in range(8)] == [200] * 8
    assert 'endpoint="pages.help",status="200"} 12.0' in fetch(pool.address, "/metrics")[1]


def test_what_took_a_dead_workers_place_is_replaced_too(pool: Any, fetch: Fetch) -> None:
    """A worker may end as soon as it is started, a few times: all is as before."""
    started = [children(pool.process.pid)]
    for _ in range(3):
        os.kill(max(started[-1]), signal.SIGKILL)
        assert until(lambda: len(children(pool.process.pid) - set().union(*started)) == 1)
        started.append(children(pool.process.pid))
    assert [fetch(pool.address, "/healthz")[0] for _ in range(8)] == [200] * 8


def test_a_worker_that_stands_still_is_replaced(pool: Any, fetch: Fetch) -> None:
    """A stopped process gets connections, but not for ever: it is ended, and all are answered again."""
    before = children(pool.process.pid)
    os.kill(min(before), signal.SIGSTOP)
    assert until(lambda: min(before) not in children(pool.process.pid))
    assert until(lambda: len(children(pool.process.pid)) == 2)
    assert [fetch(pool.address, "/healthz")[0] for _ in range(8)] == [200] * 8


def test_no_worker_outlives_its_parent(pool: Any) -> None:
    """Where the parent is killed its workers end too, and leave no files behind."""
    running = children(pool.process.pid)
    (folder,) = {open_file.parent for open_file in open_files(min(running)) if open_file.suffix == ".db"}
    assert len(running) == 2 and folder.exists()
    pool.process.kill()
    assert until(lambda: not any(map(alive, running))) and not folder.exists()


def test_a_worker_with_a_stuck_request_is_replaced(site_config: Config, start: Start, fetch: Fetch) -> None:
    """A request that does not end ends its process, which says where it stood; another takes over."""
    served = start(site_config, before=QUICK)
    (before,) = children(served.process.pid)
    with pytest.raises((OSError, HTTPException)):
        fetch(served.address, "/stuck")
    assert until(lambda: children(served.process.pid).isdisjoint({before}))
    assert until(lambda: answers(fetch, served.address))
    said = served.end()
    assert "a request has run" in said and "in wait" in said


def answers(fetch: Fetch, address: str) -> bool:
    """Whether a server answers."""
    try:
        return fetch(address, "/healthz")[0] == 200
    except OSError:
        return False
