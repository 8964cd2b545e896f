"""How are many files read in processes of their own? Handed out as readers come free, given back in order.

Memory is bounded: what is read ahead of the file that is due waits with its reader once it is much. Nothing
that a file does to its reader reaches the caller but as the reason that it was skipped.
"""

from __future__ import annotations

import selectors
import signal
import socket
import struct
import subprocess
import sys
from collections import deque
from contextlib import suppress
from types import TracebackType

from indexer.documents.isolation.messages import Frames, Task, event_from_json, frame
from indexer.documents.isolation.reader import Limits
from indexer.documents.reading import Begun, Ended, Event, Events, Position
from indexer.errors import HansouError

_NUMBER = struct.Struct("!i")
_MOST_HELD = 32 << 20
_MOST_ENDS = 20
"""Readers that the members of one file may end before the rest of it is given up."""
_MOST_STARTS = 5


class Nursery:
    """The process that readers are forked from. State: the process, and the socket to it."""

    def __init__(self, limits: Limits) -> None:
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-m", "indexer.documents.isolation.nursery", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(limits.seconds), str(limits.memory_mb)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def fork(self) -> tuple[socket.socket, int]:
        """A new reader: the socket to it, and its number. Raises `ConnectionError`."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [_NUMBER.pack(0)], [theirs.fileno()])
        return ours, self._answer()

    def status_of(self, number: int) -> int:
        """How a reader that has ended did so, as `os.waitpid` says it. Raises `ConnectionError`."""
        self._control.sendall(_NUMBER.pack(number))
        return self._answer()

    def _answer(self) -> int:
        content = b""
        while len(content) < _NUMBER.size:
            chunk = self._control.recv(_NUMBER.size - len(content))
            if not chunk:
                raise ConnectionError("the process that readers come from has ended")
            content += chunk
        return int(_NUMBER.unpack(content)[0])

    def close(self) -> None:
        """End it and all readers."""
        self._control.close()
        self._process.wait()


class Ticket:
    """A file that is being read. State: the events that have come, and what is open in it."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.events: deque[tuple[Position, Event, int]] = deque()
        self.done = False
        self.ends = 0
        self._open: list[tuple[Position, Begun]] = []

    def take(self, position: Position, event: Event, size: int) -> None:
        """An event has come."""
        if isinstance(event, Begun):
            self._open.append((position, event))
        elif isinstance(event, Ended):
            self._open.pop()
        self.events.append((position, event, size))

    def lose_reader(self, reason: str) -> None:
        """The reader has ended: what it was reading is done with, and behind it is gone on."""
        if not self._open:
            self.take((), Begun(self.task.name, False), 0)
        position, _ = self._open[-1]
        self.take(position, Ended(reason), 0)
        self.ends += 1
        self.task = self.task.going_on(position)
        while self._open and self.ends > _MOST_ENDS:
            self.take(self._open[-1][0], Ended(f"given up: {self.ends} of its members ended their reader"), 0)
        self.done = not self._open


class Worker:
    """A process that reads. State: the socket to it, and the files it was given, the first being read."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        self.connection = connection
        self.number = number
        self.frames = Frames(connection)
        self.tickets: deque[Ticket] = deque()

    def give(self, ticket: Ticket) -> None:
        """Put a file to those that it is to read."""
        self.tickets.append(ticket)
        self._send(ticket)

    def _send(self, ticket: Ticket) -> None:
        self.connection.setblocking(True)
        with suppress(OSError):  # that it has ended is noticed where its events are read
            self.connection.sendall(frame(ticket.task.to_json()))
        self.connection.setblocking(False)


class Pool:
    """Workers, started when they are needed. A context: at its end no process is left.

    `ahead` is how many files are best given out before the first is asked for; 0 where there are no readers.
    """

    def __init__(self, readers: int, limits: Limits = Limits()) -> None:  # noqa: B008  # a tuple
        self.ahead = 4 * readers
        self._most = readers
        self._limits = limits
        self._nursery: Nursery | None = None
        self._starts = 0
        self._readers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._held = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in self._readers:
            reader.connection.close()
        self._selector.close()
        if self._nursery is not None:
            self._nursery.close()

    def submit(self, task: Task) -> Ticket:
        """Have a file read; `events` gives what is in it. Files are asked for in the order of submission."""
        ticket = Ticket(task)
        if len(self._readers) < self._most and all(reader.tickets for reader in self._readers):
            self._start(deque())
        min(self._readers, key=lambda reader: len(reader.tickets)).give(ticket)
        return ticket

    def events(self, ticket: Ticket) -> Events:
        """The events of a file, as they come."""
        while True:
            while ticket.events:
                position, event, size = ticket.events.popleft()
                self._held -= size
                yield position, event
            if ticket.done:
                return
            self._listen(ticket)

    def _start(self, tickets: deque[Ticket]) -> None:
        """Start a reader, with files that another one was given."""
        reader = Worker(*self._fork())
        self._readers.append(reader)
        self._selector.register(reader.connection, selectors.EVENT_READ, reader)
        for ticket in tickets:
            reader.give(ticket)

    def _fork(self) -> tuple[socket.socket, int]:
        while self._starts < _MOST_STARTS:
            if self._nursery is None:
                self._starts += 1
                self._nursery = Nursery(self._limits)
            try:
                return self._nursery.fork()
            except OSError:
                self._nursery.close()
                self._nursery = None
        raise HansouError("no process can be started to read files in; is there enough memory?")

    def _listen(self, due: Ticket) -> None:
        """Wait for something to come of the file that is due, and take what has come of others."""
        for key, _ in self._selector.select():
            reader: Worker = key.data
            if due.done:
                return
            if self._held > _MOST_HELD and due not in reader.tickets:
                self._wait_for(due)
                return
            self._take(reader)

    def _wait_for(self, due: Ticket) -> None:
        """Listen to the reader of the file that is due alone."""
        (reader,) = (reader for reader in self._readers if due in reader.tickets)
        with selectors.DefaultSelector() as selector:
            selector.register(reader.connection, selectors.EVENT_READ)
            selector.select()
        self._take(reader)

    def _take(self, reader: Worker) -> None:
        batches, gone = reader.frames.arrived()
        for batch, size in batches:
            ticket = reader.tickets[0]
            for number, item in enumerate(batch):
                if item is None:
                    ticket.done = True
                    reader.tickets.popleft()
                else:
                    position, event = event_from_json(item)
                    ticket.take(position, event, size if number == 0 else 0)
                    self._held += size if number == 0 else 0
        if gone:
            self._replace(reader)

    def _replace(self, reader: Worker) -> None:
        """A reader has ended, by itself or not: go on with what it had."""
        self._selector.unregister(reader.connection)
        reader.connection.close()
        self._readers.remove(reader)
        reason = self._reason(reader.number)
        tickets = reader.tickets
        if reason and tickets:
            tickets[0].lose_reader(reason)
            if tickets[0].done:
                tickets.popleft()
        if tickets:
            self._start(tickets)

    def _reason(self, number: int) -> str | None:
        """Why a reader has ended; None where it had become large and is to be replaced."""
        try:
            status = self._nursery.status_of(number) if self._nursery is not None else -1
        except OSError:
            return "its reader was lost"
        ended_by = status & 0x7F
        if status == 0:
            return None
        if ended_by in (signal.SIGPROF, signal.SIGALRM):
            return f"took longer than {self._limits.seconds:g} s to read"
        if ended_by == signal.SIGKILL:
            return "ended by the system while it was read; it may need more memory than there is"
        if ended_by:
            return f"its reader crashed ({signal.Signals(ended_by).name})"
        return "its reader failed"
