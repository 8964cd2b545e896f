"""What does a build make of a disk that fails? Each of its calls fails once, from the first to the last.

A small rebuild, update or merge is run again and again under the shim, and its n-th call of a kind fails: no
room (and none from then on), an error of the device, half a write, a name that cannot be changed, a file that
cannot be shared, no memory for a mapping.
Afterwards a new reader finds the old index or, where the failure came after the last step or could be
borne, the new one; a build that fails says why in one line and exits 1; and the next one succeeds and leaves
no garbage.
"""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.battery.archive import PAGES, Archive, Broken, is_clear, last_line
from benchmarks.battery.nursery import Nursery
from benchmarks.battery.shim import Call, Failure, Shim
from benchmarks.battery.verdict import Verdict

_DOCUMENTS = 30
_COMMANDS = ("rebuild", "update", "merge")
_CHECKED_EVERY = 10


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: which calls fail, how, and whether those after fail too."""

    name: str
    calls: Call
    error: int
    sticky: bool = False


FAULTS = (
    Fault("full disk", Call.WRITE | Call.MKDIR | Call.RENAME, errno.ENOSPC, sticky=True),
    Fault("EIO on write", Call.WRITE, errno.EIO),
    Fault("short write", Call.WRITE, 0),
    Fault("EIO on fsync", Call.SYNC, errno.EIO),
    Fault("EIO on rename", Call.RENAME, errno.EIO),
    Fault("EXDEV on link", Call.LINK, errno.EXDEV, sticky=True),
    Fault("EIO on open", Call.OPEN, errno.EIO),
    Fault("EIO on close", Call.CLOSE, errno.EIO),
    Fault("ENOMEM on mmap", Call.MMAP, errno.ENOMEM),
    Fault("EACCES on remove", Call.REMOVE, errno.EACCES, sticky=True),
)


def run(base: Path, runs: int, seed: int, parallel_runs: int = 0) -> Verdict:
    """Every call of every fault, or as many of them as are asked for, drawn; and some with two workers."""
    trial = _Trial(base)
    every = [*trial.every_failure()]
    chosen = sorted(random.Random(seed).sample(range(len(every)), min(runs, len(every))))
    trial.try_all([every[number] for number in chosen])
    if parallel_runs:
        trial.try_parallel(random.Random(seed).sample(every, min(parallel_runs, len(every))))
    kinds = ", ".join(f"{trial.tried[fault.name]} {fault.name}" for fault in FAULTS)
    kinds += "; " + ", ".join(f"{trial.tried[command]} of {command}" for command in _COMMANDS)
    return Verdict(
        f"{trial.seen.total()} of {len(every)} failing calls ({kinds}): {trial.seen['old']} builds"
        f" failed and left the old index, {trial.seen['new']} succeeded,"
        f" {trial.seen['late']} failed after going live",
        tuple(trial.broken),
    )


class _Trial:
    """Builds of one archive under the shim. State: what was seen."""

    def __init__(self, base: Path) -> None:
        self.archive = Archive.create(base / "archive", _DOCUMENTS)
        self.temporary = base / "temporary"
        self.temporary.mkdir()
        self.shim = Shim(base, (self.archive.index, self.temporary))
        self.work, self.documents = base, _DOCUMENTS
        self.seen: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.broken: list[str] = []
        # Twice, so that there is one to be removed.
        self.archive.build(_DOCUMENTS)
        self.archive.build(_DOCUMENTS)

    @property
    def environment(self) -> dict[str, str]:
        """What builds are started with."""
        return {**self.shim.environment(), "TMPDIR": str(self.temporary)}

    def every_failure(self) -> list[tuple[str, Fault, int]]:
        """Each call of each command that can fail in each way, as one without failures makes them."""
        found = []
        with Nursery(self.work, self.environment) as nursery:
            for command in _COMMANDS:
                for fault in FAULTS:
                    self._prepare(command, nursery)
                    self.shim.arm(Failure(fault.calls, fault.error, at=0))
                    if self._in(nursery, command)[0]:
                        raise Broken(f"{command} under the shim fails where no call does")
                    calls = self.shim.seen()
                    self.archive.whole(self.documents)
                    found += [(command, fault, at) for at in range(1, calls + 1)]
        return found

    def try_all(self, failures: list[tuple[str, Fault, int]]) -> None:
        """Commands in one process, each forked."""
        with Nursery(self.work, self.environment) as nursery:
            for number, (command, fault, at) in enumerate(failures):
                self._prepare(command, nursery)
                self.shim.arm(Failure(fault.calls, fault.error, at, fault.sticky))
                self._look(command, fault, at, *self._in(nursery, command))
                self.shim.arm(None)
                if number % _CHECKED_EVERY == _CHECKED_EVERY - 1 or number == len(failures) - 1:
                    self._clean(f"{command}, {fault.name} {at}")

    def try_parallel(self, failures: list[tuple[str, Fault, int]]) -> None:
        """Rebuilds with two workers, as a shell starts them."""
        for _, fault, at in failures:
            self.shim.arm(Failure(fault.calls, fault.error, at, fault.sticky))
            code, _, messages = self.archive.run(
                "rebuild", "--quiet", environment={**self.environment, "HANSOU_INDEX_WORKERS": "2"}
            )
            self._look("rebuild", fault, at, code, messages, "two workers, ")
        self.shim.arm(None)
        self._clean("two workers")

    def _in(self, nursery: Nursery, command: str, *more: str) -> tuple[int, str]:
        quiet = () if command == "merge" else ("--quiet",)
        return nursery.run("--config", str(self.archive.base / "config.toml"), command, *quiet, *more)

    def _prepare(self, command: str, nursery: Nursery) -> None:
        """See to it that there is something to be done, so that another number of documents is live then."""
        if command == "rebuild":
            return
        toggled = self.archive.base / "documents" / "extra.txt"
        if toggled.exists():
            toggled.unlink()
        else:
            self.archive.add(toggled.stem)
        self.documents = _DOCUMENTS + toggled.exists()
        self.archive.change(self.documents % (_DOCUMENTS - PAGES))
        if command == "merge":
            code, messages = self._in(nursery, "update", "--no-merge")
            if code:
                raise Broken(f"an update that nothing disturbs exits {code}: {last_line(messages)}")
            self.archive.whole(self.documents)

    def _look(self, command: str, fault: Fault, at: int, code: int, messages: str, how: str = "") -> None:
        where = f"{how}{command}, {fault.name}, call {at}"
        self.tried.update([fault.name, command])
        before = max(self.archive.counts)
        try:
            live = self.archive.whole(self.documents)
        except Broken as error:
            self.broken.append(f"{where}: {error}")
            return
        self.seen["old" if live <= before else "late" if code else "new"] += 1
        # What an update or a merge begins with is read: where that fails an update builds everything anew.
        unread = command != "rebuild" and fault.calls & (Call.OPEN | Call.MMAP | Call.CLOSE)
        if code not in (0, 1, *((5,) if unread else ())):
            self.broken.append(f"{where}: exit {code}: {last_line(messages)!r}")
        elif code in (1, 5) and not is_clear(messages):
            self.broken.append(f"{where}: {len(messages.splitlines())} lines, {last_line(messages)!r}")
        elif code == 0 and live <= before:
            self.broken.append(f"{where}: exit 0, and the old index is live")
        elif code == 0 and messages and not (unread and "built anew" in messages):
            self.broken.append(f"{where}: exit 0, and says {last_line(messages)!r}")

    def _clean(self, where: str) -> None:
        code, _, messages = self.archive.run(
            "rebuild", "--quiet", environment={"TMPDIR": str(self.temporary)}
        )
        if code:
            self.broken.append(f"after {where} the next build exits {code}: {last_line(messages)}")
            return
        self.archive.whole(self.documents)
        if left := [*self.archive.garbage(), *remnants(self.temporary)]:
            self.broken.append(f"after {where} the next build leaves {left[:5]}")


def remnants(temporary: Path) -> Iterator[str]:
    """What is left in a folder for temporary files, but for what `tempfile` tries a folder with.

    Where nothing can be removed it cannot remove that file either, and goes to another folder.
    """
    return (path.name for path in temporary.iterdir() if path.is_dir() or path.read_bytes() != b"blat")
