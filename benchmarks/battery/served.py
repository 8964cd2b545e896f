"""What does a server answer while builders are ended beside it? It is asked fifty times a second.

**Every answer is a whole one of a generation that was live between asking and answering**: it names that
generation, counts its documents, and shows of two documents that are changed together the same version.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.battery.archive import Archive
from benchmarks.battery.serving import Answer, Crowd, Server, search_path
from benchmarks.battery.swaps import Timeline

CLIENTS = 5
EVERY_S = 0.1
_PAIR = "對照"


class Seen(NamedTuple):
    """What an answer says: when it was asked for and answered (s), its generation, documents, versions."""

    asked: float
    answered: float
    generation: str
    documents: int
    titles: tuple[str, ...]


class Served:
    """A server over an archive, and clients. State: which generation was live when, and what was seen."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.timeline = Timeline(archive)
        self.versions = {self.timeline.live: version(archive)}
        self.seen: list[Seen] = []
        self.failed: list[str] = []

    @contextmanager
    def asked(self, seed: int) -> Iterator[None]:
        """Serve, and ask all the while."""
        with Server(self.archive) as server, Crowd(server.port, CLIENTS, _path, self._judge, seed, EVERY_S):
            yield

    def looked(self, began: float) -> None:
        """A command that was begun then has ended, and may have made another generation live."""
        if self.timeline.looked(began):
            self.versions[self.timeline.live] = version(self.archive)

    def broken(self) -> list[str]:
        """What was wrong with answers."""
        return self.failed + [problem for seen in self.seen if (problem := self._wrong(seen))]

    def _judge(self, answer: Answer) -> str | None:
        if answer.status != 200:
            self.failed.append(f"{answer.path[:80]}: {answer.status} {answer.body[:100]!r}")
            return self.failed[-1]
        found = answer.json
        titles = tuple(str(hit["title"]) for hit in found["hits"]) if found["total"]["value"] == 2 else ()
        counted = found["index"]["generation"], found["total"]["value"]
        self.seen.append(Seen(answer.asked, answer.answered, *counted, titles))
        return None

    def _wrong(self, seen: Seen) -> str | None:
        fits = self.timeline.fits(Answer("", seen.asked, seen.answered, 200, b""), seen.generation)
        if not fits:
            return f"an answer of {seen.generation}, which was not live then"
        if seen.titles:
            expected = (self.versions[seen.generation],) * 2
            return None if seen.titles == expected else f"{seen.generation}: {seen.titles}, not {expected}"
        expected_documents = self.archive.counts[seen.generation]
        if seen.documents != expected_documents:
            return f"{seen.generation}: {seen.documents} documents, not {expected_documents}"
        return None


def version(archive: Archive) -> str:
    """The title that the two documents have that are changed together."""
    first = (archive.base / "documents" / "pair0.md").read_text(encoding="utf-8")
    return first.split("\n")[0].removeprefix("# ")


def _path(chance: random.Random) -> str:
    return search_path(chance.choice(("無錫 園區", _PAIR)), size=2)
