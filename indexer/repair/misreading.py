"""What did a text say that was decoded with the wrong encoding? Its bytes again, read in another.

A `Misreading` names both: what the bytes were written in, and what they were read in. Some go through two,
Latin-1 twice, or UTF-8 that was made of GBK bytes with losses and read as GBK again (锟斤拷).
**Bytes that are there are decoded; a byte that did not survive is a `HOLE`, and what it belonged to is
restored where what is left of it and the characters around it leave no doubt, else shown as 〓.**
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from indexer.repair.big5 import NAME as BIG5_UAO
from indexer.repair.lost import HOLE, KEEP, bytes_kept

LATIN, GBK, BIG5, UTF8 = "Latin-1", "GBK", "Big5", "UTF-8"
WINDOWS = bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")
"""What Windows-1252 has where Latin-1 has controls."""
_HOLE = bytes((HOLE,))


class Misreading(NamedTuple):
    """`written` in one encoding (a codec's name), `read` in another (`LATIN`, `GBK`, `BIG5` or `UTF8`)."""

    written: str
    read: str

    @property
    def name(self) -> str:
        """What the encoding that it was written in is called."""
        return {"utf-8": UTF8, "gb18030": GBK}.get(self.written, BIG5)

    def __str__(self) -> str:
        return f"{self.name} that was read as {self.read}"


READ_AS = (LATIN, GBK, BIG5)
MISREADINGS = (
    Misreading("utf-8", LATIN),
    Misreading("gb18030", LATIN),
    Misreading("big5hkscs", LATIN),
    Misreading(BIG5_UAO, LATIN),
    Misreading("utf-8", GBK),
    Misreading("utf-8", BIG5),
)


def shown(codec: str, leads: Iterable[int], trails: Iterable[int]) -> dict[str, bytes]:
    """The characters of a two-byte encoding with their pairs, for these leads and trails."""
    pairs = [bytes(pair) for pair in product(leads, trails)]
    each = b"\n".join(pairs).decode(codec, "ignore").split("\n")
    return {c: pair for c, pair in zip(each, pairs, strict=True) if len(c) == 1 and c > "\x7f"}


_CODECS = {LATIN: "cp1252", GBK: "gbk", BIG5: "big5hkscs"}
# What else a program may have read with: Latin-1's controls, GB18030's private characters, other Big5.
_OTHERWISE = {"charmap": ("latin-1",), "gbk": ("gb18030",), "big5hkscs": (BIG5_UAO, "big5")}
_BYTES = "hansou.bytes"


def bytes_of(text: str, read: str) -> bytes:
    """The bytes that were read as this text; a hole for what they cannot have shown.

    >>> bytes_of("开", GBK).hex(), bytes_of("Ö\x81", LATIN).hex(), bytes_of("嚗\ufffd", BIG5).hex()
    ('bfaa', 'd681', 'efbcff')
    """
    return text.encode(_CODECS[read], _BYTES)


def _otherwise(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    character, after = error.object[error.start], error.start + 1
    if character == "€":
        return b"\x80", after  # as Windows shows that byte in GBK
    for codec in _OTHERWISE[error.encoding]:
        try:
            raw = character.encode(codec)
        except UnicodeEncodeError:
            continue
        if len(raw) <= 2:
            return raw, after
    return _HOLE, after


codecs.register_error(_BYTES, _otherwise)


_TAIL = rb"[\x80-\xbf]"
# A no-break space is often shown as a space, and a lost byte as a question mark.
_SPACED = re.compile(rb"([\xe0-\xef]" + _TAIL + rb")\x20|([\xe0-\xef])\x20(?=" + _TAIL + rb")")
_ASKED = re.compile(rb"([\xe0-\xef]" + _TAIL + rb"?)\?")


def reread(raw: bytes, written: str) -> str:
    """Bytes decoded as what they were written in; what cannot be is kept (`indexer.repair.lost`)."""
    if written == "utf-8":
        raw = _SPACED.sub(b"\\1\\2\xa0", raw)
        raw = _ASKED.sub(b"\\1\xff", raw)
    return raw.decode(written, KEEP)


def latin(match: re.Match[str]) -> str:
    """A byte that was kept, as Latin-1 shows it."""
    return bytes_kept(match[0]).decode("latin-1")
