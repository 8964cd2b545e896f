"""How does the application get onto a port? Sockets are bound, the application warmed, then it answers.

Invariant: a port that cannot be had is told before anything slow is loaded.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import waitress
from flask import Flask

from indexer import Config, HansouError
from webapp import examples, guard, health, live
from webapp.app import create_app
from webapp.turns import take_turns
from webapp.workers import HandedServer, Workers, process_count

MAX_HEADER = 1 << 20
"""Bytes of a request's head: room to answer an overlong query in words rather than with a bare 431."""
BACKLOG = 1024
COLLECT_AFTER = 50_000
"""Objects between garbage collections: some ten pages' worth, where Python's 700 are a fraction of one."""
Ready = Callable[[str, int], None]
"""Is told the address and the number of processes."""


class PortTaken(HansouError):
    """The address cannot be listened on."""


def serve(
    config: Config, host: str | None = None, port: int | None = None, ready: Ready | None = None
) -> None:
    """Serve until interrupted, ended or hung up on; port 0 takes any free one.

    Raises `PortTaken`, or `WorkersFailed` where worker processes do not live.
    """
    port = config.server.port if port is None else port
    config = replace(config, server=replace(config.server, host=host or config.server.host, port=port))
    with ExitStack() as open_sockets:
        listening = listen(config.server.host, port)
        for listener in listening:
            open_sockets.enter_context(listener)
        _end_like_interrupted()
        app = warm_app(config)
        count = process_count(config.server.processes)
        if ready is not None:
            ready(f"http://{url_host(config.server.host)}:{listening[0].getsockname()[1]}/", count)
        # What is frozen stays out of garbage collections, so that its pages stay shared after a fork.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        if count > 1:
            Workers(listening, worker(app, listening, config)).run(count)
        else:
            single(app, listening, config).run()


def single(app: Flask, listening: Sequence[socket.socket], config: Config) -> Any:
    """A waitress server that answers in this process."""
    server = waitress.create_server(app, sockets=list(listening), **options(config))
    take_turns(server.task_dispatcher, config.server.threads)
    return server


def worker(
    app: Flask, listening: Sequence[socket.socket], config: Config
) -> Callable[[int, socket.socket], None]:
    """What a worker process does, given its number and the channel of its connections."""
    address = listening[0].getsockname()[:2]

    def work(number: int, channel: socket.socket) -> None:
        health.of(app).process = number
        server = HandedServer(app, channel, address, **options(config))
        take_turns(server.task_dispatcher, config.server.threads)
        server.run()

    return work


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets, one for each address of the host; raises `PortTaken`."""
    with ExitStack() as bound:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            addresses = dict.fromkeys((family, address) for family, _, _, _, address in found)
            sockets = [
                bound.enter_context(socket.create_server(address, family=family, backlog=BACKLOG))
                for family, address in addresses
            ]
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise PortTaken(
                f"cannot listen on {url_host(host)}:{port}: {reason}; see --host and --port"
            ) from None
        bound.pop_all()
        return sockets


def warm_app(config: Config) -> Flask:
    """The application with what its first requests would load: index, dictionary, templates, examples."""
    app = create_app(config)
    live.of(app).warm()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    with app.app_context(), suppress(HansouError):
        examples.working_examples(live.current_searcher())
        examples.syntax_examples()
    return app


def options(config: Config) -> dict[str, Any]:
    """What waitress is told, however many processes there are."""
    # A full queue is ordinary under load and waits its turn; waitress would log every instance.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return {
        # `take_turns` adds to it.
        "threads": 1,
        "ident": "hansou",
        "max_request_header_size": MAX_HEADER,
        "max_request_body_size": guard.MAX_BODY,
        # select() cannot watch a file descriptor beyond 1,023
        "asyncore_use_poll": True,
        # ProxyFix reads them, and only when [server] trusted_proxies says how many to believe.
        "clear_untrusted_proxy_headers": not config.server.trusted_proxies,
    }


def url_host(host: str) -> str:
    """A host as it is written in an address.

    >>> url_host("::1"), url_host("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host


def _end_like_interrupted() -> None:
    """SIGTERM and SIGHUP end the server as Ctrl-C does, so that running requests are finished."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # nohup(1) ignores SIGHUP, and so do we then.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
