"""A .txt file is one document, its text as it stands."""

from __future__ import annotations

import io

import pytest

from indexer.documents import Document
from indexer.documents.readers.plain import read_plain
from indexer.errors import ReadError


def test_text_as_it_stands() -> None:
    """Line ends become U+000A; head lines stay, to be read after repair."""
    (document,) = read_plain("a.txt", io.BytesIO("夜市\r\n南門外。\r".encode()))
    assert document == Document("a.txt", "夜市\n南門外。", plain=True)


@pytest.mark.parametrize("content", [b"", b" \n\t ", "\ufeff".encode(), b"\x01\x02"])
def test_no_text(content: bytes) -> None:
    """A file without a character to read is refused."""
    with pytest.raises(ReadError):
        list(read_plain("a.txt", io.BytesIO(content)))
