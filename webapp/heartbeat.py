"""Does every worker still answer? One that is silent is ended, and another takes its place.

A worker touches a file each second, unless a request is stuck in it. Invariant: no worker that has been
silent for `MISSES` looks in a row goes on, and none outlives its parent.
"""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread, get_ident
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BEAT_S = 1.0
MISSES = 10
"""Looks in a row, and not seconds, since a machine may have slept."""
POLL_S = 0.05
logger = logging.getLogger("hansou")


class Heartbeat:
    """A WSGI application that gives a sign of life from now on, in a file named after the process.

    The process ends where a request has run for `stuck_s` seconds, or where its parent has gone.
    """

    def __init__(self, app: WSGIApplication, folder: Path, stuck_s: float) -> None:
        self._app = app
        self._file = folder / str(os.getpid())
        self._stuck_s = stuck_s
        self._started: dict[int, float] = {}
        Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        thread = get_ident()
        self._started[thread] = time.monotonic()
        try:
            return self._app(environ, start_response)
        finally:
            del self._started[thread]

    def _beat(self) -> NoReturn:
        while True:
            if not _parent_lives():
                shutil.rmtree(self._file.parent, ignore_errors=True)
                break
            if time.monotonic() - min(self._started.copy().values(), default=float("inf")) > self._stuck_s:
                logger.error("a request has run for %d s; its process ends", self._stuck_s)
                faulthandler.dump_traceback()
                break
            with suppress(OSError):  # without a file nobody watches
                self._file.touch()
            time.sleep(BEAT_S)
        os._exit(1)


def _parent_lives() -> bool:
    parent = multiprocessing.parent_process()
    # Where processes are forked, others may hold what `is_alive` looks at; Windows keeps the parent's number.
    return parent is not None and os.getppid() == parent.pid and parent.is_alive()


def until_answered(address: str, port: int, count: int) -> None:
    """Wait until there are `count` workers, and an answer."""
    while len(multiprocessing.active_children()) < count:
        time.sleep(POLL_S)
    while True:
        connection = HTTPConnection(address, port, timeout=MISSES * BEAT_S)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, HTTPException):
            time.sleep(POLL_S)
        else:
            return
        finally:
            connection.close()


def watch(folder: Path) -> NoReturn:
    """End workers that are silent."""
    looks: dict[int, tuple[float, int]] = {}
    while True:
        time.sleep(BEAT_S)
        for process in multiprocessing.active_children():
            file = folder / str(process.ident)
            if process.ident is None or not file.exists():
                continue  # it is loading
            beat = file.stat().st_mtime
            last, misses = looks.get(process.ident, (0.0, 0))
            misses = misses + 1 if beat == last else 0
            looks[process.ident] = beat, misses
            if misses == MISSES:
                logger.error("worker process %d does not stir; another takes its place", process.ident)
                process.kill()
