"""Do clients that say nothing, or a byte at a time, cost others anything?

Half of them connect and are silent, half send a request one byte each half second. Others ask meanwhile.
Invariant: every one of those is answered, and their p99 stays below 50 ms, or where the machine is busy below
three times what it was before the slow ones came.
"""

from __future__ import annotations

import random
import resource
import socket
import time
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread

from benchmarks.battery.archive import Archive
from benchmarks.battery.serving import HOST, Answer, Crowd, Server, search_path, told
from benchmarks.battery.verdict import NotPossible, Verdict

BOUND_MS, FACTOR = 50.0, 3.0
_DOCUMENTS = 60
_OTHERS = 4
_MEASURED_S = 8.0
_BYTE_EVERY_S = 0.5
_REQUEST = b"GET /?q=%E7%84%A1%E9%8C%AB HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 4000


class Dribble:
    """Connections of slow clients. State: the sockets, and how many bytes were sent on half of them."""

    def __init__(self, port: int, clients: int) -> None:
        self._sockets = [socket.create_connection((HOST, port)) for _ in range(clients)]
        self._stop = Event()
        self._thread = Thread(target=self._send, daemon=True)
        self.lost = 0

    def __enter__(self) -> Dribble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for connection in self._sockets:
            connection.close()

    def _send(self) -> None:
        for byte in range(len(_REQUEST)):
            for connection in self._sockets[::2]:
                try:
                    connection.send(_REQUEST[byte : byte + 1])
                except OSError:
                    self.lost += 1  # a head that takes too long is not waited for
            if self._stop.wait(_BYTE_EVERY_S):
                return


def run(base: Path, clients: int, seed: int) -> Verdict:
    """Measure others without and with so many slow clients."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < clients + 100:
        raise NotPossible(f"a process may have {hard} files open, and {clients} connections are wanted")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, clients + 100), hard))
    archive = Archive.create(base / "archive", _DOCUMENTS)
    archive.build(_DOCUMENTS)
    with Server(archive) as server:
        measure(server.port, seed)
        before, _ = measure(server.port, seed)
        with Dribble(server.port, clients):
            time.sleep(1)
            during, wrong = measure(server.port, seed)
    p99 = {"before": before[98], "during": during[98]}
    broken = [*wrong]
    if p99["during"] > max(BOUND_MS, FACTOR * p99["before"]):
        broken.append(f"p99 {p99['during']:.0f} ms beside slow clients, {p99['before']:.0f} without")
    return Verdict(
        f"{clients} idle or dribbling clients: others had p50 {during[49]:.1f} and p99 {during[98]:.1f} ms,"
        f" {before[49]:.1f} and {before[98]:.1f} without them; {len(wrong)} errors",
        told(broken),
    )


def measure(port: int, seed: int) -> tuple[list[float], list[str]]:
    """The percentiles of what others wait, in ms, and what went wrong."""

    def path(chance: random.Random) -> str:
        time.sleep(0.02)  # they are no load test: the slow ones are what is looked at
        return search_path(chance.choice(("無錫", "園區", "水鳥")), size=1 + chance.randrange(9))

    def judge(answer: Answer) -> str | None:
        return None if answer.status == 200 else f"{answer.status} {answer.body[:100]!r}"

    with Crowd(port, _OTHERS, path, judge, seed) as crowd:
        time.sleep(_MEASURED_S)
    return [value * 1000 for value in quantiles(crowd.taken, n=100)], crowd.wrong
