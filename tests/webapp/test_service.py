"""What a server and a service manager tell each other: readiness, a socket, lines for the journal."""

from __future__ import annotations

import io
import logging
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config
from tests.conftest import until
from webapp import service

SERVE = "from indexer.cli import main; main()"
HANDING_OVER = """
import os, sys
os.dup2(int(sys.argv.pop(1)), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
"""
Fetch = Callable[..., tuple[int, str]]


def command(config: Config, *options: str) -> list[str]:
    """`hansou serve` for a configuration."""
    return [sys.executable, "-c", SERVE, "--config", str(config.base / "config.toml"), "serve", *options]


def handing_over(listener: socket.socket) -> list[str]:
    """The beginning of a command that gets a socket as a service manager hands it over."""
    return [sys.executable, "-c", HANDING_OVER + SERVE, str(listener.fileno())]


def test_a_closed_terminal_ends_the_server(site_config: Config) -> None:
    """With a terminal, SIGHUP is what it always was: everything ends, exit code 0."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["HANSOU_SERVER_PROCESSES"] = "2"
        os.execv(sys.executable, command(site_config))
    said = b""
    while b"http://" not in said:
        said += os.read(terminal, 1000)
    os.kill(child, signal.SIGHUP)
    ended = [0, 1]

    def has_ended() -> bool:
        ended[:] = os.waitpid(child, os.WNOHANG)
        return ended[0] == child

    assert until(has_ended, 30) and os.waitstatus_to_exitcode(ended[1]) == 0
    os.close(terminal)


def test_a_socket_that_is_handed_over(site_config: Config, tmp_path: Path, fetch: Fetch) -> None:
    """Who connects while no server is there is answered by the next; READY is told when it answers."""
    variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "HANSOU_SERVER_PROCESSES": "2"}
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        told.bind(str(tmp_path / "notify"))
        told.settimeout(30)
        for _ in range(2):
            with socket.create_connection(listener.getsockname(), 30) as waiting:
                waiting.sendall(ask)
                process = subprocess.Popen(
                    [*handing_over(listener), *command(site_config)[3:]],
                    pass_fds=[listener.fileno()],
                    env=os.environ | variables,
                    start_new_session=True,
                    stderr=subprocess.DEVNULL,
                )
                try:
                    assert told.recv(100) == b"READY=1"
                    assert waiting.recv(100).startswith(b"HTTP/1.1 200")
                    assert fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/", "/healthz")[0] == 200
                    process.terminate()
                    assert process.wait(20) == 0
                finally:
                    process.kill()
                    process.wait()


def test_no_service_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its variables, or with those of another process, nothing is done."""
    for name in ("LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET", "JOURNAL_STREAM"):
        monkeypatch.delenv(name, raising=False)
    service.notify("READY=1")
    assert service.handed_over() is None and not service.is_journaled()
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert service.handed_over() is None


def test_a_service_manager_that_is_gone(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """It is a warning, and no reason to end."""
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    service.notify("READY=1")
    assert "cannot be told" in caplog.text


def test_lines_for_the_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each line has its priority, those of a traceback too, where standard error is the journal's."""
    try:
        raise ValueError("壞")
    except ValueError:
        record = logging.LogRecord("hansou", logging.ERROR, "", 0, "went %s", ("wrong",), sys.exc_info())
    lines = service.Journal().format(record).splitlines()
    assert lines[0] == "<3>went wrong" and lines[-1] == "<3>ValueError: 壞"
    assert len(lines) > 3 and all(line.startswith("<3>") for line in lines)
    with open(tmp_path / "journal", "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        there = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino}")
        assert service.is_journaled()
        assert service.log_settings()["formatters"]["generic"] == {"()": service.Journal}
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        assert not service.is_journaled()
