"""What do tests see of processes? Which a process has started, and whether they run (of Linux: /proc)."""

from __future__ import annotations

from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are read from /proc")


def children(pid: int) -> set[int]:
    """The processes that a process has started."""
    return {*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())}


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for may stay a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
