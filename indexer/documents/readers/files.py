"""What bytes does a source hold? Files of a folder, in one order, opened.

Nothing outside the source root is opened: a symbolic link that leaves it is refused. Every failure
is a `ReadError` whose message is the reason alone; the caller adds the name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from indexer.documents.kinds import HEAD
from indexer.errors import ReadError, is_exhausted

MAX_BYTES = 64 * 1024 * 1024
"""The most that is held in memory at once: a whole text or page, or one line of .jsonl."""


def shown(name: str) -> str:
    """A name with bytes that are not UTF-8 written out, so that it can be printed and stored.

    >>> shown("夜市.txt"), shown("a\\udcb5")
    ('夜市.txt', 'a\\\\xb5')
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


def walk(folder: Path) -> Iterator[Path]:
    """Files below `folder`, sorted by path, hidden ones left out.

    A folder that is a symbolic link, or that may not or cannot be listed, comes as itself: `open_file` then
    says why it is not read. However deep folders lie, nothing here is as deep. Raises `OSError` where no
    folder could be listed.
    """
    return (Path(place) for place, _ in walk_named(os.fspath(folder)))


def walk_named(folder: str) -> Iterator[tuple[str, str]]:
    """The same as strings, each with its path relative to `folder`: there may be millions."""
    waiting = [("", folder, iter([""]), {""})]
    while waiting:
        name, place, names, folders = waiting[-1]
        for own in names:
            here, below = (f"{place}/{own}", f"{name}{own}") if own else (folder, "")
            if own in folders:
                try:
                    inner = _entries(here)
                except OSError as error:
                    if is_exhausted(error):
                        raise
                else:
                    waiting.append((f"{below}/" if below else "", here.rstrip("/"), *inner))
                    break
            yield here, below
        else:
            waiting.pop()


def _entries(folder: str | Path) -> tuple[Iterator[str], set[str]]:
    """The names in a folder in order, unless hidden, and which are folders themselves, not links to one.

    None of a folder that is an index, which may lie in a source: it would be read into itself.
    """
    names, folders = [], set()
    with os.scandir(folder) as entries:
        for entry in entries:
            if not (name := entry.name).startswith("."):
                names.append(name)
                if entry.is_dir(follow_symlinks=False):
                    folders.add(name)
    if "generations" in folders and "lock" in names:
        return iter(()), set()
    names.sort()
    return iter(names), folders


@contextmanager
def open_file(path: Path, root: Path) -> Iterator[BinaryIO]:
    """Open a file of a source for reading bytes.

    Raises `ReadError` when it may not or cannot be read, also for what is met inside the `with` block, and
    `OSError` where no file could be: one that is skipped for that would be missing from the index.
    """
    try:
        with opened(path, root) as stream:
            yield stream
    except OSError as error:
        if is_exhausted(error):
            raise
        raise ReadError(error.strerror or str(error)) from error


def opened(path: Path, root: Path) -> BinaryIO:
    """A file of a source, open for reading; raises `ReadError` for one that may not be, or `OSError`."""
    _require_readable(path, root)
    return path.open("rb", HEAD)


def _require_readable(path: Path, root: Path) -> None:
    if path.is_symlink() and path != root:
        if path.is_dir():
            raise ReadError("a symbolic link to a folder is not followed")
        # Raises the OSError that a loop of links is; `Path.resolve` has another for it.
        if not Path(os.path.realpath(path, strict=True)).is_relative_to(root.resolve()):
            raise ReadError("a symbolic link that leaves the source")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        _entries(path)  # raises the OSError that kept it from being listed
    if not stat.S_ISREG(mode):
        raise ReadError("not a regular file")


def read_whole(stream: BinaryIO) -> bytes:
    """All bytes of a file of at most `MAX_BYTES`; raises `ReadError` for a larger or an empty one."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ReadError(f"larger than {MAX_BYTES // 1024 // 1024} MB; split it, or use .jsonl")
    if not content.strip():
        raise ReadError("the file is empty")
    return content
