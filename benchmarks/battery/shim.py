"""How is a build made to meet a failing disk? By `shim.c`, preloaded, and a few numbers in a shared file.

Invariant: what was logged, done again in its order, gives what lies in the folders (`Disk.kept`).
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

from benchmarks.battery.verdict import NotPossible

SOURCE = Path(__file__).with_name("shim.c")
_CONTROL = struct.Struct("=IiIII")
_RECORD = struct.Struct("=IIIIQQ")


class Call(IntFlag):
    """What may fail; as in shim.c."""

    OPEN = 1
    WRITE = 2
    SYNC = 4
    RENAME = 8
    MKDIR = 16
    MMAP = 32
    REMOVE = 64
    CLOSE = 128
    LINK = 256


class Kind(IntEnum):
    """What may have changed; as in shim.c."""

    CREATED = 1
    MADE = 2
    WRITTEN = 3
    CUT = 4
    SYNCED = 5
    RENAMED = 6
    REMOVED = 7
    LINKED = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file system: `path` is absolute, `other` where it was renamed or linked to.

    `offset` is where `data` was written, or the new size of what was cut. `inode` tells files apart.
    """

    kind: Kind
    path: str
    other: str = ""
    inode: int = 0
    offset: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """Which of the calls fails: the one numbered `at`, from 1, and with `sticky` all after it.

    `error` is an errno; 0 writes half of what was given.
    """

    calls: Call
    error: int
    at: int
    sticky: bool = False


class Shim:
    """The compiled shim over some folders. State: the files that it shares with builds."""

    def __init__(self, work: Path, folders: tuple[Path, ...]) -> None:
        self._library = compiled(work)
        self._control, self._log = work / "control", work / "log"
        self._folders = ":".join(map(str, folders))
        self.arm(None)

    def environment(self, log: bool = False) -> dict[str, str]:
        """What a process is to be started with."""
        found = {
            "LD_PRELOAD": str(self._library),
            "HANSOU_SHIM_PATHS": self._folders,
            "HANSOU_SHIM_CONTROL": str(self._control),
        }
        return found | {"HANSOU_SHIM_LOG": str(self._log)} if log else found

    def arm(self, failure: Failure | None) -> None:
        """From now on this call fails, counted from now on; None lets all succeed."""
        values = (failure.calls, failure.error, failure.at, failure.sticky, 0) if failure else (0, 0, 0, 0, 0)
        descriptor = os.open(self._control, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, _CONTROL.pack(*values), 0)
        finally:
            os.close(descriptor)

    def seen(self) -> int:
        """How many calls counted since `arm`."""
        return int(_CONTROL.unpack(self._control.read_bytes()[: _CONTROL.size])[4])

    def changes(self) -> list[Change]:
        """What was logged, which is forgotten."""
        found = [*_changes(self._log.read_bytes())]
        self._log.unlink()
        return found


def _changes(log: bytes) -> Iterator[Change]:
    at = 0
    while at < len(log):
        kind, *sizes, inode, offset = _RECORD.unpack_from(log, at)
        at += _RECORD.size
        parts = []
        for size in sizes:
            parts.append(log[at : at + size])
            at += size
        yield Change(Kind(kind), os.fsdecode(parts[0]), os.fsdecode(parts[1]), inode, offset, parts[2])


def compiled(work: Path) -> Path:
    """The shim as a library in `work`. Raises `NotPossible` without Linux or a C compiler."""
    if sys.platform != "linux":
        raise NotPossible("calls are intercepted on Linux alone")
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NotPossible("there is no C compiler")
    library = work / "shim.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library
