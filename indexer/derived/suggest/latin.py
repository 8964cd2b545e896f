"""Which Latin word was meant? One slip of a key away from a word of the index.

A slip is a neighboring key, a letter missing, doubled or swapped with the next, or another letter in a
long word; never one letter at either end, which is mostly another form or another word (records, CPython).
**A word that some document has, or that is pinyin, is never touched.**
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.derived.suggest.sounds import splits
from indexer.derived.suggest.table import Table
from indexer.derived.suggest.writing import floor, is_latin

_WORD = re.compile(r"(?<![a-z0-9])[a-z]{5,}(?![a-z0-9])")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LONG = 7  # letters from which any one wrong letter is taken for a slip
CLEAR = 0.9  # of a slip by the hand's own habits, with one word in reach
OTHER = 0.8
RIVALS = 4  # the word meant is in so many times the documents of any other in reach


@dataclass(frozen=True, slots=True)
class LatinWord:
    """A word of the query, where it is, and the word it stands for."""

    start: int
    end: int
    text: str
    confidence: float


def latin_word(table: Table, folded: str, frequency: Callable[[str], int]) -> LatinWord | None:
    """The first misspelled Latin word of a folded query, put right, or None."""
    for found in _WORD.finditer(folded):
        word = found[0]
        if frequency(word) or splits(word, table.syllables) is not None:
            continue
        near = sorted(set(_near(table, word)), key=lambda entry: (not entry[2], -entry[1]))
        if near and (len(near) == 1 or near[0][1] >= RIVALS * near[1][1] or near[0][2] > near[1][2]):
            text, _, by_habit = near[0]
            return LatinWord(found.start(), found.end(), text, CLEAR if by_habit else OTHER)
    return None


def _near(table: Table, word: str) -> Iterator[tuple[str, int, bool]]:
    """(word of the index, its documents, whether the slip is one of habit)."""
    less = [word[:at] + word[at + 1 :] for at in range(len(word))]
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]
    for which, keys in (("exact", less + swapped), ("drop", [word, *less])):
        for index, number in table.hashed(which, keys):
            text, count = table.text(number), table.count[number]
            if text == word or not is_latin(text) or _inflected(word, text):
                continue
            if count < floor(table.documents) and len(word) < LONG:
                continue
            if which == "exact" and text != keys[index]:
                continue
            by_habit = slip_of_habit(word, text)
            if by_habit is not None and (by_habit or len(word) >= LONG):
                yield text, count, by_habit


def _inflected(typed: str, meant: str) -> bool:
    """Whether two words differ in a letter at an end only, and not by the last key hit twice or missed."""
    if typed == meant + meant[-1]:
        return False
    if typed[:-1] == meant[:-1]:
        return not _side_by_side(typed[-1], meant[-1])
    return any(
        (typed.startswith(meant), meant.startswith(typed), typed.endswith(meant), meant.endswith(typed))
    )


def slip_of_habit(typed: str, meant: str) -> bool | None:
    """Whether one slip turns `meant` into `typed` and hands make it often; None where it takes more.

    >>> slip_of_habit("pythom", "python"), slip_of_habit("pythkn", "python")
    (True, False)
    """
    head = 0
    while head < min(len(typed), len(meant)) and typed[head] == meant[head]:
        head += 1
    if len(typed) != len(meant):
        longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
        one = len(longer) == len(shorter) + 1 and longer[head + 1 :] == shorter[head:]
        return True if one else None
    if typed[head + 1 :] == meant[head + 1 :]:
        return _side_by_side(typed[head : head + 1], meant[head : head + 1])
    same_rest = typed[head + 2 :] == meant[head + 2 :]
    swapped = typed[head : head + 2] == meant[head : head + 2][::-1]
    return True if same_rest and swapped else None


def _side_by_side(one: str, other: str) -> bool:
    return any(one + other in row or other + one in row for row in _ROWS)
