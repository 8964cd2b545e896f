"""Does a server that answers for long grow? It does everything that it can, and is watched.

Clients search, complete, read documents and send what is no request; generations are swapped meanwhile. Of
each process that lives throughout, own memory, open files and threads are noted. Invariant: after the first
third, which is for warming up, memory grows by at most a tenth or 16 MB from the second third to the last,
files and threads not at all but for connections; no answer is a 500.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import linear_regression, median
from threading import Event, Thread

from benchmarks.battery.archive import Archive, Broken
from benchmarks.battery.processes import Held, held
from benchmarks.battery.queries import drawn
from benchmarks.battery.serving import Answer, Crowd, Server, search_path, told
from benchmarks.battery.swaps import Timeline
from benchmarks.battery.verdict import Verdict

_DOCUMENTS = 300
_CLIENTS = 4
_PAUSE_S = 0.02
_LOOKS = 120
_SWAPS = 30
_GROWTH, _GROWTH_KB = 0.1, 16 << 10
_FILES, _THREADS = 2 * _CLIENTS, 2
_BAD = ("/api/v1/search", "/api/v1/search?q=a&page=-1", "/nowhere", "/api/v1/documents/none", "/?q=%ff%fe")

Series = list[tuple[float, Held]]


def path(chance: random.Random) -> str:
    """What a client asks for."""
    time.sleep(_PAUSE_S)
    kind = chance.random()
    if kind < 0.4:
        return search_path(drawn(chance)[:300], size=10)
    if kind < 0.6:
        return search_path(chance.choice(("無錫", "園區 湖邊", "wuxi", "水鳥")), page=1 + chance.randrange(5))
    if kind < 0.7:
        return f"/api/v1/suggest?q={chance.choice(('wu', '%E7%84%A1', 'yq'))}"
    if kind < 0.8:
        return f"/api/v1/documents/{chance.randrange(_DOCUMENTS)}"
    return chance.choice(_BAD) if kind < 0.9 else "/search?q=%E5%9C%92%E5%8D%80"


def judge(answer: Answer) -> str | None:
    """Bad requests are refused, and none is more than the server can take."""
    return f"{answer.status} {answer.body[:100]!r}" if answer.status >= 500 or not answer.status else None


def run(base: Path, seconds: int, seed: int) -> Verdict:
    """Ask for so many seconds."""
    archive = Archive.create(base / "archive", _DOCUMENTS)
    archive.build(_DOCUMENTS)
    series: dict[int, Series] = {}
    with Server(archive) as server, Swapping(archive, seconds / _SWAPS) as swapping:
        began = time.monotonic()
        with Crowd(server.port, _CLIENTS, path, judge, seed) as crowd:
            while (now := time.monotonic() - began) < seconds:
                for number in (server.number, *server.workers()):
                    with suppress(OSError):
                        series.setdefault(number, []).append((now, held(number)))
                time.sleep(seconds / _LOOKS)
    whole = {number: found for number, found in series.items() if len(found) > _LOOKS // 2}
    broken = crowd.wrong + swapping.broken
    if len(whole) < len(series):
        broken.append(f"{len(series) - len(whole)} processes came or went")
    broken += [problem for number, found in whole.items() for problem in growth(number, found)]
    slopes = [slope(found) for found in whole.values()]
    last = [found[-1][1] for found in whole.values()]
    return Verdict(
        f"{seconds / 60:.1f} min, {len(crowd.taken):,} requests, {swapping.done} swaps,"
        f" {len(crowd.wrong)} errors;"
        f" {len(whole)} processes with {sum(one.anonymous for one in last) >> 10} MB of their own, steepest"
        f" {max(slopes):+.0f} kB a minute, at most {max(one.files for one in last)} files"
        f" and {max(one.threads for one in last)} threads each",
        told(broken),
    )


class Swapping:
    """Rebuilds and rollbacks in turn, beside everything else. A context. State: how many, what went wrong."""

    def __init__(self, archive: Archive, every_s: float) -> None:
        self._archive, self._every_s = archive, every_s
        self._stop = Event()
        self._thread = Thread(target=self._swap, daemon=True)
        self.done = 0
        self.broken: list[str] = []

    def __enter__(self) -> Swapping:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _swap(self) -> None:
        timeline = Timeline(self._archive)
        while not self._stop.wait(self._every_s):
            try:
                timeline.swap(*(("rollback",) if self.done % 2 else ("rebuild", "--quiet")))
            except Broken as error:
                self.broken.append(str(error))
            self.done += 1


def thirds(values: Sequence[Held]) -> tuple[Sequence[Held], Sequence[Held]]:
    """The second and the last third."""
    third = len(values) // 3
    return values[third : 2 * third], values[2 * third :]


def growth(number: int, found: Series) -> list[str]:
    """What a process has more of in the last third than is allowed."""
    second, last = thirds([value for _, value in found])
    problems = []
    before, after = (median(value.anonymous for value in part) for part in (second, last))
    if after - before > max(_GROWTH * before, _GROWTH_KB):
        problems.append(f"process {number}: from {before:,.0f} to {after:,.0f} kB of its own")
    for name, allowed in (("files", _FILES), ("threads", _THREADS)):
        before, after = (median(getattr(value, name) for value in part) for part in (second, last))
        if after - before > allowed:
            problems.append(f"process {number}: from {before:.0f} to {after:.0f} {name}")
    return problems


def slope(found: Series) -> float:
    """How fast own memory grows after the first third, kB a minute."""
    rest = found[len(found) // 3 :]
    line = linear_regression([when / 60 for when, _ in rest], [float(one.anonymous) for _, one in rest])
    return line.slope
