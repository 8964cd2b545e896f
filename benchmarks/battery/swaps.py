"""Does a server that is moved from generation to generation under load ever give a wrong answer?

64 connections ask while `hansou rebuild` and `hansou rollback` make other generations live, each with another
number of documents, which is that of its hits. **Every answer is a whole one of a generation that was live
between asking and answering.** Afterwards no process of the server has a generation mapped that is not live.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from statistics import quantiles

from benchmarks.battery.archive import Archive, Broken, last_line
from benchmarks.battery.processes import mapped
from benchmarks.battery.serving import Answer, Client, Crowd, Server, search_path, told
from benchmarks.battery.verdict import Verdict
from indexer.engine.embedded import generations

CONNECTIONS = 64
_DOCUMENTS = 60
_WORDS = ("無錫", "无锡", "園區", "湖邊 清晨", '"送早餐"', "水鳥")
_SETTLES_S = 20.0


class Timeline:
    """Which generation was live when. State: (from when at the earliest, name); until when at the latest."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lives: list[tuple[str, float, float]] = [(archive.whole(), 0.0, float("inf"))]

    def swap(self, *arguments: str, documents: int | None = None) -> None:
        """Run a command that makes another generation live. Raises `Broken` where it does not."""
        began = time.monotonic()
        code, _, messages = self._archive.run(*arguments)
        if code:
            raise Broken(f"{arguments[0]} exits {code}: {last_line(messages)}")
        if documents is not None:
            self._archive.counts[generations.current_name(self._archive.index)] = documents
        self.looked(began)

    def looked(self, began: float) -> bool:
        """A command that was begun then has ended; whether it made another generation live."""
        ended = time.monotonic()
        name = generations.current_name(self._archive.index)
        old, since, _ = self._lives[-1]
        if name == old:
            return False
        # An answer may be asked for before the commands ends and after it has made its generation live.
        self._lives[-1] = (old, since, ended)
        self._lives.append((name, began, float("inf")))
        return True

    @property
    def live(self) -> str:
        """The name of the generation that is live now."""
        return self._lives[-1][0]

    def fits(self, answer: Answer, generation: str) -> bool:
        """Whether a generation was live between asking and answering."""
        return any(
            name == generation and since <= answer.answered and until >= answer.asked
            for name, since, until in self._lives
        )


def path(chance: random.Random) -> str:
    """What a client asks for."""
    kind = chance.random()
    if kind < 0.7:
        return search_path(chance.choice(_WORDS), size=chance.choice((1, 10)))
    if kind < 0.8:
        return f"/api/v1/documents/{chance.randrange(20)}"
    return "/api/v1/suggest?q=%E7%84%A1" if kind < 0.9 else "/search?q=%E7%84%A1%E9%8C%AB"


def run(base: Path, requests: int, swaps: int, seed: int) -> Verdict:
    """At least so many requests during so many swaps."""
    archive = Archive.create(base / "archive", _DOCUMENTS)
    archive.build(_DOCUMENTS)
    timeline = Timeline(archive)
    searches: list[Answer] = []

    def judge(answer: Answer) -> str | None:
        if answer.status != 200:
            return f"{answer.status} {answer.body[:100]!r}"
        if answer.path.startswith("/api/v1/search"):
            searches.append(answer)
        return None

    with Server(archive) as server:
        with Crowd(server.port, CONNECTIONS, path, judge, seed) as crowd:
            for number in range(swaps):
                if number % 2:
                    timeline.swap("rollback")
                else:
                    archive.add(f"extra{number}")
                    timeline.swap("rebuild", "--quiet", documents=_DOCUMENTS + 1 + number // 2)
            while len(crowd.taken) < requests:
                time.sleep(0.1)
        broken = crowd.wrong + [
            problem for answer in searches if (problem := wrong(answer, archive, timeline))
        ]
        stale = release(server, archive, timeline.live)
    broken += [f"process {number} still maps {names}" for number, names in stale.items()]
    seen = {answer.json["total"]["value"] for answer in searches}
    p50, p99 = (quantiles(crowd.taken, n=100)[place] * 1000 for place in (49, 98))
    return Verdict(
        f"{len(crowd.taken):,} requests in {CONNECTIONS} connections during {swaps} swaps: {len(crowd.wrong)}"
        f" errors, answers from {len(seen)} generations, p50 {p50:.0f}, p99 {p99:.0f} ms;"
        f" {len(stale)} processes with a replaced generation mapped",
        told(broken),
    )


def wrong(answer: Answer, archive: Archive, timeline: Timeline) -> str | None:
    """What is wrong with the answer to a search that all documents match; None for nothing."""
    found = answer.json
    total = found["total"]["value"]
    if not any(timeline.fits(answer, name) for name, count in archive.counts.items() if count == total):
        return f"{answer.path}: {total} documents, as no generation had that was live then"
    if not found["hits"]:
        return f"{answer.path}: {total} documents, and no hits"
    return None


def release(server: Server, archive: Archive, live: str) -> dict[int, set[str]]:
    """The processes that still map other generations than the live one, after all were asked again."""
    deadline = time.monotonic() + _SETTLES_S
    stale: dict[int, set[str]] = {}
    while time.monotonic() < deadline:
        for _ in range(40):
            client = Client(server.port)
            client.get(search_path("無錫"))
            client.close()
        numbers = [server.number, *server.workers()]
        held = {number: mapped(number, archive.generations) - {live} for number in numbers}
        stale = {number: names for number, names in held.items() if names}
        if not stale:
            break
        time.sleep(0.5)
    return stale
