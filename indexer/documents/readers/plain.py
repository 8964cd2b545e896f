"""What does a .txt file say? Its text as it stands, in one document.

The head lines stay in the text: damage has to be repaired before they can be read
(`indexer.documents.metadata`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents import Document
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.files import read_whole
from indexer.errors import ReadError


def read_plain(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of a .txt file; raises `ReadError` for bytes that are no text."""
    text = clean(decode(read_whole(stream))[0]).strip()
    if not text:
        raise ReadError("the file holds no text")
    yield Document(id=name, text=text, plain=True)
