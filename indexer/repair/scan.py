"""Which signs of damage may a text have? One pass over its characters, before anything is searched for.

Each detector finds something only where one of its characters is; most texts have none of any.
**A class is seen where one of its characters stands, and nowhere else: what is not seen need not be looked
for.** Where the extension `_text` was built it reads the characters, else expressions do: equal results.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Set
from functools import cache

from indexer import native
from indexer.repair import markup, spacing
from indexer.repair.alphabet import LATIN_SIGNS, han_signs
from indexer.repair.lost import MARK

BYTES, LATIN, HAN, SPACE, HINT = (1 << number for number in range(5))
"""Classes: brackets, marks of lost bytes and pieces of markup; what bytes leave that were read as Latin-1, or
as GBK or Big5; spaces; the rarest characters of hints at furniture."""


def seen(text: str, hints: Set[str]) -> int:
    """The classes that some character of a text is in; `hints` are the characters of the last class.

    >>> seen("無錫軟件園", frozenset("票")), seen("(开发票)", frozenset("票"))
    (0, 17)
    """
    if extension := native.compiled("_text"):
        bits: int = extension.classes(text, _table(hints))
        return bits
    any_of, patterns = _patterns(hints)
    if any_of.search(text) is None:
        return 0
    found = 0
    for kind, pattern in patterns.items():
        if pattern.search(text):
            found |= kind
    return found


def _members(hints: Set[str]) -> Mapping[int, Set[str]]:
    return {
        BYTES: frozenset(f"(\\\ufffd{markup.SIGNS}{MARK}"),
        LATIN: frozenset(LATIN_SIGNS),
        HAN: han_signs(),
        SPACE: frozenset(spacing.SPACES),
        HINT: hints,
    }


@cache
def _table(hints: Set[str]) -> bytes:
    """The classes of each code point."""
    table = bytearray(sys.maxunicode + 1)
    for kind, members in _members(hints).items():
        for character in members:
            table[ord(character)] |= kind
    return bytes(table)


@cache
def _patterns(hints: Set[str]) -> tuple[re.Pattern[str], Mapping[int, re.Pattern[str]]]:
    """What finds a character of any class, and of each."""
    classes = {
        kind: re.escape("".join(sorted(members))) for kind, members in _members(hints).items() if members
    }
    any_of = re.compile(f"[{''.join(classes.values())}]")
    return any_of, {kind: re.compile(f"[{members}]") for kind, members in classes.items()}
