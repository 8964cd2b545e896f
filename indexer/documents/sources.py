"""Which documents does a source hold, and what became of each of its files? In one fixed order.

Anything that goes wrong costs one file and is an outcome; the rest goes on. Rows and short texts are read
here, everything else in processes of its own (`indexer.documents.isolation`).
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from hashlib import blake2b
from itertools import chain, repeat
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents.catalog import UNKNOWN, Catalog, Stat
from indexer.documents.content import Content
from indexer.documents.document import Document
from indexer.documents.isolation.messages import Options, Task
from indexer.documents.isolation.pool import Pool
from indexer.documents.isolation.reader import Limits
from indexer.documents.kinds import HEAD, kind_of
from indexer.documents.ledger import LedgerRow
from indexer.documents.limits import Budget
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped, Unchanged
from indexer.documents.readers import ADVICE, readers
from indexer.documents.readers.files import open_file, shown, walk, walk_named
from indexer.documents.readers.row_ids import Rows
from indexer.documents.reading import Begun, Ended, Events, FileReader, Member, accounted
from indexer.errors import ConfigError, ReadError, WouldShrink

ROWS = frozenset("csv tsv jsonl".split())
"""Kinds that are read row by row, by nothing but Python: they neither crash nor hang, however long."""
_PLAIN = frozenset("txt md rst srt vtt json".split())
"""Kinds that are read by nothing but Python, but whole: what `_SMALL` bytes can cost is bounded."""
_SMALL = 256 << 10
FileItem = Document | Outcome | Unchanged | LedgerRow
"""What is found in a file, or is known of it already."""
_MOMENT = 2_000_000_000  # nanoseconds: as coarse as times of files are anywhere


class SourceListed(NamedTuple):
    """What the files of a source have in common: its path and key, how they are read, the key of both.

    `before` is what their names begin with.
    """

    root: Path
    key: str
    before: str
    collection: str | None
    options: Options
    read_as: str


class SourceFile(NamedTuple):
    """A file of a source: where it lies, and what it is called. There may be millions: it holds no more.

    `known` is the number that a catalog has it by, 0 where it has not.
    """

    place: str
    name: str
    of: SourceListed
    known: int = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.place)

    @property
    def key(self) -> tuple[str, str]:
        """What the file is known as: another thing when it is to be read in another way."""
        return self.of.read_as, self.name


_UNREAD, _NO_ROWS = Content("", Path()), Rows()


class FileListed(NamedTuple):
    """A file comes next: how it is listed, whether its time tells later changes, and what it holds.

    `rows` are those of a file that is read row by row.
    """

    file: SourceFile
    stat: Stat
    settled: bool
    content: Content
    rows: Rows


def check_source(root: Path) -> None:
    """Raise `ConfigError` where there is nothing at `root`."""
    if not os.path.exists(root):  # which does not raise where a folder on the way may not be entered
        raise ConfigError(
            f"{root}: no such file or folder; name what is to be indexed in config.toml: [[source]] path"
            " (`hansou init FOLDER` writes one)"
        )


def check_sources(sources: Iterable[SourceSettings], index: Path) -> None:
    """Raise `ConfigError` where there is nothing at a source, or where it lies in the index's directory."""
    for source in sources:
        check_source(source.path)
        if lies_in(source.path, index):
            raise ConfigError(
                f"{source.path}: lies in [index] directory, which belongs to the index alone; give the index"
                " another directory, or move the source"
            )


def lies_in(root: Path, index: Path) -> bool:
    """Whether a source is the directory of an index, or below it: an index is not read into itself."""
    return root.resolve().is_relative_to(index.resolve())


def require_filled(sources: Iterable[SourceSettings], known: Catalog | None) -> None:
    """Raise `WouldShrink` where a source has nothing to be listed, and a catalog knows documents of it.

    So a disk looks that is not mounted, or does not answer. Patterns that let nothing in are meant.
    """
    if known is None:
        return
    for source in sources:
        root = os.fspath(source.path)
        gone = not os.path.exists(root)
        bare = gone or (source.path.is_dir() and next(walk_named(root), None) in (None, (root, "")))
        if not bare:
            continue
        key = f"{source_key(source)}:"
        if lost := known.documents_in({file.number for file in known.files() if file.source.startswith(key)}):
            raise WouldShrink(
                f"{root}: there is no file to be read, and {lost:,} documents of it are searched now, so"
                " nothing was published; is a disk missing? If this is meant, add --allow-shrink, or take the"
                " source out of config.toml"
            )


def source_key(source: SourceSettings) -> str:
    """What tells a source from others, also when the order of the configuration changes; says no path."""
    said = os.fsencode(source.path.absolute())
    if source.prefix:
        said += b"\0" + source.prefix.encode()  # which no path has
    return blake2b(said, digest_size=4).hexdigest()


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
    sources: Iterable[SourceSettings], settings: DocumentSettings
) -> Generator[Document | Outcome]:
    """The documents of all sources in their order, and after those of each file what became of it.

    With processes the calling program need not be guarded by `if __name__ == "__main__"`. Raises
    `ConfigError` where there is nothing at a source's path.
    """
    with closing(read_listed(list_sources(sources, settings), settings)) as found:
        yield from (item for item in found if not isinstance(item, FileListed | Unchanged | LedgerRow))


def read_listed(
    files: Iterable[SourceFile],
    settings: DocumentSettings,
    instead: Callable[[SourceFile], Iterable[FileItem] | None] = lambda file: None,
) -> Generator[FileItem | FileListed]:
    """The same of some files, and before each that it comes.

    When it comes, it can be said which of its rows are known (`FileListed.rows`): these are not read. Files
    for which there is something `instead` of what reading them gives are not opened; where that is nothing it
    is asked for again when it is the file's turn.
    """
    # Without fork there are no processes to read in: what a file does then, it does here.
    count = settings.readers if hasattr(os, "fork") else 0
    with Pool(count, Limits(settings.seconds, settings.memory_mb)) as pool:
        for listed, found in _in_order(files, pool, instead):
            yield listed
            yield from found


def list_sources(sources: Iterable[SourceSettings], settings: DocumentSettings) -> Iterator[SourceFile]:
    """The files of all sources in the order they are read; raises `ConfigError` as `list_files` does.

    A file that two sources would have read in the same way is of the first of them alone.
    """
    before: dict[str, list[SourceSettings]] = {}
    for source in sources:
        check_source(source.path)
        own = _source_of(source, settings)
        same = before.setdefault(own.read_as, [])
        place = os.fspath(source.path)
        every = not source.include and not source.exclude
        listed = walk_named(place) if source.path.is_dir() else ((place, source.path.name),)
        for path, plain in listed:
            name = plain if plain and plain.isascii() else shown(plain or source.path.name)
            if every or is_wanted(name, source.include, source.exclude):
                if not any(is_wanted(name, other.include, other.exclude) for other in same):
                    yield SourceFile(path, own.before + name, own)
        same.append(source)


def file_of(of: SourceListed, place: str, known: int = 0) -> SourceFile:
    """The file that was listed at `place`, at the path of its source or below it."""
    below = place[len(os.fspath(of.root)) :].removeprefix("/")
    return SourceFile(place, of.before + shown(below or of.root.name), of, known)


def _source_of(source: SourceSettings, settings: DocumentSettings) -> SourceListed:
    options = Options({name: column for name, column in source.fields.items()}, settings.ocr)
    how = repr((source.name, sorted(options.fields.items()), options.ocr)).encode()
    key = source_key(source)
    read_as = f"{key}:{blake2b(how, digest_size=4).hexdigest()}"
    return SourceListed(source.path, key, source.before, source.name, options, read_as)


def stat_of(path: Path | str) -> Stat:
    """How a file is listed; -1 twice for one that cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return UNKNOWN
    return Stat(found.st_size, found.st_mtime_ns)


def is_wanted(name: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether a file is of the source: a pattern of `include` is for it, if there are any, none of `exclude`.

    A pattern is for a path, for the last part of it, or for a folder that it lies in; `*` matches any
    characters, slashes too.

    >>> is_wanted("2024/草稿/a.pdf", ["*.pdf"], []), is_wanted("2024/草稿/a.pdf", [], ["草稿"])
    (True, False)
    """
    return (not include or _matches(name, include)) and not (exclude and _matches(name, exclude))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    path = PurePosixPath(name)
    pieces = [path, *path.parents[:-1]]
    return any(
        fnmatchcase(str(piece), pattern.strip("/")) or fnmatchcase(piece.name, pattern.strip("/"))
        for pattern in patterns
        for piece in pieces
    )


def _in_order(
    files: Iterable[SourceFile], pool: Pool, instead: Callable[[SourceFile], Iterable[FileItem] | None]
) -> Iterator[tuple[FileListed, Iterable[FileItem]]]:
    """Files in their order with what is found in each, while files after them are being read."""

    def begun(file: SourceFile) -> tuple[FileListed, Iterable[FileItem]]:
        found = instead(file)
        if found == ():
            return FileListed(file, UNKNOWN, False, _UNREAD, _NO_ROWS), ()
        stat = stat_of(file.place)
        # What was changed a moment ago may be changed again within what the clock tells apart.
        settled = stat.modified <= time.time_ns() - _MOMENT
        listed = FileListed(file, stat, settled, Content(file.place, file.of.root), Rows())
        return listed, _items(listed, pool) if found is None else found

    waiting: deque[SourceFile | tuple[FileListed, Iterable[FileItem]]] = deque()
    for file in chain(files, repeat(None)):
        if file is not None:
            # What need not be read is asked for in its turn: by then it may have to be.
            waiting.append(file if instead(file) == () else begun(file))
        elif not waiting:
            return
        if file is None or len(waiting) > pool.ahead:
            first = waiting.popleft()
            yield begun(first) if isinstance(first, SourceFile) else first


def _items(listed: FileListed, pool: Pool) -> Iterator[FileItem]:
    """What is in a file; where other processes read, they have begun by now."""
    file = listed.file
    return accounted(_events(listed, pool), file.of.key, file.of.collection)


def _events(listed: FileListed, pool: Pool) -> Events:
    """The events of a file: of plain text as they are asked for, of others as a reader has them by then."""
    file = listed.file
    try:
        with open_file(file.path, file.of.root) as stream:
            kind = kind_of(file.name, stream.read(HEAD))
            plain = kind in ROWS or (kind in _PLAIN and os.fstat(stream.fileno()).st_size <= _SMALL)
    except ReadError:
        kind, plain = None, True  # to be met again, and named
    if plain or not pool.ahead:
        return _here(listed, kind in ROWS)
    task = Task(file.place, os.fsdecode(file.of.root), file.name, file.of.options)
    return pool.events(pool.submit(task))


def _here(listed: FileListed, by_row: bool) -> Events:
    file, rows = listed.file, listed.rows if by_row else None
    reading = FileReader(readers(file.of.options.fields, file.of.options.ocr, rows), ADVICE)
    try:
        with open_file(file.path, file.of.root) as stream:
            size = os.fstat(stream.fileno()).st_size
            yield from reading.events(Member(file.name, listed.content.reading(stream)), Budget.of(size))
    except ReadError as error:
        yield (), Begun(file.name, False)
        yield (), Ended(str(error))
