"""How does the application get onto a port? It is loaded once, and granian's workers answer.

Invariant: a port that cannot be had is told before anything slow is loaded, and an address only when it
answers.
"""

from __future__ import annotations

import gc
import logging.config
import mmap
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from indexer import Config, HansouError
from webapp import examples, live
from webapp.app import create_app
from webapp.heartbeat import Heartbeat, until_answered, watch
from webapp.reloading import Reload, Reloadable
from webapp.service import handed_over, has_terminal, log_settings, notify

PER_CORE = 2
"""Chance gives connections to processes: the more there are, the less often a core has nothing to do."""
AT_MOST = 4
"""Processes where none are configured: each holds memory of its own, and most machines do more than serve."""
CONNECTIONS = 10_000
"""Of each process; those that are idle or slow cost no thread."""
BACKLOG = 1024
LEAST_FILES = 128
"""Files that a process has open before its first connection, with some room."""
LEAST_MEMORY = 256 << 20
"""Bytes of addresses that a process takes beyond what the application does: stacks and heaps of threads."""
MAX_HEADER = 1 << 20
GRACE_S = 5
"""Seconds that running requests have where the server ends."""
FAILURES = 5
FAILURES_S = 60
"""Each worker may end so often in so many seconds, and another takes its place; then it is no accident."""
STUCK_S = 30
"""A request that has run for so much longer than a search may take does not end by itself."""
COLLECT_AFTER = 50_000
"""Objects between garbage collections: some ten pages' worth, where Python's 700 are a fraction of one."""
Ready = Callable[[str, int], None]
"""Is told the address and the number of processes."""


class PortTaken(HansouError):
    """The address cannot be listened on."""


class TooFewFiles(HansouError):
    """A process may not have as many files open as serving takes."""


class WorkersFailed(HansouError):
    """Workers end as soon as they are started."""


def serve(
    config: Config,
    host: str | None = None,
    port: int | None = None,
    ready: Ready | None = None,
    load: Callable[[], Config] | None = None,
) -> None:
    """Serve until interrupted, ended or hung up on; port 0 takes any free one.

    Where there is no terminal that could be closed, SIGHUP takes over what `load` gives then.
    Raises `PortTaken`, `TooFewFiles`, MemoryError, or `WorkersFailed` where worker processes do not live.
    """
    raise_file_limit(CONNECTIONS + LEAST_FILES)
    logging.config.dictConfig(log_settings())
    ignored = _end_like_interrupted()
    host, port = host or config.server.host, config.server.port if port is None else port
    config = _at(config, host, port)
    count = process_count(config.server.processes)
    with TemporaryDirectory(prefix="hansou-", ignore_cleanup_errors=True) as folder:
        # Where prometheus-client adds up what the processes count; it looks when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        handed = handed_over()
        with _listening(handed) if handed else reserved(host, port) as (address, port):
            app = warm_app(config) if forks() else None
        require_memory(LEAST_MEMORY)
        if forks():
            multiprocessing.set_start_method("fork", force=True)

        def started() -> None:
            again = load and Reload(config, Path(folder), lambda: _at(load(), host, port))
            _obey(ignored, None if has_terminal() else again)
            threading.Thread(target=attend, name="attend", daemon=True).start()

        def attend() -> None:
            until_answered(address, port, count)
            notify("READY=1")
            if ready is not None:
                ready(f"http://{url_host(host)}:{port}{config.server.prefix.rstrip('/')}/", count)
            watch(Path(folder))

        server = http_server(config, address, port, count, handed)
        server.on_startup(started)
        try:
            server.serve(target_loader=Worker(config, Path(folder), app), wrap_loader=False)
        except SystemExit:
            if not server.interrupt_signal:
                raise WorkersFailed("worker processes ended as soon as they were started") from None
        except RuntimeError as error:  # a thread could not be started
            raise MemoryError from error
        finally:
            # What has not ended with the server would be waited for without end.
            for worker in multiprocessing.active_children():
                worker.kill()


def _at(config: Config, host: str, port: int) -> Config:
    return replace(config, server=replace(config.server, host=host, port=port))


class HandedServer(MPServer):
    """A server on a socket that somebody else may listen on.

    Invariant: workers that end by accident, even as soon as they are started, do not end the server.
    """

    def __init__(self, handed: socket.socket | None, **settings: Any) -> None:
        super().__init__("hansou", **settings)
        self._handed = handed
        self._replaced: deque[float] = deque(maxlen=FAILURES * self.workers)

    def _respawn_workers(self, workers: list[int], *arguments: Any, **settings: Any) -> None:
        super()._respawn_workers(workers, *arguments, **settings)
        now = time.monotonic()
        self._replaced.extend(now for _ in workers)
        if len(self._replaced) < FAILURES * self.workers or now - self._replaced[0] > FAILURES_S:
            # granian would give up where one that has just taken another's place ends.
            self.respawned_wrks.clear()

    def _init_shared_socket(self) -> None:
        if self._handed is None:
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
            return
        self._handed.setblocking(False)
        self._sso = self._handed
        holder = SocketHolder(self._handed.fileno(), False, BACKLOG)  # type: ignore[call-arg]
        self._ssp, self._shd = None, holder  # type: ignore[assignment]


def http_server(
    config: Config, address: str, port: int, count: int, handed: socket.socket | None = None
) -> MPServer:
    """The server that accepts connections, and starts `count` workers anew where they end."""
    return HandedServer(
        handed,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=count,
        blocking_threads=config.server.threads,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEADER),
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_S,
        log_level=LogLevels.error,
        log_dictconfig=log_settings(),
    )


@dataclass(frozen=True)
class Worker:
    """What a worker process runs. It loads the application itself where it was not forked with it."""

    config: Config
    folder: Path
    app: Flask | None

    def __call__(self) -> Heartbeat:
        """The application, in the worker."""
        if sys.platform != "win32":
            os.setpgrp()  # Ctrl-C is the parent's business, which lets workers finish
            if signal.getsignal(signal.SIGHUP) is not signal.getsignal(signal.SIGTERM):
                signal.signal(signal.SIGHUP, signal.SIG_IGN)  # so is reading the configuration anew
        linger_s = self.config.search.deadline_s + STUCK_S
        app = Reloadable(self.app or warm_app(self.config), self.folder, fresh_app, linger_s)
        return Heartbeat(app, self.folder, linger_s)


def warm_app(config: Config) -> Flask:
    """A fresh application, settled in memory for processes that are forked with it."""
    app = fresh_app(config)
    # What is frozen stays out of garbage collections, so that its pages stay shared after a fork.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    return app


def fresh_app(config: Config) -> Flask:
    """The application with what its first requests would load: index, dictionary, templates, examples."""
    app = create_app(config)
    live.of(app).warm()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    with app.app_context(), suppress(HansouError):
        for each in ("zh-Hans", "zh-Hant"):
            examples.working_examples(live.current_searcher(), each)
        examples.holdings_of(live.current_searcher())
        examples.syntax_examples()
    return app


def forks() -> bool:
    """Whether workers are forked from the parent. macOS can, but its frameworks do not survive it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def process_count(configured: int) -> int:
    """How many processes to serve with; 0 means `PER_CORE` for each core, but no more than `AT_MOST`.

    One where processes cannot share what they load, unless configured; always one on Windows, where
    granian has no more.
    """
    if sys.platform == "win32":
        return 1
    if configured or not forks():
        return configured or 1
    return min(PER_CORE * len(os.sched_getaffinity(0)), AT_MOST)


def raise_file_limit(wanted: int) -> None:
    """Allow this process and its workers so many open files, or as many as they may have.

    What is usual, 1,024, would be all that a worker can hold of `CONNECTIONS`. Raises `TooFewFiles` for less
    than `LEAST_FILES`.
    """
    if sys.platform == "win32":
        return
    import resource  # there is none on Windows

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < wanted:
        now = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
    if now != resource.RLIM_INFINITY and now < LEAST_FILES:
        raise TooFewFiles(
            f"serving takes {LEAST_FILES} open files at least, and {now} are allowed; see ulimit -n"
        )


def require_memory(size: int) -> None:
    """Raise MemoryError where so many bytes cannot be had: what lacks them later aborts without a word."""
    try:
        mmap.mmap(-1, size).close()
    except OSError as error:
        raise MemoryError from error


@contextmanager
def reserved(host: str, port: int) -> Iterator[tuple[str, int]]:
    """Keep others from listening there meanwhile: the host's first address, and its port.

    A host that has both kinds of address is listened on with the older. Raises `PortTaken`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found)
        listener = socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        reason = "this can be no name of a host"  # which is what UnicodeError means: a..b
        if isinstance(error, OSError):
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)
        raise PortTaken(
            f"cannot listen on {url_host(host)}:{port}: {reason}; see --host and --port"
        ) from None
    with listener:
        yield listener.getsockname()[:2]


@contextmanager
def _listening(handed: socket.socket) -> Iterator[tuple[str, int]]:
    """The address of a socket that is listened on already."""
    yield handed.getsockname()[:2]


def url_host(host: str) -> str:
    """A host as it is written in an address.

    >>> url_host("::1"), url_host("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host


def _end_like_interrupted() -> set[int]:
    """Signals end the server as Ctrl-C does while it loads, but for a reload; which were ignored."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = {getattr(signal, name) for name in names if hasattr(signal, name)}
    ignored = {number for number in numbers if signal.getsignal(number) is signal.SIG_IGN}
    for number in numbers - ignored:
        signal.signal(number, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and not has_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what is being loaded has just been read
    return ignored


def _obey(ignored: set[int], again: Reload | None) -> None:
    """SIGHUP reloads, or ends the server, not its workers one by one; what nohup(1) ignored stays so."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, again or signal.getsignal(signal.SIGTERM))
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
