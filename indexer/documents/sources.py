"""Which documents does a source hold, and what became of each of its files? In one fixed order.

Anything that goes wrong costs one file and is an outcome; the rest goes on. Rows and short texts are read
here, everything else in processes of its own (`indexer.documents.isolation`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents.document import Document
from indexer.documents.isolation.messages import Options, Task
from indexer.documents.isolation.pool import Pool
from indexer.documents.isolation.reader import Limits
from indexer.documents.kinds import HEAD, kind_of
from indexer.documents.limits import Budget
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped
from indexer.documents.readers import ADVICE, readers
from indexer.documents.readers.files import open_file, shown_path, walk
from indexer.documents.reading import Begun, Ended, Events, FileReader, Member, accounted
from indexer.errors import ConfigError, ReadError

ROWS = frozenset("csv tsv jsonl".split())
"""Kinds that are read row by row, by nothing but Python: they neither crash nor hang, however long."""
_PLAIN = frozenset("txt md rst srt vtt json".split())
"""Kinds that are read by nothing but Python, but whole: what `_SMALL` bytes can cost is bounded."""
_SMALL = 256 << 10


class _File(NamedTuple):
    path: Path
    root: Path
    name: str
    options: Options


def check_source(root: Path) -> None:
    """Raise `ConfigError` where there is nothing at `root`."""
    if not os.path.exists(root):  # which does not raise where a folder on the way may not be entered
        raise ConfigError(
            f"{root}: no such file or folder; name what is to be indexed in config.toml: [[source]] path"
            " (`hansou init FOLDER` writes one)"
        )


def source_key(root: Path) -> str:
    """What tells a source from others, also when the order of the configuration changes; says no path."""
    return blake2b(os.fsencode(root.absolute()), digest_size=4).hexdigest()


def list_files(root: Path) -> list[Path]:
    """The files of a source in the order they are read, hidden ones left out.

    Links and folders that will be refused are in the list, so that they can be named. Raises
    `ConfigError` where there is nothing at `root`.
    """
    check_source(root)
    return list(walk(root)) if root.is_dir() else [root]


def read_source(root: Path) -> Iterator[Document | Skipped]:
    """The documents of a file or folder, and what of it was skipped; what was ignored goes unsaid.

    Raises `ConfigError` where there is nothing at `root`.
    """
    for item in read_files(SourceSettings(root)):
        if not isinstance(item, Indexed | Ignored):
            yield item


def read_files(
    source: SourceSettings,
    settings: DocumentSettings = DocumentSettings(),  # noqa: B008  # frozen
) -> Iterator[Document | Outcome]:
    """The documents of a source, and after those of each file what became of it."""
    return read_sources([source], settings)


def read_sources(
    sources: Iterable[SourceSettings],
    settings: DocumentSettings,
    wanted: Callable[[str], bool] = lambda name: True,
) -> Generator[Document | Outcome]:
    """The documents of all sources in their order, and after those of each file what became of it.

    Of files only those are read whose name, as ledgers have it, is `wanted`.

    With processes the calling program need not be guarded by `if __name__ == "__main__"`. Raises
    `ConfigError` where there is nothing at a source's path.
    """
    # Without fork there are no processes to read in: what a file does then, it does here.
    count = settings.readers if hasattr(os, "fork") else 0
    with Pool(count, Limits(settings.seconds, settings.memory_mb)) as pool:
        for source in sources:
            options = Options({name: column for name, column in source.fields.items()}, settings.ocr)
            files = (file for file in _files(source, options) if wanted(file.name))
            for item in accounted(_all_events(files, pool), source_key(source.path)):
                yield item._replace(collection=source.name) if isinstance(item, Document) else item


def _files(source: SourceSettings, options: Options) -> Iterator[_File]:
    for path in list_files(source.path):
        name = shown_path(path, source.path)
        if is_wanted(name, source.include, source.exclude):
            yield _File(path, source.path, name, options)


def is_wanted(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether a file is of the source: a pattern of `include` is for it, if there are any, none of `exclude`.

    A pattern is for a path, for the last part of it, or for a folder that it lies in; `*` matches any
    characters, slashes too.

    >>> is_wanted("2024/草稿/a.pdf", ["*.pdf"], []), is_wanted("2024/草稿/a.pdf", [], ["草稿"])
    (True, False)
    """
    return (not include or _matches(name, include)) and not _matches(name, exclude)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    path = PurePosixPath(name)
    pieces = [path, *path.parents[:-1]]
    return any(
        fnmatchcase(str(piece), pattern.strip("/")) or fnmatchcase(piece.name, pattern.strip("/"))
        for pattern in patterns
        for piece in pieces
    )


def _all_events(files: Iterable[_File], pool: Pool) -> Events:
    """The events of files in their order, while files after them are being read."""
    waiting: deque[Events] = deque()
    for file in files:
        waiting.append(_events(file, pool))
        if len(waiting) > pool.ahead:
            yield from waiting.popleft()
    for events in waiting:
        yield from events


def _events(file: _File, pool: Pool) -> Events:
    """The events of a file: of plain text as they are asked for, of others as a reader has them by then."""
    try:
        with open_file(file.path, file.root) as stream:
            kind = kind_of(file.name, stream.read(HEAD))
            plain = kind in ROWS or (kind in _PLAIN and os.fstat(stream.fileno()).st_size <= _SMALL)
    except ReadError:
        plain = True  # to be met again, and named
    if plain or not pool.ahead:
        return _here(file)
    task = Task(os.fsdecode(file.path), os.fsdecode(file.root), file.name, file.options)
    return pool.events(pool.submit(task))


def _here(file: _File) -> Events:
    reading = FileReader(readers(file.options.fields, file.options.ocr), ADVICE)
    try:
        with open_file(file.path, file.root) as stream:
            size = os.fstat(stream.fileno()).st_size
            yield from reading.events(Member(file.name, stream), Budget.of(size))
    except ReadError as error:
        yield (), Begun(file.name, False)
        yield (), Ended(str(error))
