"""How else may a Latin word or a number be written: in one (wifi), or divided by a hyphen or spaces (Wi-Fi)?

A number may have commas too (1,234,567), full-width ones in old pages, which the index has in parts.
Positions pass over hyphens and spaces, so the divided form is its parts one after the other, and only the
ends of words differ. Divisions are tried against the index, which holds few of them, many at a time.
**What is given occurs in the index, and is written otherwise than what was typed.**
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Protocol

from indexer.text.units import UNITS

_FIELD = "grams"
# A word in two parts (e-mail), a number in up to five (978-7-111-40701-9).
_LETTERS, _DIGITS = range(4, 25), range(7, 17)
_MOST_PARTS = {True: 2, False: 5}
_BETWEEN = re.compile(r"[\s\-‐-―._/()]{1,2}")
# A number with commas between its thousands, or one that is long enough to have some and is no year.
_FIGURE = re.compile(r"(?<![\d.,])(?:[1-9]\d{0,2}(?:[,，]\d{3})+|[1-9]\d{4,14})(?![.,]?\d)")
# Words of a query that are looked into, and divisions that are asked for at once, at most.
_MOST_WORDS, _MOST_ASKED = 8, 64


class Holding(Protocol):
    """What is asked of an index (`indexer.engine.protocol.Snapshot`)."""

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """How many documents hold each term."""

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """Whether any document holds the terms of each sequence at consecutive positions."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """What is typed, as the terms of the index, and the terms of another way to write it.

    `documents` is how many hold what is typed, and how many the other, at most.
    """

    typed: tuple[str, ...]
    other: tuple[str, ...]
    documents: tuple[int, int]


def spellings(folded: str, index: Holding) -> list[Spelling]:
    """The other spellings of a folded query's Latin words and numbers that an index has."""
    rows = [row[:_MOST_WORDS] for row in _rows(folded)]
    joined = [pair for row in rows for pair in _joined(row)]
    words = [word for row in rows for word in row if len(word) in (_LETTERS if word.isalpha() else _DIGITS)]
    figures = [*_figures(folded)][:_MOST_ASKED]
    if not joined and not words and not figures:
        return []
    words = list(dict.fromkeys(words))[:_MOST_WORDS]
    terms = {whole for _, whole in joined}.union(*rows, *map(_parts, words), *chain.from_iterable(figures))
    known = dict(zip(terms, index.frequencies(_FIELD, list(terms)), strict=True))
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    found += ((typed, (whole,)) for typed, whole in joined if known[whole])
    found += [((word,), parts) for word in words for parts in _divisions(word, known, index)]
    held = index.hold(_FIELD, [other for _, other in figures]) if figures else []
    found = list(dict.fromkeys([*found, *compress(figures, held)]))
    return [
        Spelling(typed, other, (min(map(known.__getitem__, typed)), min(map(known.__getitem__, other))))
        for typed, other in found
    ]


def _rows(folded: str) -> Iterator[list[str]]:
    """Latin words or numbers that only hyphens or spaces part.

    >>> [*_rows("wifi与e-mail，138 0000 1234")]
    [['wifi'], ['e', 'mail'], ['138', '0000', '1234']]
    """
    row: list[str] = []
    end = 0
    for unit in UNITS.finditer(folded):
        word, between = unit.group(), folded[end : unit.start()]
        plain = not unit[1] and (word.isalpha() or word.isdecimal())
        if row and not (plain and _BETWEEN.fullmatch(between) and row[-1].isalpha() == word.isalpha()):
            yield row
            row = []
        row += [word] if plain else []
        end = unit.end()
    if row:
        yield row


def _joined(row: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Neighbors in a row, and what they are as one word."""
    for start in range(len(row)):
        for end in range(start + 2, min(start + _MOST_PARTS[row[0].isalpha()], len(row)) + 1):
            yield tuple(row[start:end]), "".join(row[start:end])


def _figures(folded: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Numbers as typed, and each of the other ways to write their thousands.

    >>> [*_figures("1,234元")], [*_figures("12345")], [*_figures("2023")]
    ([(('1,234',), ('1234',)), (('1,234',), ('1', '234'))], [(('12345',), ('12,345',))], [])
    """
    for match in _FIGURE.finditer(folded):
        figure = match.group()
        typed = tuple(unit.group() for unit in UNITS.finditer(figure))
        plain = re.sub("[,，]", "", figure)
        grouped = f"{int(plain):,}"
        ways = [(plain,), (grouped,), *([tuple(grouped.split(","))] if plain != figure else [])]
        yield from ((typed, way) for way in ways if way != typed)


def _parts(word: str) -> set[str]:
    """What a word may be divided into: strings at its ends, of a number also inside."""
    ends = range(1, len(word))
    if word.isalpha():
        return {part for at in ends for part in (word[:at], word[at:])}
    return {word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1)} - {word}


def _divisions(word: str, known: dict[str, int], index: Holding) -> Iterator[tuple[str, ...]]:
    """The ways to divide a word so that its parts stand in a row somewhere, asked for part by part."""
    begun: list[tuple[str, ...]] = [(word[:at],) for at in range(1, len(word)) if known.get(word[:at])]
    for _ in range(_MOST_PARTS[word.isalpha()] - 1):
        longer: list[tuple[str, ...]] = []
        for parts in begun:
            start = sum(map(len, parts))
            ends = range(len(word), start, -1) if not word.isalpha() else (len(word),)
            longer += ((*parts, word[start:end]) for end in ends if known.get(word[start:end]))
        longer = longer[:_MOST_ASKED]
        held = index.hold(_FIELD, longer) if longer else []
        there = [parts for parts, holds in zip(longer, held, strict=True) if holds]
        yield from (parts for parts in there if sum(map(len, parts)) == len(word))
        begun = [parts for parts in there if sum(map(len, parts)) < len(word)]
