"""Which stretches of a text were typed, and what of each may be marked? Folded text → candidates.

A stretch is as long a piece of the text as stands in a typed string too, in whole units: characters,
Latin words, numbers, signs. **Every candidate is one contiguous piece of what was typed**, so nothing
melts together that was not. Work grows with the places where pairs of the typed string stand.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from typing import Self

from indexer.query.patterns import LATIN_EDGE, covered, joined, occurrences, whole_words
from indexer.text.analyzer import Analyzer
from indexer.text.units import CJK, SIGN, UNITS, Mark

_CHARACTER = re.compile(f"[{CJK}]")


class Tier(IntEnum):
    """Which of two candidates that overlap is marked: the one of the lower tier."""

    WHOLE = 0
    WORDS = 1
    PARTS = 2
    ACROSS = 3


Candidate = tuple[Tier, int, int, int]
"""Tier, length below zero, start, end: in order, the best comes first."""
Piece = tuple[Tier, int, int]
"""Tier, start, end, by offsets into a part of the text."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed string, folded: the strings it is looked for by, and where its words begin and end.

    `strings` are its pairs, its signs and the characters that stand alone in it, `latin` its Latin words and
    numbers.
    """

    text: str
    strings: tuple[str, ...]
    latin: tuple[str, ...]
    words: tuple[Mark, ...]
    native: tuple[str, tuple[str, ...], array[int]] = field(compare=False, repr=False)
    """What the compiled code takes of it."""
    _known: dict[str, tuple[Piece, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, folded: str, analyzer: Analyzer) -> Self:
        """A folded string, taken apart."""
        units = [(unit.group(), unit[1] is not None) for unit in UNITS.finditer(folded)]
        runs = [text for text, is_run in units if is_run]
        pairs = [run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))]
        strings = tuple(dict.fromkeys([*pairs, *SIGN.findall(folded)]))
        latin = tuple(dict.fromkeys(text for text, is_run in units if not is_run))
        words = tuple(_words(folded, analyzer))
        return cls(folded, strings, latin, words, (folded, strings, array("i", chain(*words))))

    def candidates(self, folded: str) -> list[Candidate]:
        """What may be marked in a folded text."""
        zones = covered(folded, self.strings)
        if self.latin:
            zones = joined([*zones, *whole_words(folded, self.latin)])
        found: list[Candidate] = []
        for start, end in zones:
            zone = folded[start:end]
            pieces = self._known.get(zone)
            if pieces is None:
                pieces = self._known[zone] = tuple(self._within(zone))
            found += [(tier, first - last, start + first, start + last) for tier, first, last in pieces]
        return found

    def _within(self, zone: str) -> Iterator[Piece]:
        """What may be marked in a range that consists of parts of the typed string, by offsets into it."""
        for start, end in self._stretches(zone):
            for tier, first, last in self._pieces(zone[start:end]):
                yield tier, start + first, start + last

    def _stretches(self, zone: str) -> Iterator[Mark]:
        """The longest ranges that stand in the typed string; they may overlap, none holds another."""
        # A stretch begins and ends anywhere but inside a Latin word or a number.
        words = [unit.span() for unit in UNITS.finditer(zone) if unit[1] is None]
        inside = {at for first, last in words for at in range(first + 1, last)}
        edges = [at for at in range(len(zone) + 1) if at not in inside]
        last = 0
        for first in range(len(edges) - 1):
            before = last
            while last < len(edges) - 1 and zone[edges[first] : edges[last + 1]] in self.text:
                last += 1
            if last > max(before, first):
                yield edges[first], edges[last]

    def _pieces(self, string: str) -> Iterator[Piece]:
        """What of a stretch may be marked, by offsets into it.

        All of it where it is all that was typed. Else from the first word to the last, whole ones or two
        characters and more of one that is cut off; each of these; and if there is none, all of it.
        """
        if string == self.text:
            yield Tier.WHOLE, 0, len(string)
            return
        nothing = True
        for offset, _ in occurrences(self.text, (string,)):
            parts = [*self._parts(offset, offset + len(string))]
            whole = [start for start, _, tier in parts if tier is Tier.WORDS]
            if parts and not (len(parts) == 1 and _CHARACTER.fullmatch(string[slice(*parts[0][:2])])):
                nothing = False
                yield Tier.WORDS if whole else Tier.PARTS, parts[0][0], parts[-1][1]
                yield from ((tier, a, b) for a, b, tier in parts if not _CHARACTER.fullmatch(string[a:b]))
        if nothing and len(string) > 1:
            yield Tier.ACROSS, 0, len(string)

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int, Tier]]:
        """What lies in `start:end` of each word: the whole of it, or two characters and more."""
        for first, last in self.words:
            low, high = max(first, start), min(last, end)
            if (low, high) == (first, last):
                yield low - start, high - start, Tier.WORDS
            elif high - low > 1 and not LATIN_EDGE.search(self.text[low:high]):
                yield low - start, high - start, Tier.PARTS


def _words(folded: str, analyzer: Analyzer) -> Iterator[Mark]:
    """The words of a folded string, those with Latin letters or digits unit by unit, as they are found."""
    words = analyzer.words(folded)
    for start, end in zip(words.starts, words.ends, strict=True):
        units = [unit.span() for unit in UNITS.finditer(folded, start, end)]
        yield from units or [(start, end)]
