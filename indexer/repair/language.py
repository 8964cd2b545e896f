"""How likely is this run of characters in Chinese? Costs of characters after characters.

A cost is a negative natural logarithm, so costs of a run add up and less is better. Both scripts share
one model: characters are folded to Simplified, digits to one digit and Latin letters to one letter.
**The model only compares readings of the same damaged span; it never rates a text by itself.**
The data file is built by benchmarks/build_language_model.py; sources are in docs/repair.md.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LANGUAGE_FILE = Path(__file__).with_name("language.gz")
EIGHTHS = 8
LOWEST = 158  # the greatest cost the file can hold, in eighths
UNSEEN = LOWEST / EIGHTHS  # cost of a character that no source has

_FULL_TO_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_DIGIT, _LETTER = re.compile(r"[0-9]"), re.compile(r"[A-Za-z]")
_SPACE = re.compile(r"[ \t\r\n\x00\u3000\xa0]+")


def classes(text: str, fold: dict[int, str]) -> str:
    """Text as the model sees it: folded, half-width, digits as 0, letters as a, space as a line end.

    >>> classes("無錫Park，2002年", str.maketrans({"無": "无", "錫": "锡"}))
    '无锡aaaa,0000年'
    """
    half = text.translate(_FULL_TO_HALF).translate(fold)
    return _SPACE.sub("\x00", _LETTER.sub("a", _DIGIT.sub("0", half)))


@dataclass(frozen=True, slots=True)
class Row:
    """What may follow one character. `costs` aligns with `followers`."""

    cost: float
    backoff: float
    followers: str
    costs: str


_NO_ROW = Row(UNSEEN, 0.0, "", "")


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Bigram costs over folded characters."""

    fold_table: dict[int, str]
    rows: dict[str, Row] = field(repr=False)
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def fold(self, text: str) -> str:
        """Every character in its Simplified, standard form; length is kept."""
        return text.translate(self.fold_table)

    def classed(self, character: str) -> str:
        """One character as the model sees it."""
        known = self._known.get(character)
        if known is None:
            known = self._known[character] = classes(character, self.fold_table)
        return known

    def pair(self, before: str, character: str) -> float:
        """Cost of `character` after `before`; both as `classed` gives them."""
        row = self.rows.get(before, _NO_ROW)
        at = row.followers.find(character)
        if at >= 0:
            return (ord(row.costs[at]) - 33) / EIGHTHS
        return row.backoff + self.rows.get(character, _NO_ROW).cost

    def run(self, before: str, text: str) -> float:
        """Cost of `text` after the character `before` (empty: after a line end)."""
        total, last = 0.0, self.classed(before) if before else "\x00"
        for character in text:
            here = self.classed(character)
            total += self.pair(last, here)
            last = here
        return total


@cache
def language_model() -> LanguageModel:
    """The shipped model, read once (about 50 ms)."""
    with gzip.open(LANGUAGE_FILE, "rt", encoding="utf-8", newline="\n") as stream:
        _, folds, *lines = stream.read().split("\n")
    rows: dict[str, Row] = {}
    for line in lines:
        character, cost, backoff, followers, costs = line.split("\t")
        rows[character] = Row(_number(cost), _number(backoff), followers, costs)
    return LanguageModel(str.maketrans(dict(zip(folds[::2], folds[1::2], strict=True))), rows)


def _number(character: str) -> float:
    return (ord(character) - 33) / EIGHTHS
