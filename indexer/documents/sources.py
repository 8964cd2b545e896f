"""Which documents does a source hold, and what became of each of its files? In one fixed order.

Anything that goes wrong costs one file and is an outcome; the rest goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from indexer.documents.document import Document
from indexer.documents.limits import Budget
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped
from indexer.documents.readers import ADVICE, READERS
from indexer.documents.readers.files import open_file, shown_path, walk
from indexer.documents.reading import Member, Reading, accounted
from indexer.errors import ConfigError, ReadError


def check_source(root: Path) -> None:
    """Raise `ConfigError` where there is nothing at `root`."""
    if not root.exists():
        raise ConfigError(
            f"{root}: no such file or folder; name what is to be indexed in config.toml: [[source]] path"
        )


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
    for item in read_files(root):
        if not isinstance(item, Indexed | Ignored):
            yield item


def read_files(root: Path) -> Iterator[Document | Outcome]:
    """The documents of a file or folder, and after those of each file what became of it.

    Raises `ConfigError` where there is nothing at `root`.
    """
    reading = Reading(READERS, ADVICE)
    for path in list_files(root):
        name = shown_path(path, root)
        try:
            with open_file(path, root) as stream:
                size = os.fstat(stream.fileno()).st_size
                yield from accounted(reading.events(Member(name, stream), Budget.of(size)))
        except ReadError as error:
            yield Skipped(name, str(error))
