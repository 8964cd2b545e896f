"""Where is the original of a document, and what are its bytes? The file as it lies, or a member of it.

What is opened was read when the index was built, lies in a source that is still configured, and is wanted
there: nothing that a visitor writes becomes a path. A member is taken out of its container in a process of
its own, with the limits of reading.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

from indexer.config import Config, DocumentSettings
from indexer.documents.document import Document
from indexer.documents.isolation.extraction import FAILED
from indexer.documents.readers.files import opened
from indexer.documents.sources import is_wanted, source_key
from indexer.errors import OriginalMissing, ReadError

_PATIENCE, _PATIENCE_S = 5, 10
"""How many times the seconds of computing may pass on the clock, and how many more to start."""
_TOO_MUCH = "taking it out of its container takes too long, or too much memory"
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Original:
    """An original that is open: what it is to be called, and its bytes, to be closed by whoever has it."""

    name: str
    stream: IO[bytes]


def open_original(config: Config, document: Document) -> Original:
    """The file or member that a document was read from. Raises `OriginalMissing`."""
    origin = document.origin
    for source in config.sources:
        if origin is None or source_key(source) != origin.source:
            continue
        for path, name, member in _places(source.path, origin.path.removeprefix(source.before)):
            if is_wanted(name, source.include, source.exclude):
                return _opened(source.path, path, name, member, config.documents)
    raise OriginalMissing("the file that the document was read from is not there any more")


def _places(root: Path, shown: str) -> Iterator[tuple[Path, str, str]]:
    """Files that a name in the ledger may be of: the path, its own name, and that of the member or ""."""
    pieces = shown.split("!/")
    for count in range(1, len(pieces) + 1):
        name, member = "!/".join(pieces[:count]), "!/".join(pieces[count:])
        for path in _paths(root, name):
            if path.is_file() and path.resolve().is_relative_to(root.resolve()):
                yield path, name, shown if member else ""


def _paths(root: Path, name: str) -> Iterator[Path]:
    if not root.is_dir():
        yield root
    elif ".." not in PurePosixPath(name).parts and not name.startswith("/"):
        yield root / name
        # Bytes that are no UTF-8 are shown escaped.
        yield root / os.fsdecode(_ESCAPED.sub(lambda byte: bytes.fromhex(byte[1].decode()), name.encode()))


def _opened(root: Path, path: Path, name: str, member: str, settings: DocumentSettings) -> Original:
    try:
        stream = _extracted([str(path), str(root), name, member], settings) if member else opened(path, root)
    except OSError as error:
        raise OriginalMissing(f"the original cannot be read: {error.strerror}") from error
    except ReadError as error:
        raise OriginalMissing(f"the original cannot be read: {error}") from error
    return Original(saved_name(member or name), stream)


def _extracted(task: list[str], settings: DocumentSettings) -> IO[bytes]:
    """A member of a container, as a file of its own that goes when it is closed."""
    command = [sys.executable, "-m", "indexer.documents.isolation.extraction"]
    limits = [str(settings.seconds), str(settings.memory_mb)]
    with ExitStack() as kept:
        target = kept.enter_context(tempfile.TemporaryFile())
        try:
            done = subprocess.run(
                [*command, *limits],
                input=json.dumps(task).encode("ascii"),
                stdout=target,
                stderr=subprocess.PIPE,
                timeout=_PATIENCE_S + _PATIENCE * settings.seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise ReadError(_TOO_MUCH) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip() if done.returncode == FAILED else ""
            raise ReadError(said or _TOO_MUCH)
        target.seek(0)
        kept.pop_all()
    return target


def saved_name(shown: str) -> str:
    """The name to save a file or member under: the last part of its own, of an address that of its path.

    >>> saved_name("a.zip!/信/甲.pdf"), saved_name("c.warc!/2025/https://a.example/b/?x=/y")
    ('甲.pdf', 'b.html')
    >>> saved_name("b.mbox!/3"), saved_name("大事記")
    ('3.eml', '大事記')
    """
    container, _, own = shown.rpartition("!/")
    _, scheme, address = own.partition("://")
    name = PurePosixPath(urlsplit(f"//{address}").path if scheme else own).name or "index"
    if "." in name or not container:
        return name
    return f"{name}.html" if scheme else f"{name}.eml"
