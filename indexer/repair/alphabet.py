"""Where in a text does anything look misread? Characters that touch as they do in no text.

Chinese whose bytes were read in another encoding is made of characters that are rare together: accented
letters and signs, or Han of the last rows of the tables.
**Text without a sign is not looked at again; a sign proves nothing yet.**
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache, lru_cache

from indexer.repair.misreading import BIG5, GBK, LATIN, WINDOWS, shown

_TYPOGRAPHY = "“”‘’—…–·×°"  # where these touch, nothing is wrong
_BEFORE, _AMONG, _BETWEEN = 12, 6, 40
"""Characters before a sign that may belong to it, and ASCII characters among those and between others."""
MARKERS = {GBK: "锟", BIG5: "嚙"}
"""How U+FFFD begins when UTF-8 is read as GBK or Big5."""
LONGEST = 20_000  # characters of a run
_MARKERS = frozenset(MARKERS.values())
_FEW = 12  # bytes of a piece that all have to be UTF-8
_LEADS, _TAILS = range(0xC2, 0xF0), range(0x80, 0xC0)
_UTF8_TAIL = rb"[\x80-\xbf]"
_VALID = re.compile(rb"[\xc3-\xdf]" + _UTF8_TAIL + rb"|[\xe2-\xef]" + _UTF8_TAIL + rb"{2}")
_CODEC = {GBK: "gb18030", BIG5: "big5hkscs"}
_LATIN = frozenset(map(chr, range(0x80, 0x100))) | set(WINDOWS)
LATIN_SIGNS = "".join(sorted(_LATIN - set(_TYPOGRAPHY)))
"""The characters of Latin-1 without one of which nothing was read as Latin-1."""
_LATIN_SIGN = re.compile(f"[{LATIN_SIGNS}](?:[{LATIN_SIGNS}]|[\x40-\x7e][{LATIN_SIGNS}])")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What finds the characters that Chinese text leaves when its bytes are read as something else.

    A sign is one that `first` finds, with one of `middle` and one of `last` behind it where there are such:
    two characters of UTF-8 are six bytes, read as three.
    """

    reads: tuple[str, ...]
    first: re.Pattern[str]
    middle: Set[str] = frozenset()
    last: Set[str] = frozenset()

    def sign(self, text: str, at: int = 0) -> int:
        """Where, from `at` on, such characters touch as they do in no text; -1 where nowhere.

        >>> alphabet(GBK).sign("友情链接"), alphabet(GBK).sign("这是鍙嬫儏")
        (-1, 2)
        """
        for match in self.first.finditer(text, at):
            end = match.end()
            after = text[end : end + 1]
            if after in self.middle and text[end + 1 : end + 2] in self.last and self._goes_on(text, end + 2):
                return match.start()
            if (
                not self.middle
                or after == "\ufffd"
                or (match[0] in _MARKERS and any(is_own(after, read) for read in self.reads))
            ):
                return match.start()
        return -1

    def _goes_on(self, text: str, at: int) -> bool:
        """Whether a sign may have this behind it; other Han means a text with rare characters."""
        character = text[at : at + 1]
        return not "\u3400" <= character <= "\u9fff" or any(is_own(character, read) for read in self.reads)

    def around(self, text: str, at: int, first: int) -> tuple[int, int]:
        """Start (no less than `first`) and end of the run that the sign at `at` is in, and ASCII between."""
        read = self.reads[0]
        start = end = at
        for before in range(at - 1, first - 1, -1):
            # Far back the run goes on only where lost bytes say so.
            if at - before > _BEFORE and "\ufffd" not in text[before : before + _BEFORE]:
                break
            if is_own(text[before], read):
                start = before
            elif start - before > _AMONG or not " " <= text[before] <= "~":
                break
        while at < min(len(text), start + LONGEST):
            if is_own(text[at], read):
                end = at + 1
            elif at - end >= _BETWEEN or not " " <= text[at] <= "~":
                break
            at += 1
        ends_so = not self.middle and "@" <= text[end : end + 1] <= "~"  # the trail byte of a pair
        return start, end + ends_so


@cache
def alphabet(read: str) -> Alphabet:
    """What finds Chinese whose bytes were read as `read`."""
    if read == LATIN:
        return Alphabet((read,), _LATIN_SIGN)
    first = {*shown(_CODEC[read], range(0xE4, 0xEA), _TAILS), MARKERS[read]}
    middle, last = shown(_CODEC[read], _TAILS, _LEADS).keys(), shown(_CODEC[read], _TAILS, _TAILS).keys()
    return Alphabet((read,), re.compile(f"[{''.join(sorted(first))}]"), middle, last | {"\ufffd"})


@lru_cache(maxsize=1 << 15)
def is_own(character: str, read: str) -> bool:
    """Whether Chinese whose bytes were read as `read` may leave this character.

    >>> is_own("鍙", GBK), is_own("们", GBK), is_own("é", LATIN)
    (True, False, True)
    """
    if read == LATIN or character == "\ufffd":
        return character in _LATIN or character == "\ufffd"
    lead, *trail = character.encode(_CODEC[read], "ignore") or b"?"
    if len(trail) != 1 or lead not in (*_LEADS, *_TAILS):
        return False
    return trail[0] in _TAILS or (lead in _TAILS and (trail[0] in _LEADS or trail[0] < 0x7F))


@cache
def _either() -> Alphabet:
    """What finds UTF-8 read as GBK or as Big5, for one look at a text."""
    gbk, big5 = alphabet(GBK), alphabet(BIG5)
    first = gbk.first.pattern[:-1] + big5.first.pattern[1:]
    return Alphabet((GBK, BIG5), re.compile(first), gbk.middle | big5.middle, gbk.last | big5.last)


@cache
def han_signs() -> frozenset[str]:
    """The Han without one of which nothing was read as GBK or Big5."""
    return frozenset(_either().first.pattern[1:-1])


def has_sign(text: str, latin: bool = True, han: bool = True) -> bool:
    """Whether any misreading may have left something in the text; a search at memory speed.

    `latin`: the text may have one of `LATIN_SIGNS`; `han`: it may have one of `han_signs`.

    >>> has_sign("友情链接"), has_sign("鍙嬫儏閾炬帴"), has_sign("café")
    (False, True, False)
    """
    return (latin and _LATIN_SIGN.search(text) is not None) or (han and _either().sign(text) >= 0)


def mostly_utf8(piece: str, read: str) -> bool:
    """Whether the bytes of a piece are UTF-8, those of a longer one for the greater part.

    Of what has lost some, nobody can say.
    """
    if read == LATIN or "\ufffd" in piece:
        return True
    raw = piece.encode(_CODEC[read], "ignore")
    beyond = sum(byte >= 0x80 for byte in raw)
    valid = sum(map(len, _VALID.findall(raw)))
    return valid == beyond if beyond <= _FEW else 2 * valid > beyond
