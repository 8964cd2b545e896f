"""How is a character read? Toneless pinyin by character, from pypinyin's dictionary, as a flat table.

The table is made when an index is built and kept with it, so a search never loads pypinyin. A word is
read character by character: **at most `MOST` spellings, the usual reading of every character first**.
`ü` is spelled `v`, as it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FIRST, LAST = 0x4E00, 0x9FFF
READINGS = 3  # of one character; further ones are rare or dialect
MOST = 4  # spellings of one word

_TONES = str.maketrans(
    "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ",
    "aaaaeeeeiiiioooouuuuvvvvvnnnm",
)
_NO_LETTER = re.compile("[^a-z]+")
_FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


def is_han(text: str) -> bool:
    """Whether every character is a Han character that has a reading.

    >>> is_han("无锡"), is_han("b超"), is_han("")
    (True, False, False)
    """
    return bool(text) and FIRST <= ord(min(text)) and ord(max(text)) <= LAST


def toneless(reading: str) -> str:
    """A reading as it is typed: no tones, ü as v.

    >>> toneless("chuàng"), toneless("lǜ")
    ('chuang', 'lv')
    """
    return _NO_LETTER.sub("", reading.translate(_TONES))


@lru_cache(maxsize=1024)
def blurred(syllable: str) -> str:
    """The syllable as many hear it: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in are one.

    >>> blurred("zhang"), blurred("ning"), blurred("xi")
    ('zan', 'lin', 'xi')
    """
    for initial, plain in _FUZZY:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            syllable = plain + syllable[len(initial) :]
            break
    for final, plain in _FINALS:
        if syllable.endswith(final):
            return syllable[: -len(final)] + plain
    return syllable


def reading_table() -> tuple[list[str], NDArray[np.uint16]]:
    """The syllables (the first is empty: not read), and for each of U+4E00–9FFF up to `READINGS` of them."""
    from indexer.repair.pinyin import stated_readings  # only a build needs it

    stated = stated_readings()
    numbers = {"": 0}
    table = np.zeros((LAST - FIRST + 1, READINGS), np.uint16)
    for code in range(FIRST, LAST + 1):
        known = dict.fromkeys(map(toneless, stated.get(code, "").split(",")))
        for column, syllable in enumerate(list(filter(None, known))[:READINGS]):
            table[code - FIRST, column] = numbers.setdefault(syllable, len(numbers))
    return list(numbers), table


@dataclass(frozen=True, slots=True)
class Sounds:
    """Readings of characters and words. `table` has a row per code point from U+4E00 on."""

    syllables: Sequence[str]
    table: NDArray[np.uint16]
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def of(self, character: str) -> tuple[str, ...]:
        """The readings of one character, the usual one first; none for what is not a Han character."""
        if (readings := self._known.get(character)) is None:
            code = ord(character)
            numbers = self.table[code - FIRST].tolist() if FIRST <= code <= LAST else ()
            readings = tuple(self.syllables[number] for number in numbers if number)
            self._known[character] = readings
        return readings

    def spellings(self, word: str) -> list[tuple[str, ...]]:
        """The syllables of a word: the usual ones, then with one character read another way.

        Anything that is not Han is spelled as itself; at most `MOST` spellings.
        """
        each = [self.of(character) or (character,) for character in word]
        usual = tuple(readings[0] for readings in each)
        found = [usual]
        for at, readings in enumerate(each):
            for other in readings[1:]:
                if len(found) == MOST:
                    return found
                found.append((*usual[:at], other, *usual[at + 1 :]))
        return found

    def alike(self, left: str, right: str) -> int:
        """How alike two characters sound: 2 the same, 1 nearly, 0 not."""
        if set(self.of(left)) & set(self.of(right)):
            return 2
        return int(bool(set(map(blurred, self.of(left))) & set(map(blurred, self.of(right)))))


def initials(spelling: Sequence[str]) -> str:
    """The first letters.

    >>> initials(("wu", "xi", "gao", "xin", "qu"))
    'wxgxq'
    """
    return "".join(syllable[0] for syllable in spelling)


@lru_cache(maxsize=256)
def splits(typed: str, syllables: frozenset[str]) -> tuple[str, ...] | None:
    """Typed pinyin as syllables, the longest first, or None where it is none.

    >>> splits("gaoxinqu", frozenset({"gao", "xin", "qu", "xi"}))
    ('gao', 'xin', 'qu')
    """
    if not typed:
        return ()
    for length in range(min(6, len(typed)), 0, -1):
        if typed[:length] in syllables and (rest := splits(typed[length:], syllables)) is not None:
            return (typed[:length], *rest)
    return None


def letters(typed: str) -> str:
    """What counts of typed pinyin: its letters, in lower case, ü as v.

    >>> letters("Wúxī Gāoxīn'qū"), letters("lüse")
    ('wuxigaoxinqu', 'lvse')
    """
    return toneless(typed.lower())


def chunks(typed: str) -> Iterator[str]:
    """The parts of typed pinyin between spaces and apostrophes, as `letters`."""
    return filter(None, map(letters, re.split(r"[\s'’·-]+", typed)))
