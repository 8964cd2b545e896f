"""How is an index kept elsewhere and brought back? As one compressed file of its live generation.

Invariant: a file is there under its name only when it is whole and on disk; an index that comes back goes
live only if this release can search it.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from indexer.config import ALL, Config
from indexer.documents.limits import zstandard
from indexer.engine import require_place
from indexer.engine.embedded import archives
from indexer.engine.protocol import Generation
from indexer.errors import ConfigError, HansouError, IndexCorrupt, IndexOutdated, NotPermitted
from indexer.text.analysis import NAME as ANALYSIS
from indexer.text.analysis import Analysis
from indexer.text.analyzer import analyzer_of

_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3

Opener = Callable[[BinaryIO, str], AbstractContextManager[BinaryIO]]
"""Compresses into a stream ("wb") or unpacks one ("rb")."""


class UnknownKind(HansouError):
    """The name of a file does not say how it is compressed."""

    exit_code = 2


def backup(config: Config, file: Path) -> Generation:
    """Write the live generation to a file; building may go on. Raises `UnknownKind`, `IndexUnusable`."""
    _require_embedded(config)
    opener = _opener(file)
    with written(file) as stream, opener(stream, "wb") as compressed:
        return archives.save(config.index.directory, compressed)


def restore(config: Config, file: Path) -> Generation:
    """Make what `backup` wrote the live index; the one before is kept as after a build.

    Raises `UnknownKind`, `BusyError`, `IndexCorrupt` for a damaged file, and `IndexOutdated` for an index
    that this release cannot search. Then the index that was live is live still.
    """
    _require_embedded(config)
    opener = _opener(file)
    accept = partial(_accept, config.index.directory / "cache")
    try:
        with open(file, "rb") as stream, opener(stream, "rb") as unpacked:
            return archives.load(config.index, unpacked, accept)
    except (gzip.BadGzipFile, zlib.error, EOFError, zstandard().ZstdError) as error:
        raise IndexCorrupt(f"{file}: is damaged or cut off ({error}); take another") from error


def _accept(cache: Path, path: Path, generation: Generation) -> None:
    """Raise `IndexOutdated` where this release analyzes otherwise than the index was."""
    analyzer = analyzer_of(Analysis.read(path / ANALYSIS), cache)
    if analyzer.fingerprint != generation.fingerprint:
        raise IndexOutdated(
            "this index was analyzed by another release of Hansou: install that one, or run `hansou rebuild`"
            " on the sources"
        )


def _require_embedded(config: Config) -> None:
    if config.seen is not ALL:
        raise NotPermitted("a whole index is only for who sees all of it: leave out --as")
    if config.engine.kind != "embedded":
        raise ConfigError(
            f"[engine] kind is {config.engine.kind!r}, which keeps its index elsewhere: use its snapshots, or"
            " `hansou export --jsonl`"
        )
    require_place(config.index.directory)


@contextmanager
def _gzipped(stream: BinaryIO, mode: str) -> Iterator[BinaryIO]:
    with gzip.GzipFile(fileobj=stream, mode=mode, compresslevel=_GZIP_LEVEL, mtime=0) as file:
        yield file  # type: ignore[misc]  # as good as one


@contextmanager
def _zstandard(stream: BinaryIO, mode: str) -> Iterator[BinaryIO]:
    level = _ZSTD_LEVEL if mode == "wb" else None
    with zstandard().ZstdFile(stream, mode, level=level) as file:
        yield file


KINDS: Mapping[str, Opener] = {".tar.zst": _zstandard, ".tar.gz": _gzipped, ".tgz": _gzipped}
"""How names of backups end, and how these are compressed."""


def _opener(file: Path) -> Opener:
    for suffix, opener in KINDS.items():
        if file.name.endswith(suffix):
            return opener
    raise UnknownKind(f"{file}: name it with one of {', '.join(KINDS)} at its end")


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """A stream whose content is in `file` once the context has ended well, and nowhere else.

    Nobody but the owner may read it: it holds whole documents. A pipe or a device gets what comes at once,
    and stays what it is, as a link does.
    """
    if file.exists() and not file.is_file() and not file.is_dir():
        with file.open("wb") as stream:
            yield stream
        return
    file = file.resolve()
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        why = f"cannot be written ({error.strerror}); make its folder, or name another place"
        raise OSError(error.errno, why, str(file)) from error
    try:
        with open(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
