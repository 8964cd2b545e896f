"""What does a process that may end do? It reads the files it is told to, and says what is in them.

The system ends it when a step takes too long or more memory than it may: no code of ours has to be reached
for that. The clock stands while it waits for the other side to listen.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from indexer.documents.isolation.messages import Task, event_to_json, frame, receive
from indexer.documents.limits import Budget
from indexer.documents.readers import ADVICE, readers
from indexer.documents.readers.files import open_file
from indexer.documents.reading import Begun, Ended, Events, FileReader, Member
from indexer.errors import ReadError

_BATCH = 64
_PATIENCE = 5
"""How many times the seconds of computing may pass on the clock: a step also waits for a disk or its turn."""
_MEGABYTE = 1 << 20


class Limits(NamedTuple):
    """What a reader may take for one step: `seconds` of computing, and one more for each MB of the file."""

    seconds: float = 20.0
    memory_mb: int = 1024

    def seconds_for(self, size: int) -> float:
        """The seconds for one step in a file of so many bytes."""
        return self.seconds + size / _MEGABYTE


def serve(connection: socket.socket, limits: Limits) -> None:
    """Read what comes in until the other side is gone, or until this process has become large."""
    restrict(limits.memory_mb)
    while (message := receive(connection)) is not None:
        for batch in _batches(_events(Task.from_json(message)), limits, message[0]):
            connection.sendall(frame(batch))
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > limits.memory_mb * _MEGABYTE // 2:
            return


def restrict(memory_mb: int) -> None:
    """Bound the memory of this process, over what it has already."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return  # a system that does not say, and would not keep to the bound either
    bound = pages * resource.getpagesize() + memory_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _events(task: Task) -> Events:
    path, root = Path(task.path), Path(task.root)
    reading = FileReader(readers(task.options.fields, task.options.ocr), ADVICE, task.behind)
    try:
        with open_file(path, root) as stream:
            size = os.fstat(stream.fileno()).st_size
            yield from reading.events(Member(task.name, stream), Budget.of(size))
    except ReadError as error:
        yield (), Begun(task.name, False)
        yield (), Ended(str(error))


def _batches(events: Events, limits: Limits, path: str) -> Iterator[list[Any]]:
    """Events in lists, each step within the limits. What is begun is said before it is read."""
    batch: list[Any] = []
    size = 0
    seconds = limits.seconds_for(_size(path))
    while (found := _in_time(events, seconds)) is not None:
        batch.append(event_to_json(*found))
        size += len(found[1].text) if hasattr(found[1], "text") else 0
        if len(batch) >= _BATCH or size > _MEGABYTE or isinstance(found[1], Begun | Ended):
            _limit(0)
            yield batch
            batch, size = [], 0
    _limit(0)
    yield [*batch, None]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _in_time(events: Events, seconds: float) -> Any:
    _limit(seconds)
    return next(events, None)


def _limit(seconds: float) -> None:
    """Let what follows take so many seconds, and no longer what came before; 0: as many as it likes."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * _PATIENCE)
