"""Is a builder that is ended at any moment survived? The old or the new index, no process, no garbage.

`hansou update`, `rebuild` and `merge` run over the live index, with one more document and another text for
one each time, and are ended with SIGKILL, SIGTERM or SIGINT at a seeded moment of their run: one in five
between start and end, the others once they have begun to write. After each a new reader finds the full
count of the old or of the new generation, so that of what was changed neither both nor nothing is found, no
process of the build is left, and a build that was asked to end has cleaned up after itself; what is left
after SIGKILL goes with the next build. All the while a server answers from what is live (`served`).
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.battery.archive import PAGES, Archive, Broken, Command, is_clear, last_line
from benchmarks.battery.processes import MARK, gone_after
from benchmarks.battery.served import Served
from benchmarks.battery.serving import told
from benchmarks.battery.verdict import Verdict

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT)
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "rebuild": ("rebuild", "--quiet"),
    "update": ("update", "--quiet"),
    "merge": ("merge",),
}
TURNS = ("update", "rebuild", "update", "merge")
END_S = 60.0
"""How long processes of a build may take to notice that it is gone."""
CLEAN_EVERY = 10


def run(base: Path, kills: int, seed: int, documents: int = 1500) -> Verdict:
    """So many kills, half of them with two workers, half of updates, and of rebuilds as many as of merges."""
    seen: Counter[str] = Counter()
    broken: list[str] = []
    slowest, answers = 0.0, 0
    for workers in (1, 2):
        trial = _Trial(base / f"workers{workers}", workers, documents, random.Random(seed + workers))
        with trial.served.asked(seed):
            for number in range(kills // 2):
                trial.kill(number)
        seen += trial.seen
        answers += len(trial.served.seen)
        broken += told(trial.served.broken())
        broken += [f"{workers} workers, {line}" for line in trial.broken]
        slowest = max(slowest, trial.slowest)
    commands = ", ".join(f"{seen[name]} of {name}" for name in COMMANDS)
    states = f"{seen['old']} old, {seen['new']} new"
    signals = ", ".join(f"{seen[number.name]} {number.name}" for number in sorted({*SIGNALS}))
    return Verdict(
        f"{seen['kills']} kills ({commands}; {signals}): {states},"
        f" the last process gone after {slowest:.1f} s at most,"
        f" {seen['cleaned']} rebuilds after them left nothing behind; meanwhile a server gave"
        f" {answers:,} answers",
        tuple(broken),
    )


def drawn(number: int) -> tuple[str, signal.Signals]:
    """Which command is ended, and by which signal: in sixteen kills each by each."""
    return TURNS[number % len(TURNS)], SIGNALS[(number + number // len(TURNS)) % len(SIGNALS)]


class _Trial:
    """Kills of builds with so many workers. State: the archive, and what was seen."""

    def __init__(self, base: Path, workers: int, documents: int, chance: random.Random) -> None:
        self.archive = Archive.create(base, documents, workers=workers)
        self.documents, self.chance = documents, chance
        self.temporary = base / "temporary"
        self.temporary.mkdir()
        self.seen: Counter[str] = Counter()
        self.broken: list[str] = []
        self.slowest = 0.0
        self.rows = documents - PAGES
        self.documents += 2
        self.archive.pair("第0版")
        self.archive.build(self.documents)
        self.whole_s = {name: self._time(name) for name in COMMANDS}
        self.served = Served(self.archive)

    def _time(self, name: str) -> float:
        """How long a command takes that nothing disturbs."""
        self._change(name)
        began = time.monotonic()
        self.archive.build(self.documents, *COMMANDS[name])
        return time.monotonic() - began

    def _change(self, name: str) -> None:
        """What there is for a command to do."""
        self.documents += 1
        self.archive.add(f"extra{self.documents}")
        self.archive.change(self.chance.randrange(self.rows))
        self.archive.pair(f"第{self.documents}版")
        if name == "merge":
            self.archive.build(self.documents, *COMMANDS["update"], "--no-merge")

    def kill(self, number: int) -> None:
        """Start a command, end it, look."""
        name, chosen = drawn(number)
        began = time.monotonic()
        self._change(name)
        self.served.looked(began)
        began = time.monotonic()
        before, token = {*self._garbage()}, secrets.token_hex(8)
        builder = self.archive.start(
            *COMMANDS[name], environment={MARK: token, "TMPDIR": str(self.temporary)}
        )
        self._wait(builder, self.whole_s[name])
        builder.process.send_signal(chosen)
        code, _, messages = builder.end()
        took, left = gone_after(token, END_S)
        self.slowest = max(self.slowest, took)
        where = f"kill {number} ({name}, {chosen.name})"
        for process, command in left.items():
            self.broken.append(f"{where}: {command[:100]} is left")
            os.kill(process, signal.SIGKILL)
        if chosen is not signal.SIGKILL and code > 0 and not is_clear(messages):
            self.broken.append(f"{where}: exit {code}, {last_line(messages)!r}")
        if chosen is not signal.SIGKILL and (found := {*self._garbage()} - before):
            self.broken.append(f"{where}: left {found}")
        self._look(where)
        self.served.looked(began)
        self.seen.update(["kills", name, chosen.name])
        if number % CLEAN_EVERY == CLEAN_EVERY - 1:
            self._clean(where)

    def _wait(self, builder: Command, whole_s: float) -> None:
        if self.chance.random() < 0.2:
            time.sleep(self.chance.uniform(0.0, 1.1) * whole_s)
            return
        root, began = self.archive.generations, time.monotonic()
        before = {*root.iterdir()}
        while builder.process.poll() is None and not {*root.iterdir()} - before:
            time.sleep(0.002)
        rest = max(0.05, whole_s - (time.monotonic() - began))
        time.sleep(self.chance.uniform(0.0, 1.1) * rest)

    def _look(self, where: str) -> None:
        before = max(self.archive.counts)
        try:
            self.seen["old" if self.archive.whole(self.documents) <= before else "new"] += 1
        except Broken as error:
            self.broken.append(f"{where}: {error}")

    def _garbage(self) -> list[str]:
        return self.archive.garbage() + [path.name for path in self.temporary.iterdir()]

    def _clean(self, where: str) -> None:
        """A build that nothing disturbs succeeds, and removes what others have left."""
        began = time.monotonic()
        try:
            code, _, messages = self.archive.run(
                "rebuild", "--quiet", environment={"TMPDIR": str(self.temporary)}
            )
            if code:
                raise Broken(f"the next build exits {code}: {last_line(messages)}")
            self.archive.whole(self.documents)
            self.served.looked(began)
            if found := self._garbage():
                raise Broken(f"the next build leaves {found[:5]}")
            self.seen["cleaned"] += 1
        except Broken as error:
            self.broken.append(f"{where}: {error}")
