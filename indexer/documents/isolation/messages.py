"""What do the pool and its readers say to one another? Frames of JSON: tasks one way, events back.

JSON and nothing that runs: a reader has met files that nobody vouches for.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec

from indexer.documents.document import Document
from indexer.documents.outcomes import Ignored, Skipped
from indexer.documents.reading import Begun, Ended, Event, Position
from indexer.jsontext import decoded, encoded

_LENGTH = struct.Struct("!I")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """How the files of a source are read: the names of its columns, and whether pictures are."""

    fields: Mapping[str, str] = field(default_factory=dict)
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read, `name` being what it is called; `behind` is as in `FileReader`."""

    path: str
    root: str
    name: str
    options: Options = Options()
    behind: Position = ()

    def to_json(self) -> list[Any]:
        """The task as a list."""
        options = [dict(self.options.fields), self.options.ocr]
        return [self.path, self.root, self.name, options, list(self.behind)]

    @classmethod
    def from_json(cls, value: list[Any]) -> Task:
        """The task that `to_json` wrote."""
        path, root, name, (fields, ocr), behind = value
        return cls(path, root, name, Options(fields, ocr), tuple(behind))

    def going_on(self, behind: Position) -> Task:
        """The same file, from behind a position in it."""
        return replace(self, behind=behind)


def event_to_json(position: Position, event: Event) -> list[Any]:
    """An event as a list: where, what kind, its fields."""
    if isinstance(event, Skipped):
        return [position, "Skipped", [event.path, event.reason]]
    if isinstance(event, Ignored):
        return [position, "Ignored", [event.path, event.reason]]
    return [position, type(event).__name__, event]


def event_from_json(value: list[Any]) -> tuple[Position, Event]:
    """The event that `event_to_json` wrote."""
    position, kind, fields = value
    return tuple(position), _EVENTS[kind](fields)


_EVENTS: Mapping[str, Callable[[list[Any]], Event]] = {
    "Document": partial(msgspec.convert, type=Document),
    "Begun": lambda fields: Begun(*fields),
    "Ended": lambda fields: Ended(*fields),
    "Skipped": lambda fields: Skipped(*fields),
    "Ignored": lambda fields: Ignored(*fields),
}


def frame(value: Iterable[Any]) -> bytes:
    """A value as it goes over the socket."""
    content = encoded(value)
    return _LENGTH.pack(len(content)) + content


def receive(connection: socket.socket) -> Any:
    """The next value of a socket that may wait; None where the other side is gone."""
    head = _exactly(connection, _LENGTH.size)
    content = _exactly(connection, _LENGTH.unpack(head)[0]) if head else b""
    return decoded(content) if content else None


def _exactly(connection: socket.socket, size: int) -> bytes:
    # Not a byte more: what comes after belongs to the reader that follows, should this one end.
    content = b""
    while len(content) < size:
        chunk = connection.recv(size - len(content))
        if not chunk:
            return b""
        content += chunk
    return content


class Frames:
    """The values of a socket that does not wait. State: the bytes of a value that has come in part."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._content = bytearray()

    def arrived(self) -> tuple[list[tuple[Any, int]], bool]:
        """The values that have come whole with their sizes, and whether the other side is gone."""
        gone = False
        try:
            chunk = self._connection.recv(_CHUNK)
            self._content += chunk
            gone = not chunk
        except BlockingIOError:
            pass
        except OSError:
            gone = True
        values = []
        while len(self._content) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._content)[0]
            if len(self._content) < end:
                break
            values.append((decoded(self._content[_LENGTH.size : end]), end))
            del self._content[:end]
        return values, gone
