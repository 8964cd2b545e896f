"""What did Big5 mean where Taiwan's boards wrote it? The codec "big5-uao", Unicode-at-on 2.50.

Big5 with six thousand more characters (Simplified, Japanese, signs) in the areas where Hong Kong's HKSCS has
others; PTT and its kin wrote it. Importing this module registers the codec.
**What HKSCS and the boards agree on reads as Python's "big5hkscs" does; the rest is a table.**
The table is built by benchmarks/build_big5.py, which names the source.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # Python 3.12 has it in collections.abc
    from typing_extensions import Buffer

NAME = "big5-uao"
TABLE = Path(__file__).with_name("big5_uao.txt")
TRAILS = bytes([*range(0x40, 0x7F), *range(0xA1, 0xFF)])
_TRAIL = rb"[\x40-\x7e\xa1-\xfe]"
AGREED = re.compile(
    rb"(?:[\x00-\x7f]|[\xa1-\xc7\xc9-\xf8]" + _TRAIL + rb"|\xc8[\x40-\x78]|\xf9[\x40-\x7e\xa1-\xd5])+"
)
"""Runs that both extensions of Big5 read alike."""


class _Table(NamedTuple):
    character: dict[bytes, str]
    pair: dict[str, bytes]


@cache
def _table() -> _Table:
    character: dict[bytes, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        first, characters = line.split("\t")
        lead, trail = bytes.fromhex(first)
        for number, written in enumerate(characters, TRAILS.index(trail)):
            character[bytes((lead + number // len(TRAILS), TRAILS[number % len(TRAILS)]))] = written
    return _Table(character, {written: pair for pair, written in reversed(character.items())})


def _decode(raw: Buffer, errors: str = "strict", /) -> tuple[str, int]:
    raw = bytes(raw)
    return "".join(_pieces(raw, errors)), len(raw)


def _pieces(raw: bytes, errors: str) -> Iterator[str]:
    added, handle = _table().character, codecs.lookup_error(errors)
    at = 0
    while at < len(raw):
        agreed = AGREED.match(raw, at)
        if agreed:
            yield agreed[0].decode("big5hkscs", errors)
            at = agreed.end()
        elif raw[at : at + 2] in added:
            yield added[raw[at : at + 2]]
            at += 2
        else:
            shown, at = handle(UnicodeDecodeError(NAME, raw, at, at + 1, "no character of Big5"))
            yield str(shown)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    pair = _table().pair
    return b"".join(pair.get(c) or c.encode("big5hkscs", errors) for c in text), len(text)


def _search(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(_encode, _decode, name=NAME) if name in (NAME, NAME.replace("-", "_")) else None


codecs.register(_search)
