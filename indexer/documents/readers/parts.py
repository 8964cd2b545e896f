"""How do parts become one document? Their texts one after the other, with where each begins."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.documents.document import Document, PartStart
from indexer.documents.readers.package import Stated
from indexer.errors import ReadError


def document_of(name: str, kind: str, texts: Iterable[tuple[str, str]], stated: Stated) -> Document:
    """The document of a file in parts: (name, text) of each; those without text are left out.

    Raises `ReadError` where none has text.
    """
    parts: list[PartStart] = []
    pieces: list[str] = []
    length = 0
    for label, text in texts:
        if text:
            parts.append(PartStart(length, kind, label))
            pieces.append(text)
            length += len(text) + 1
    if not pieces:
        raise ReadError("the file holds no text")
    return Document(name, "\n".join(pieces), **stated._asdict(), parts=tuple(parts))
