"""How do several processes answer on one port? The parent accepts, its workers answer in turn.

Python runs one thread at a time, so a second core needs a second process. Workers are forked from the
warm parent and share its memory. Invariant: a worker lives no longer than its parent's end of the
channel through which it gets connections, whether the parent ends or is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from indexer import HansouError

AT_MOST = 4
"""Processes where none are configured: each holds memory of its own, and most machines do more than serve."""
SHORT_S = 5.0
SHORT_LIVES = 5
"""So many workers that ended within `SHORT_S` of their start, one after another, are no accident."""
GRACE_S = 7.0
"""Waitress gives running requests five seconds; a worker that is not done by then is killed."""
IGNORED = (signal.SIGINT, signal.SIGTERM)
logger = logging.getLogger("hansou")


class WorkersFailed(HansouError):
    """Workers end as soon as they are started."""


def process_count(configured: int) -> int:
    """How many processes to serve with; 0 means one for each core, but no more than `AT_MOST`.

    One where a process cannot be forked. macOS only on demand: its frameworks do not survive a fork.
    """
    if not hasattr(os, "fork"):
        return 1
    if configured or sys.platform == "darwin":
        return configured or 1
    return min(len(os.sched_getaffinity(0)), AT_MOST)


class HandedServer(TcpWSGIServer):  # type: ignore[misc]
    """A waitress server whose connections come through a channel, already accepted."""

    def __init__(self, app: Any, channel: socket.socket, address: tuple[str, int], **options: Any) -> None:
        self._address = address
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(
            app,
            _sock=channel,
            adj=Adjustments(**options),
            sockinfo=(family, socket.SOCK_STREAM, 0, address),
            bind_socket=False,
        )

    def getsockname(self) -> tuple[str, int]:
        """The address that the parent listens on."""
        return self._address

    def accept_connections(self) -> None:
        """Take connections from now on."""
        self.accepting = True

    def accept(self) -> tuple[socket.socket, Any] | None:
        """The next connection; raises SystemExit, which ends `run`, where the parent has gone."""
        try:
            sent, descriptors, _, _ = socket.recv_fds(self.socket, 1, 1)
        except BlockingIOError:
            return None
        if not sent:
            raise SystemExit
        for connection in (socket.socket(fileno=descriptor) for descriptor in descriptors):
            try:
                return connection, connection.getpeername()
            except OSError:
                connection.close()  # the client has gone already
        return None

    def handle_close(self) -> None:
        """The parent has gone."""
        raise SystemExit


@dataclass
class Worker:
    """One process: its number, its id, the parent's end of its channel, when it was started."""

    number: int
    pid: int
    channel: socket.socket
    started: float


@dataclass
class Workers:
    """Processes that each run `work(number, channel)`; connections from `listening` go to them in turn."""

    listening: Sequence[socket.socket]
    work: Callable[[int, socket.socket], None]
    ring: deque[Worker] = field(default_factory=deque)
    selector: DefaultSelector = field(default_factory=DefaultSelector)
    short_lives: int = 0

    def run(self, count: int) -> None:
        """Serve with `count` processes until interrupted; raises `WorkersFailed`."""
        for listener in self.listening:
            listener.setblocking(False)
            self.selector.register(listener, EVENT_READ)
        try:
            for number in range(count):
                self.start(number)
            while True:
                for key, _ in self.selector.select():
                    self.replace(key.data) if key.data else self.hand_on(key.fileobj)
        except KeyboardInterrupt:
            pass
        finally:
            self.end()

    def start(self, number: int) -> None:
        """Fork a worker; the fork does not return from here."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            ours.close()
            self.answer(number, theirs)
        theirs.close()
        ours.setblocking(False)
        worker = Worker(number, pid, ours, time.monotonic())
        self.ring.append(worker)
        self.selector.register(ours, EVENT_READ, worker)

    def answer(self, number: int, channel: socket.socket) -> None:
        """Be a worker until the channel ends, then exit; signals are the parent's business."""
        code = 1
        try:
            for ignored in IGNORED:
                signal.signal(ignored, signal.SIG_IGN)
            # Whoever holds the parent's end of a channel keeps that worker alive.
            for inherited in (*self.listening, *(worker.channel for worker in self.ring)):
                inherited.close()
            self.selector.close()
            self.work(number, channel)
            code = 0
        except BaseException:
            logger.exception("worker %d failed", number)
        finally:
            os._exit(code)

    def hand_on(self, listener: Any) -> None:
        """Accept one connection and give it to the next worker that takes it."""
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                for _ in self.ring:
                    self.ring.rotate()
                    # A full channel or a dead worker: the next one takes it.
                    with suppress(OSError):
                        socket.send_fds(self.ring[0].channel, [b"+"], [connection.fileno()])
                        return

    def replace(self, worker: Worker) -> None:
        """Start a worker in the place of one that ended."""
        self.selector.unregister(worker.channel)
        worker.channel.close()
        self.ring.remove(worker)
        status = os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1])
        lived = time.monotonic() - worker.started
        self.short_lives = self.short_lives + 1 if lived < SHORT_S else 0
        if self.short_lives == SHORT_LIVES:
            raise WorkersFailed(f"{SHORT_LIVES} workers in a row ended as soon as they were started")
        logger.warning("worker %d ended with %d; another takes its place", worker.number, status)
        self.start(worker.number)

    def end(self) -> None:
        """Let the workers finish what they are at, and wait for them."""
        self.selector.close()
        for worker in self.ring:
            worker.channel.close()
        deadline = time.monotonic() + GRACE_S
        for worker in self.ring:
            while not os.waitpid(worker.pid, os.WNOHANG)[0]:
                if time.monotonic() > deadline:
                    os.kill(worker.pid, signal.SIGKILL)
                time.sleep(0.01)
