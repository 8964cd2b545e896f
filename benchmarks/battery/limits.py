"""What is said where the system gives too little? Commands with few files and little memory.

Invariant: rebuild, search and serve either do what they are for or end with one clear line, exit code 1 or 5,
however few files (RLIMIT_NOFILE) or bytes (RLIMIT_AS) they may have; the index stays as it was or becomes
the new one. Below what the interpreter itself needs to import the program nothing is promised.
"""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.battery.archive import Archive, Broken, is_clear, last_line
from benchmarks.battery.serving import free_port
from benchmarks.battery.verdict import Verdict

_DOCUMENTS = 40
_SERVES_S = 20.0
_LIMITS = {"files": resource.RLIMIT_NOFILE, "memory": resource.RLIMIT_AS}
_MOST_FILES, _MOST_MEMORY = 64, 1 << 30
_IMPORT = "import indexer.cli, indexer.pipeline, indexer.searcher, indexer.engine.embedded.engine"
_IMPORT_SERVER = f"{_IMPORT}, webapp.server"


def run(base: Path, steps: int, seed: int) -> Verdict:
    """Each command at so many limits of each kind, between what importing needs and plenty."""
    # Without pages: readers that lack memory skip theirs, and say so.
    archive = Archive.create(base / "archive", _DOCUMENTS, pages=0)
    archive.build(_DOCUMENTS)
    seen: Counter[str] = Counter()
    broken: list[str] = []
    for kind in _LIMITS:
        for command in ("rebuild", "search", "serve"):
            for limit in levels(kind, steps, command == "serve"):
                where = f"{command} with {limit:,} {'bytes' if kind == 'memory' else kind}"
                code, messages = attempt(archive, command, partial(limit_to, kind, limit))
                seen["done" if code in (0, None) else "refused"] += 1
                if problem := unclear(code, messages):
                    broken.append(f"{where}: {problem}")
                try:
                    archive.whole(_DOCUMENTS)
                except Broken as error:
                    broken.append(f"{where}: {error}")
    return Verdict(
        f"{seen.total()} commands with few files or little memory: {seen['done']} did what they are for,"
        f" {seen['refused']} said in one line why not",
        tuple(broken),
    )


def limit_to(kind: str, limit: int) -> None:
    """Set a limit for this process and those that it starts."""
    resource.setrlimit(_LIMITS[kind], (limit, limit))


def levels(kind: str, steps: int, server: bool) -> list[int]:
    """So many limits from the least with which the program can be imported."""
    least, most = (3, _MOST_FILES) if kind == "files" else (32 << 20, _MOST_MEMORY)
    program = _IMPORT_SERVER if server else _IMPORT
    low, high = least, most
    while high - low > max(1, (most - least) >> 7):
        middle = (low + high) // 2
        low, high = (low, middle) if imports(program, partial(limit_to, kind, middle)) else (middle, high)
    return [high + (most - high) * step**2 // steps**2 for step in range(steps)]


def imports(program: str, before: Callable[[], None]) -> bool:
    """Whether a program that only imports can be run."""
    command = [sys.executable, "-c", program]
    return not subprocess.run(command, preexec_fn=before, capture_output=True, timeout=60).returncode


def attempt(archive: Archive, command: str, before: Callable[[], None]) -> tuple[int | None, str]:
    """Exit code and messages of a command; None for a server that has begun to answer."""
    if command != "serve":
        arguments = {"rebuild": ("rebuild", "--quiet"), "search": ("search", "無錫")}[command]
        code, _, messages = archive.run(*arguments, before=before)
        return code, messages
    port = free_port()
    server = archive.start("serve", "--port", str(port), before=before)
    deadline = time.monotonic() + _SERVES_S
    while server.process.poll() is None and time.monotonic() < deadline:
        if answers(port):
            server.process.terminate()
            code, _, messages = server.end()
            return (None, "") if code == 0 else (code, messages)
        time.sleep(0.05)
    server.process.terminate()
    code, _, messages = server.end()
    return code or 1, messages


def answers(port: int) -> bool:
    """Whether a server says that it is alive."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(12).endswith(b" 200")
    except OSError:
        return False


def unclear(code: int | None, messages: str) -> str | None:
    """What is wrong with how a command ended; None for nothing."""
    if code in (0, None, 3):
        return None
    if code not in (1, 5) or not is_clear(messages):
        return f"exit {code}, {len(messages.splitlines())} lines, {last_line(messages)!r}"
    return None
