"""Of what is a damaged line made? Characters with their GBK bytes, markers, left-over annotations.

A marker (`?` or U+FFFD) may stand for a lost byte; where the byte replace hit a pair that straddles
two characters, the reading follows it: `?shù)`, the parenthesis swallowed, or `\ufffd(shù)`.
**The tokens' texts concatenate to the line.**
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from indexer.repair.gbk import FULL_WIDTH, byte_tables
from indexer.repair.pinyin import SYLLABLE

MARKER = re.compile(rf"[?\ufffd](?:\(?({SYLLABLE})\)(?:\(\1\))*)?")
_NOTE = re.compile(rf"\(({SYLLABLE})\)")
NARROWED = frozenset("!,:;?()")  # marks that pages turn from full width to ASCII
_LONE = {"€": 0x80}  # what Windows makes of the byte 0x80 by itself


class Kind(Enum):
    """What a token is: a character, a marker, or an annotation that fits nothing before it."""

    CHARACTER = 1
    MARKER = 2
    NOTE = 3


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a damaged line.

    `pair` are the two bytes it was decoded from, `single` the one byte; an ASCII mark may have been
    either. Both are None for what GBK does not have. `syllable` is the reading that came with it.
    """

    kind: Kind
    text: str
    pair: tuple[int, int] | None = None
    single: int | None = None
    syllable: str | None = None


def tokens(text: str, at: int) -> Iterator[Token]:
    """The tokens of the line from `at` to its end.

    >>> [token.text for token in tokens("當?shù)貢r間\\n", 0)]
    ['當', '?shù)', '貢', 'r', '間']
    """
    while at < len(text) and text[at] != "\n":
        character = text[at]
        match = _SPECIAL[character].match(text, at) if character in _SPECIAL else None
        if match is None:
            token = _character(character)
        elif character == "(":
            token = Token(Kind.NOTE, match[0], syllable=match[1])
        else:
            token = Token(Kind.MARKER, match[0], _narrowed(match[0]), syllable=match[1])
        yield token
        at += len(token.text)


_SPECIAL = {"?": MARKER, "\ufffd": MARKER, "(": _NOTE}


def _character(character: str) -> Token:
    if character < "\x80":
        return Token(Kind.CHARACTER, character, _narrowed(character), ord(character))
    return Token(Kind.CHARACTER, character, byte_tables().pair.get(character), _LONE.get(character))


def _narrowed(text: str) -> tuple[int, int] | None:
    return (FULL_WIDTH, ord(text) + 0x80) if text in NARROWED else None
