"""Which processes are there, and what do they hold? Read from /proc, so Linux alone."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "HANSOU_BATTERY_RUN"
"""An environment variable: every process that a command starts inherits it, orphans too."""


def marked(token: str) -> dict[int, str]:
    """The processes whose environment has `MARK=token`, zombies aside: number → command line."""
    wanted = f"{MARK}={token}".encode()
    found = {}
    for number in numbers():
        with suppress(OSError):
            if wanted in Path(f"/proc/{number}/environ").read_bytes().split(b"\0"):
                command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ")
                found[number] = command.decode(errors="replace").strip()
    return found


def gone_after(token: str, seconds: float) -> tuple[float, dict[int, str]]:
    """How long it takes until no marked process is left, and those that stay longer than `seconds`.

    Looks twice: while a process is given its program, its environment cannot be read.
    """
    began = time.monotonic()
    while True:
        left = marked(token)
        if not left:
            time.sleep(0.02)
            left = marked(token)
        if not left or time.monotonic() - began >= seconds:
            return time.monotonic() - began, left
        time.sleep(0.02)


def numbers() -> list[int]:
    """The numbers of all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def children(parent: int) -> list[int]:
    """The processes that a process has started and that are its own still."""
    found = []
    for number in numbers():
        with suppress(OSError):
            stat = Path(f"/proc/{number}/stat").read_text()
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(number)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: memory that no file backs and all that is resident, in kB, files, threads."""

    anonymous: int
    resident: int
    files: int
    threads: int


def held(number: int) -> Held:
    """What a process holds now. Raises OSError where it has ended."""
    rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
    sizes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE)}
    files, threads = os.listdir(f"/proc/{number}/fd"), os.listdir(f"/proc/{number}/task")
    return Held(sizes["Anonymous"], sizes["Rss"], len(files), len(threads))


def mapped(number: int, folder: Path) -> set[str]:
    """The generations below `folder` that a process has mapped, also those that were removed since."""
    return {*_parts_below(Path(f"/proc/{number}/maps").read_text(), folder)}


def _parts_below(maps: str, folder: Path) -> Iterator[str]:
    start = f"{folder}/"
    for line in maps.splitlines():
        _, found, path = line.partition(start)
        if found:
            yield path.split("/")[0]
