"""Does an index outlive a power cut at any moment? Builds are recorded, and every moment of them is cut.

What a build asks of the file system is recorded by the shim: a first build, one over an old generation, one
that also removes the oldest, one with two workers, one after a build that was killed, updates, a merge, a
rollback. After every change trees are drawn that a machine might come back to (`crash_states`), written down
and opened by a new reader.
**Before CURRENT is renamed it has the old index, after that rename is on disk the new one, in between one
of both, each whole.** A sample is also built upon.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.battery.archive import PAGES, Archive, Broken, read_whole
from benchmarks.battery.crash_states import SURVIVALS, Disk, Survival, Tree, digest, read_tree, write_tree
from benchmarks.battery.shim import Change, Kind, Shim
from benchmarks.battery.verdict import Verdict
from indexer import rebuild
from indexer.engine.embedded import generations
from indexer.pipeline import update

_DOCUMENTS = 12
_ROWS = _DOCUMENTS - PAGES
_REBUILT_EVERY = 40
_CHANCES = 8
"""Trees with chance that are drawn at each moment, where all are."""
_MOST_TOLD = 20


@dataclass(frozen=True)
class Recording:
    """What a command changed on a disk on which everything was safe.

    `old` is the generation that was live before, None where there was none, `new` the one after.
    """

    name: str
    changes: Sequence[Change]
    old: str | None
    new: str

    @property
    def pointed(self) -> int:
        """After how many changes a reader may first see the new generation."""
        return 1 + next(
            number
            for number, change in enumerate(self.changes)
            if change.kind is Kind.RENAMED and change.other.endswith("/CURRENT")
        )

    @property
    def committed(self) -> int:
        """After how many changes a reader must see it: the folder of CURRENT was brought to disk."""
        folder = self.changes[self.pointed - 1].other.rpartition("/")[0]
        synced = (
            number
            for number, change in enumerate(self.changes[self.pointed :], self.pointed)
            if change.kind is Kind.SYNCED and change.path == folder
        )
        return 1 + next(synced, len(self.changes) - 1)

    def allowed(self, moment: int) -> set[str | None]:
        """What a reader may find after so many changes."""
        if moment < self.pointed:
            return {self.old}
        return {self.new} if moment >= self.committed else {self.old, self.new}


def run(base: Path, states: int, seed: int) -> Verdict:
    """Draw about so many trees, and look at those that differ."""
    trial = _Trial(base, random.Random(seed))
    share = states // 9
    trial.record("a first build", share, "rebuild", "--quiet")
    trial.record("a rebuild", share, "rebuild", "--quiet")
    trial.record("one that removes the oldest", share, "rebuild", "--quiet")
    trial.leave_remnant()
    trial.record("one after a kill", share, "rebuild", "--quiet")
    trial.record("one with two workers", share, "rebuild", "--quiet", workers="2")
    trial.record("an update", share, "update", "--quiet")
    trial.record("one that removes the oldest of three that share files", share, "update", "--quiet")
    trial.record("a merge", share, "merge")
    trial.record("a rollback", share, "rollback")
    trial.forget_dictionary()
    trial.record("one that compiles the dictionary", states // 50, "rebuild", "--quiet")
    seen = ", ".join(f"{count} {state}" for state, count in sorted(trial.seen.items()))
    return Verdict(
        f"power cut at {trial.moments} moments of 10 commands, {trial.looked} different disks: {seen};"
        f" {trial.rebuilt} built upon",
        tuple(trial.broken[:_MOST_TOLD]),
    )


class _Trial:
    """Commands over one archive, and what is found after cutting each of them. State: what was seen."""

    def __init__(self, base: Path, chance: random.Random) -> None:
        self.archive = Archive.create(base / "archive", _DOCUMENTS)
        self.crashed = Archive(base / "crashed", self.archive.counts)
        self.shim = Shim(base, (self.archive.base,))
        self.chance, self.documents = chance, _DOCUMENTS
        self.seen: Counter[str] = Counter()
        self.looks: set[tuple[bytes, frozenset[str | None]]] = set()
        self.broken: list[str] = []
        self.moments = self.looked = self.rebuilt = 0

    def forget_dictionary(self) -> None:
        """Remove what the first reader has compiled."""
        shutil.rmtree(self.archive.index / "cache")

    def leave_remnant(self) -> None:
        """What a killed build leaves: a folder without a manifest."""
        remnant = self.archive.generations / "20000101T000000000000-000000"
        remnant.mkdir()
        (remnant / "MAIN.tmp").write_bytes(b"unfinished")

    def record(self, name: str, states: int, *arguments: str, workers: str = "1") -> None:
        """Run a command, recorded, and look at what its power cuts leave."""
        if arguments[0] in ("rebuild", "update"):
            self.documents += 1
            self.archive.add(f"extra{self.documents}")
            self.archive.change(self.documents % _ROWS)
        old = generations.current_name(self.archive.index) if self.archive.index.exists() else None
        disk = Disk(self.archive.base)
        environment = {**self.shim.environment(log=True), "HANSOU_INDEX_WORKERS": workers}
        code, _, messages = self.archive.run(*arguments, environment=environment)
        if code:
            raise Broken(f"{name}: exit {code}: {messages}")
        left = read_tree(self.archive.base)
        new = self.archive.whole(self.documents)
        recording = Recording(name, self.shim.changes(), old, new)
        self.moments += len(recording.changes) + 1
        self._cut(recording, disk, states)
        if disk.kept() != left:
            self.broken.append(f"{name}: the recording does not lead to what is on disk")

    def _cut(self, recording: Recording, disk: Disk, states: int) -> None:
        share = states / (len(recording.changes) + 1) / (len(SURVIVALS) + _CHANCES)
        for moment, survival in _moments(recording.changes, disk):
            if moment == len(recording.changes) or self.chance.random() < share:
                tree = self._with_dictionary(disk.crash(survival, self.chance))
                allowed = frozenset(recording.allowed(moment))
                if (known := (digest(tree), allowed)) not in self.looks:
                    self.looks.add(known)
                    write_tree(tree, self.crashed.base)
                    self._look(recording, moment, survival)

    def _with_dictionary(self, tree: Tree) -> Tree:
        """A tree in which the first reader need not take seconds to compile the dictionary."""
        index = tree.get("index")
        if isinstance(index, dict) and index and "cache" not in index:
            index["cache"] = read_tree(self.archive.index / "cache")
        return tree

    def _look(self, recording: Recording, moment: int, survival: Survival) -> None:
        where = f"{recording.name}, after {moment} of {len(recording.changes)} changes ({survival})"
        self.looked += 1
        try:
            found = self._found(recording)
            if found not in recording.allowed(moment):
                raise Broken(f"a reader finds {found}, not one of {recording.allowed(moment)}")
            self.seen["none yet" if found is None else "new" if found == recording.new else "old"] += 1
            if self.looked % _REBUILT_EVERY == 0:
                self.rebuilt += 1
                self._build_upon()
        except Broken as error:
            self.broken.append(f"{where}: {error}")

    def _found(self, recording: Recording) -> str | None:
        """The generation that a new reader finds whole; None for none, where that was so before."""
        if recording.old is None and not (self.crashed.index / "CURRENT").exists():
            return None
        return self.crashed.whole()

    def _build_upon(self) -> None:
        (rebuild, update)[self.rebuilt % 2](self.crashed.config, allow_shrink=True)
        _, found = read_whole(self.crashed.config)
        if found != self.documents or (left := self.crashed.garbage()):
            raise Broken(f"a build upon it has {found} documents, and left {left}")


def _moments(changes: Sequence[Change], disk: Disk) -> Iterator[tuple[int, Survival]]:
    """Each moment with each way of surviving, while `disk` follows the changes to their end."""
    by_chance: list[Survival] = ["torn"] * _CHANCES
    ways = (*SURVIVALS, *by_chance)
    for moment in range(len(changes) + 1):
        yield from ((moment, survival) for survival in ways)
        if moment < len(changes):
            disk.apply(changes[moment])
