"""How likely is this run of characters in Chinese? Costs of characters after characters.

A cost is a negative natural logarithm, so costs of a run add up and less is better. Both scripts share
one model: characters are folded to Simplified, digits to one digit and Latin letters to one letter.
**The model only compares readings of the same damaged span; it never rates a text by itself.**
The data file is built by benchmarks/build_language_model.py; sources are in docs/repair.md.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

LANGUAGE_FILE = Path(__file__).with_name("language_model.gz")
EIGHTHS = 8
LOWEST = 158  # the greatest cost the file can hold, in eighths
UNSEEN = LOWEST / EIGHTHS  # cost of a character that no source has

_FULL_TO_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SAME_USE = str.maketrans("〈〉「」『』﹁﹂", "《》“”“”“”")  # marks that stand in the same places
_DIGIT, _LETTER = re.compile(r"[0-9]"), re.compile(r"[A-Za-z]")
_COST = {chr(33 + eighths): eighths / EIGHTHS for eighths in range(LOWEST + 1)}  # as the file writes it
_NOWHERE = -1
_NOTHING = "!\t\t"  # the row of a character that nothing was seen after
_SPACE = re.compile(r"[ \t\r\n\x00\u3000\xa0]+")


def classes(text: str, fold: dict[int, str]) -> str:
    """Text as the model sees it: folded, half-width, digits as 0, letters as a, space as a line end.

    >>> classes("無錫Park，2002年", str.maketrans({"無": "无", "錫": "锡"}))
    '无锡aaaa,0000年'
    """
    half = text.translate(_FULL_TO_HALF).translate(_SAME_USE).translate(fold)
    return _SPACE.sub("\x00", _LETTER.sub("a", _DIGIT.sub("0", half)))


@dataclass(frozen=True, slots=True)
class Followers:
    """What may follow one character: the cost on top of what was not `seen` after it, and what was.

    The likeliest come first.
    """

    backoff: float
    seen: str
    _costs: str

    def likeliest(self, among: Collection[str], most: int) -> list[tuple[float, str]]:
        """Of some characters the `most` likeliest that were seen, each with its cost."""
        if 2 * len(among) < len(self.seen):
            # Few are looked up, many are passed over.
            places = sorted(filter(_NOWHERE.__ne__, map(self.seen.find, among)))[:most]
        else:
            places = [*map(self.seen.find, islice(filter(among.__contains__, self.seen), most))]
        return [(_COST[self._costs[at]], self.seen[at]) for at in places]


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Bigram costs over folded characters.

    `_packed` has a row of the file for each character: the cost of what was not seen after it, the n
    characters that were, the likeliest first, and their costs, with tabs between. Rows stay packed: unpacked
    they are 30 MB.
    """

    fold_table: dict[int, str]
    single: dict[str, float] = field(repr=False)
    _packed: dict[str, str] = field(repr=False)
    _classed: dict[str, str] = field(default_factory=dict, repr=False)

    def fold(self, text: str) -> str:
        """Every character in its Simplified, standard form; length is kept."""
        return text.translate(self.fold_table)

    def classed(self, character: str) -> str:
        """One character as the model sees it."""
        known = self._classed.get(character)
        if known is None:
            known = self._classed[character] = classes(character, self.fold_table)
        return known

    def row(self, before: str) -> Followers:
        """What may follow `before`, a character as `classed` gives it."""
        backoff, seen, costs = self._packed.get(before, _NOTHING).split("\t")
        return Followers(_COST[backoff], seen, costs)

    def pair(self, before: str, character: str) -> float:
        """Cost of `character` after `before`; both as `classed` gives them."""
        packed = self._packed.get(before, _NOTHING)
        middle = len(packed) // 2 + 1
        at = packed.find(character, 2, middle)
        if at < 0:
            return _COST[packed[0]] + self.single.get(character, UNSEEN)
        return _COST[packed[at + middle - 1]]

    def run(self, before: str, text: str) -> float:
        """Cost of `text` after the character `before` (empty: after a line end)."""
        total, last = 0.0, self.classed(before or "\n")
        for character in text:
            here = self.classed(character)
            total += self.pair(last, here)
            last = here
        return total


@cache
def language_model() -> LanguageModel:
    """The shipped model, read once (about 20 ms)."""
    with gzip.open(LANGUAGE_FILE, "rt", encoding="utf-8", newline="\n") as stream:
        _, folds, *lines = stream.read().split("\n")
    single: dict[str, float] = {}
    packed: dict[str, str] = {}
    for line in lines:
        character, cost, packed[character] = line.split("\t", 2)
        single[character] = _COST[cost]
    return LanguageModel(str.maketrans(dict(zip(folds[::2], folds[1::2], strict=True))), single, packed)
