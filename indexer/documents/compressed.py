"""What does a compressed file hold? The stream of its one content, unpacked as it is read.

Compression of a single file is no container: `tea.txt.gz` is the document `tea.txt.gz`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Mapping
from typing import BinaryIO

from indexer.documents.limits import Budget, Readable, metered, zstandard

_OPENERS: Mapping[str, tuple[str, Callable[[BinaryIO], Readable]]] = {
    "gz": ("gzip file", lambda stream: gzip.GzipFile(fileobj=stream)),
    "bz2": ("bzip2 file", bz2.BZ2File),
    "xz": ("xz file", lzma.LZMAFile),
    "zst": ("zstd file", lambda stream: zstandard().ZstdFile(stream)),
}


def unpacked(kind: str, stream: BinaryIO, budget: Budget) -> io.BufferedReader:
    """The content of a stream compressed as "gz", "bz2", "xz" or "zst".

    Reading it raises `ReadError` for damage, where the stream is cut off, and beyond `budget`.
    """
    what, opener = _OPENERS[kind]
    return metered(opener(stream), budget, what)
