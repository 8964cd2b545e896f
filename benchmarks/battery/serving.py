"""How is a server asked, again and again, by many? `hansou serve` over an archive, and clients that keep on.

Invariant: a client judges every answer; what is not as it should be is kept, with when it was asked.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from benchmarks.battery.archive import Archive, Broken, Command, last_line
from benchmarks.battery.processes import children

HOST = "127.0.0.1"
_PORTS = range(18300, 18400)
_STARTS_S = 60.0
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: what was asked and when (monotonic, s), status (0 for none), body or what went wrong."""

    path: str
    asked: float
    answered: float
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Server:
    """A server over an archive. State: its process. A context; it ends with it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.port = free_port()
        self._command: Command | None = None

    def __enter__(self) -> Self:
        self._command = self._archive.start("serve", "--port", str(self.port))
        deadline = time.monotonic() + _STARTS_S
        while Client(self.port).get("/readyz").status != 200:
            if self._command.process.poll() is not None or time.monotonic() > deadline:
                raise Broken(f"the server does not start: {last_line(self.end()[1])}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def number(self) -> int:
        """The number of the process that was started."""
        assert self._command is not None
        return self._command.process.pid

    def workers(self) -> list[int]:
        """The numbers of the processes that answer."""
        return children(self.number)

    def end(self) -> tuple[int, str]:
        """End it, as an administrator does; exit code and what it said."""
        assert self._command is not None
        self._command.process.send_signal(signal.SIGTERM)
        code, _, messages = self._command.end(_TIMEOUT_S)
        return code, messages


class Client:
    """A client that keeps its connection. State: the connection."""

    def __init__(self, port: int, timeout: float = _TIMEOUT_S) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=timeout)

    def get(self, path: str) -> Answer:
        """Ask; a connection that the server closed meanwhile is opened again, once."""
        asked = time.monotonic()
        fresh = self._connection.sock is None
        answer = self._get(path, asked)
        return answer if answer.status or fresh else self._get(path, asked)

    def _get(self, path: str, asked: float) -> Answer:
        try:
            self._connection.request("GET", path)
            response = self._connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            status, body = 0, repr(error).encode()
        return Answer(path, asked, time.monotonic(), status, body)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


Paths = Callable[[random.Random], str]
Judge = Callable[[Answer], str | None]
"""Says what is wrong with an answer; None for nothing."""


class Crowd:
    """Clients that ask until they are told to stop, every so many seconds at most. State: what they saw.

    `answers` are counted, `taken` their times in s, `wrong` what the judge found.
    """

    def __init__(
        self, port: int, clients: int, paths: Paths, judge: Judge, seed: int, every: float = 0.0
    ) -> None:
        self._stop = Event()
        self._port, self._paths, self._judge, self._every = port, paths, judge, every
        self.taken: list[float] = []
        self.wrong: list[str] = []
        self._threads = [
            Thread(target=self._ask, args=(random.Random(f"{seed} {number}"),), daemon=True)
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, chance: random.Random) -> None:
        client = Client(self._port)
        while not self._stop.is_set():
            answer = client.get(self._paths(chance))
            self.taken.append(answer.answered - answer.asked)
            if problem := self._judge(answer):
                self.wrong.append(f"{answer.path[:80]}: {problem}")
            self._stop.wait(self._every - (time.monotonic() - answer.asked))
        client.close()


def free_port() -> int:
    """A port that nobody listens on."""
    for port in _PORTS:
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind((HOST, port))
            except OSError:
                continue
            return port
    raise Broken("no port is free")


def search_path(query: str, **parameters: object) -> str:
    """The address of a search by the API."""
    more = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"/api/v1/search?q={quote(query, errors='replace')}{more}"


def told(messages: list[str], most: int = 20) -> tuple[str, ...]:
    """The first messages, and how many more there are."""
    more = len(messages) - most
    return (*messages[:most], *([f"and {more} more"] if more > 0 else []))
