"""Which documents are there? A configured file or folder → `Document`s, and what was skipped, in one order.

`READERS` is the seam: a suffix, and the function that makes documents of an open file. A reader never
invents a field, and a file that cannot be read costs that file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from indexer.documents import Document
from indexer.documents.readers.files import Skipped, bare_suffix, open_file, shown_path, walk
from indexer.documents.readers.html import read_html
from indexer.documents.readers.jsonl import read_jsonl
from indexer.documents.readers.markdown import read_markdown
from indexer.documents.readers.plain import read_plain
from indexer.errors import ConfigError, ReadError

__all__ = ["READERS", "Reader", "Skipped", "check_source", "list_files", "read_source"]

Reader = Callable[[str, BinaryIO], Iterator[Document | Skipped]]
"""The name of a file and its bytes, gzip unwrapped → its documents; raises `ReadError`."""

READERS: Mapping[str, Reader] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".jsonl": read_jsonl,
}


def check_source(root: Path) -> None:
    """Raise `ConfigError` where there is nothing at `root`."""
    if not root.exists():
        raise ConfigError(
            f"{root}: no such file or folder; name what is to be indexed in config.toml: [[source]] path"
        )


def list_files(root: Path) -> list[Path]:
    """The files of a source in the order they are read; hidden files and unknown suffixes left out.

    Links and folders that will be refused are in the list, so that `read_source` can name them.
    Raises `ConfigError` where there is nothing at `root`.
    """
    check_source(root)
    if not root.is_dir():
        return [root]
    return [path for path in walk(root) if path.is_dir() or bare_suffix(path.name) in READERS]


def read_source(root: Path) -> Iterator[Document | Skipped]:
    """Read a configured file or folder, file by file in a fixed order.

    Raises `ConfigError` where there is nothing at `root`; anything else that goes wrong is yielded as
    `Skipped`, and the rest goes on.
    """
    for path in list_files(root):
        name = shown_path(path, root)
        try:
            with open_file(path, root) as stream:
                yield from _reader(name)(name, stream)
        except ReadError as error:
            yield Skipped(name, str(error))


def _reader(name: str) -> Reader:
    try:
        return READERS[bare_suffix(name)]
    except KeyError:
        raise ReadError(f"no reader for this kind of file; known: {', '.join(READERS)}") from None
