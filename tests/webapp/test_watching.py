"""`hansou serve --watch`: the index follows its sources beside the server, and no longer than that."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from indexer import Config
from indexer.cli.watcher import Watcher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are told by their parents")
SEARCH = f"/api/v1/search?q={quote('软件')}"


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for 20 s at most."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_dropped_is_served(own_config: Config, start: Any, fetch: Any) -> None:
    """An index is built beside the server, is told in a line, and is no longer built when the server ends."""
    served = start(own_config, "--watch")
    until(lambda: fetch(served.address, "/readyz")[0] == 200)
    assert json.loads(fetch(served.address, SEARCH)[1])["total"]["value"] == 1
    assert "1 documents" in served.process.stderr.readline()
    served.process.send_signal(signal.SIGTERM)
    said = served.process.communicate(timeout=20)[1]
    assert served.process.returncode == 0 and said.splitlines() == ["terminated"]


def test_an_end_is_logged(own_config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """One that nobody asked for; one that was asked for goes unsaid, and leaves no process."""
    watcher = Watcher(str(own_config.base / "config.toml"))
    watcher.start()
    first = watcher.process
    assert first is not None
    first.kill()
    until(lambda: bool(caplog.messages))
    assert caplog.messages[0].startswith(f"hansou watch has ended (exit code {-signal.SIGKILL})")
    watcher.start()
    second = watcher.process
    assert second is not None and second.poll() is None
    watcher.end()
    watcher.end()
    assert second.returncode is not None and len(caplog.messages) == 1
