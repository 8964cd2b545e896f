"""What does an .rtf file say? Its text, by striprtf, and the title and author that its head states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.litter import author_of, title_of
from indexer.errors import ReadError

_INFO = re.compile(r"\{\\(title|author)\b ?((?:[^{}]|\{[^{}]*\})*)\}")
_CODE_PAGE = re.compile(r"\\ansicpg(\d+)")
_TWO_BYTES = frozenset(("932", "936", "949", "950", "54936"))
# A byte that begins a character and its second: spelled, as it is, or escaped.
_PAIR = re.compile(r"(\\'[89a-fA-F][0-9a-fA-F])(?:\\'[0-9a-fA-F]{2}|([@-\[\]-z|~]|\\[\\{}]))")
_CHARACTER = re.compile(r"\\u(-?\d{5,})")
_LAST, _LOST = 0x10FFFF, r"\u12307"
"""What stands for a character whose number is that of none: 〓, as everywhere."""
_HEADER = r"{\rtf1\ansi\ansicpg%s "


def read_rtf(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an .rtf file; raises `ReadError` for one that is damaged or without text."""
    source = _spelled(_CHARACTER.sub(_numbered, read_whole(stream).decode("latin-1")))
    text = "\n".join(line.strip() for line in _plain(source).split("\n") if line.strip())
    if not text:
        raise ReadError("the file holds no text")
    page = _CODE_PAGE.search(source)
    head = _HEADER % (page[1] if page else "1252")
    stated = {key: _plain(f"{head}{value}}}") for key, value in _INFO.findall(source[:100_000])}
    yield Document(
        name, text, title=title_of(stated.get("title"), name), author=author_of(stated.get("author"))
    )


def _numbered(character: re.Match[str]) -> str:
    """A character by its number, which is below 0 from 32,768 on, as some write it."""
    digits = character[1]
    is_one = len(digits) <= len(str(_LAST)) and -0x10000 <= int(digits) <= _LAST
    return character[0] if is_one else _LOST


def _spelled(source: str) -> str:
    r"""RTF whose two-byte characters are spelled in full: a second byte that is ASCII is often written so.

    >>> _spelled(r"\ansicpg936 \'b4a\'c2\'eb")
    "\\ansicpg936 \\'b4\\'61\\'c2\\'eb"
    """
    page = _CODE_PAGE.search(source)
    if page is None or page[1] not in _TWO_BYTES:
        return source
    return _PAIR.sub(lambda pair: f"{pair[1]}\\'{ord(pair[2][-1]):02x}" if pair[2] else pair[0], source)


def _plain(source: str) -> str:
    from striprtf.striprtf import rtf_to_text  # needed only where there is RTF

    try:
        text: str = rtf_to_text(source, errors="ignore")  # type: ignore[no-untyped-call]
        return clean(text)
    except (ValueError, LookupError, IndexError, RecursionError) as error:
        raise ReadError(f"not usable RTF: {error}") from error
