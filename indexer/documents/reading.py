"""What is in a file, at all depths? One file → events: a file or member begins, its documents, it ends.

Readers and containers know nothing of one another: a container yields `Member`s, and they are read like
files. Events carry where they lie (`Position`), so that reading can go on behind a member that ended
the process it was read in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, BinaryIO, NamedTuple, cast

from indexer.documents.compressed import unpacked
from indexer.documents.document import Document, FileOrigin
from indexer.documents.kinds import COMPRESSED, HEAD, bare_name, kind_of, suffix_of
from indexer.documents.limits import MAX_DEPTH, Budget, metered
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped, Unchanged
from indexer.errors import ReadError

_LONGEST_REASON = 300
Position = tuple[int, ...]
"""Where an item lies: the number of each container's item on the way to it, from the file down."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a container. `stream` holds until the container is asked for its next item.

    `stated` are fields of `Document` that the container knows better than the member. A member that is
    `inline` is a page or a letter of its container rather than a file: its documents count as the
    container's, and it has no outcome of its own unless it cannot be read. `kind` is what the container
    says it is, where it does; content still goes before.
    """

    name: str
    stream: BinaryIO
    stated: Mapping[str, Any] = field(default_factory=dict)
    inline: bool = False
    kind: str | None = None


_Found = Document | Skipped | Ignored | Unchanged
Item = _Found | Member
Reader = Callable[[str, BinaryIO], Iterator[Item]]
"""The name of a file and its bytes → its documents and members; raises `ReadError`."""


class Begun(NamedTuple):
    """A file or member is being read."""

    path: str
    inline: bool


class Ended(NamedTuple):
    """What was begun last is done: well, or for a reason that it is skipped or ignored."""

    reason: str | None = None
    ignored: bool = False


Event = Begun | Ended | _Found
Events = Iterator[tuple[Position, Event]]


@dataclass(frozen=True, slots=True)
class FileReader:
    """How files are read: the readers by kind, what to say of kinds without one, and where to go on.

    `behind` is the position of a member that is done with, and everything before it too.
    """

    readers: Mapping[str, Reader]
    advice: Mapping[str, str] = field(default_factory=dict)
    behind: Position = ()

    def events(self, member: Member, budget: Budget) -> Events:
        """Read a file with all that lies in it."""
        return self._events(member, budget, (), 0)

    def _events(self, member: Member, budget: Budget, position: Position, depth: int) -> Events:
        entered = bool(self.behind) and self._leads_to(position)
        if not entered:
            yield position, Begun(member.name, member.inline)
        ended = Ended()
        try:
            for number, item in enumerate(self._items(member, budget)):
                where = (*position, number)
                if self._is_done(where) and not (isinstance(item, Member) and self._leads_to(where)):
                    continue
                if isinstance(item, Member):
                    if not item.inline:
                        _require_depth(depth)
                        budget.spend_member()
                    stream = metered(item.stream, budget)
                    inner = replace(item, stream=stream, stated={**item.stated, **member.stated})
                    yield from self._events(inner, budget, where, depth + (not item.inline))
                    budget.require()
                else:
                    yield where, _with_stated(item, member.stated)
        except ReadError as error:
            ended = Ended(_in_one_line(str(error)), isinstance(error, NoReader))
        except MemoryError:
            ended = Ended("needs more memory than it may take")
        except Exception as error:  # whatever a file does to its reader, it is that file alone
            ended = Ended(_in_one_line(f"its reader failed: {type(error).__name__}: {error}"))
        yield position, ended

    def content(self, member: Member, budget: Budget, path: str, depth: int = 0) -> Iterator[bytes]:
        """The bytes of the file or member that is called `path`, in pieces; raises `ReadError`."""
        if member.name == path:
            yield from iter(partial(member.stream.read, HEAD), b"")
            return
        for item in self._items(member, budget):
            if isinstance(item, Member) and f"{path}!/".startswith(f"{item.name}!/"):
                if not item.inline:
                    _require_depth(depth)
                inner = replace(item, stream=metered(item.stream, budget))
                yield from self.content(inner, budget, path, depth + (not item.inline))
                return
        raise ReadError("no such member")

    def _is_done(self, position: Position) -> bool:
        return bool(self.behind) and position <= self.behind

    def _leads_to(self, position: Position) -> bool:
        """Whether what to go on behind lies in the container at `position`."""
        return len(position) < len(self.behind) and self.behind[: len(position)] == position

    def _items(self, member: Member, budget: Budget) -> Iterator[Item]:
        name, stream = member.name, _peekable(member.stream)
        head = stream.peek(HEAD)
        kind = self._kind(name, head, member.kind)
        layers = 0
        while kind in COMPRESSED:
            layers += 1
            if layers > MAX_DEPTH:
                raise ReadError(f"compressed more than {MAX_DEPTH} times")
            name = bare_name(name)
            stream = unpacked(kind, stream, budget)
            head = stream.peek(HEAD)
            kind = self._kind(name, head, None)
        if kind is None or kind not in self.readers:
            raise NoReader(self._advice(name, kind))
        if not head:
            raise ReadError("the file is empty")
        yield from self.readers[kind](member.name, stream)

    def _kind(self, name: str, head: bytes, said: str | None) -> str | None:
        return kind_of(f"x.{said}" if said else name.rpartition("!/")[2], head)

    def _advice(self, name: str, kind: str | None) -> str:
        suffix = suffix_of(name)
        known = self.advice.get(suffix) or self.advice.get(kind or "")
        return known or (f"no reader for .{suffix} files" if suffix else "no reader for this kind of file")


def _in_one_line(reason: str) -> str:
    """A reason as it is listed; libraries give advice by the page."""
    line = " ".join(reason.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


class NoReader(ReadError):
    """No reader is for this kind of file."""


def _require_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise ReadError(f"more than {MAX_DEPTH} containers within one another")


def _peekable(stream: BinaryIO) -> io.BufferedReader:
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(cast("io.RawIOBase", stream), HEAD)


def _with_stated(item: _Found, stated: Mapping[str, Any]) -> _Found:
    """The item with what the containers around it state of it."""
    return item._replace(**stated) if stated and isinstance(item, Document) else item


def accounted(
    events: Events, source: str = "", collection: str | None = None
) -> Iterator[Document | Unchanged | Outcome]:
    """The documents among events, and one outcome for each file and member that is no inline one.

    A document's origin is the file, member, page or letter that it came of; `source` is its source's key,
    `collection` the source's name.
    """
    open_files: list[tuple[Begun, FileOrigin]] = []
    counts: list[int] = []
    for _, event in events:
        if isinstance(event, Begun):
            open_files.append((event, FileOrigin(source, event.path)))
            counts.append(0)
        elif isinstance(event, Ended):
            (begun, _), count = open_files.pop(), counts.pop()
            if event.reason is not None:
                reason = event.reason
                yield Ignored(begun.path, reason) if event.ignored else Skipped(begun.path, reason, count)
            elif not begun.inline:
                yield Indexed(begun.path, count)
            else:
                counts[-1] += count
        elif isinstance(event, Document):
            counts[-1] += 1
            yield event._replace(origin=open_files[-1][1], collection=collection)
        elif isinstance(event, Unchanged):
            counts[-1] += len(event.ids)
            yield event
        else:
            yield event
