"""Which signs of damage may a text have, and where? One pass over it, before anything is searched for.

Each detector finds something only where up to three of its characters stand together; most texts have none.
**A class is seen where its characters stand so, and nowhere else: what is not seen need not be looked
for.** Where the extension `_text` was built it reads the characters, else expressions do: equal results.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping, Set
from functools import cache
from sys import maxunicode
from typing import NamedTuple

from indexer import native
from indexer.repair import markup, spacing
from indexer.repair.alphabet import LATIN_SIGNS, han_signs
from indexer.repair.lost import MARK

BYTES, LATIN, HAN, SPACE, HINT = (1 << number for number in range(5))
"""Classes: brackets, marks of lost bytes and pieces of markup; what bytes leave that were read as Latin-1, or
as GBK or Big5; characters that stand apart; hints at furniture."""
HINTS = 0xFF & -HINT
_PIECE = re.compile(r"\\(.)|(.)-(.)|(.)", re.DOTALL)


class Sign(NamedTuple):
    """Characters behind one another, as an expression has them in brackets; empty: anything, or the end."""

    first: str
    second: str = ""
    third: str = ""


def seen(text: str, hints: tuple[Sign, ...] = ()) -> int:
    """The classes that the text shows; `hints` are up to four signs of furniture.

    >>> seen("無錫軟件園", (Sign("发", "票"),)), seen("(开发票)", (Sign("发", "票"),))
    (0, 17)
    """
    if extension := native.compiled("_text"):
        bits: int = extension.signs(text, _table(hints), 0, 0)[0]
        return bits
    any_of, patterns = _patterns(hints)
    if any_of.search(text) is None:
        return 0
    found = 0
    for kind, pattern in patterns.items():
        if pattern.search(text):
            found |= kind
    return found


def places(text: str, kinds: int, hints: tuple[Sign, ...] = ()) -> Iterator[int]:
    """Where in the text a sign of some classes begins.

    >>> list(places("可代開發票，代开发票", HINTS, (Sign("发發", "票"),)))
    [3, 8]
    """
    extension = native.compiled("_text")
    if extension is None:
        behind = (pattern.pattern for kind, pattern in _patterns(hints)[1].items() if kind & kinds)
        yield from (match.start() for match in re.finditer(f"(?={'|'.join(behind)})", text))
        return
    table, at = _table(hints), 0
    while True:
        found, at = extension.signs(text, table, at, kinds)
        if not found & kinds:
            return
        yield at
        at += 1


def brackets(characters: Set[str]) -> str:
    """A set of characters as an expression has it in brackets."""
    return re.escape("".join(sorted(characters)))


def _signs(hints: tuple[Sign, ...]) -> Mapping[int, Sign]:
    return {
        BYTES: Sign(brackets({"(", "\\", "\ufffd", MARK, *markup.SIGNS})),
        LATIN: Sign(brackets({*LATIN_SIGNS})),
        HAN: Sign(brackets(han_signs())),
        SPACE: Sign(spacing.SPACE, spacing.APART, spacing.SPACE),
        **{HINT << number: sign for number, sign in enumerate(hints)},
    }


@cache
def _table(hints: tuple[Sign, ...]) -> array[int]:
    """For each code point, and for the end of a text, what _text.c reads of it."""
    signs = _signs(hints)
    ends = sum(kind << 8 for kind, sign in signs.items() if sign.second)
    ends |= sum(kind << 16 for kind, sign in signs.items() if sign.third)
    table = array("I", (ends,)) * (maxunicode + 2)
    for kind, sign in signs.items():
        for place, members in enumerate(sign):
            flip = (kind << 8 * place).__xor__
            for start, stop in _ranges(members):
                table[start:stop] = array("I", map(flip, table[start:stop]))
    return table


def _ranges(members: str) -> Iterator[tuple[int, int]]:
    """The ranges of code points in brackets, half-open; each character is in one."""
    for escaped, first, last, single in _PIECE.findall(members):
        one = escaped or single
        yield ord(one or first), ord(one or last) + 1


@cache
def _patterns(hints: tuple[Sign, ...]) -> tuple[re.Pattern[str], Mapping[int, re.Pattern[str]]]:
    """What finds a character that some sign begins with, and each sign."""
    signs = _signs(hints)
    any_of = "".join(sign.first for sign in signs.values())
    return re.compile(f"[{any_of}]"), {
        kind: re.compile("".join(f"[{members}]" for members in sign if members))
        for kind, sign in signs.items()
    }
