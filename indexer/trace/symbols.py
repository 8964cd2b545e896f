"""What of a text is compared? Its symbols: each CJK character, Latin word or number, folded, is one.

Punctuation, layout and script are not compared. **A symbol's position is the one that it has in an index**,
where ends of sentences have positions of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xxhash import xxh32_intdigest

from indexer.arrays import Array
from indexer.text.analyzer import Visible, visible
from indexer.text.normalize import normalize
from indexer.text.units import SENTENCE_ENDS, Mark, units

_ENDS = np.array([*map(ord, SENTENCE_ENDS)], np.uint32)
# Above all code points: words are told apart by their sums.
_WORD = 1 << 31


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of a text in columns: code (equal ones are the same), position, and place in `shown`.

    `joined` says of each whether it follows the one before it directly, so that the two are a pair.
    """

    codes: Array
    positions: Array
    starts: Array
    ends: Array
    joined: Array
    shown: Visible
    folded: str

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, first: int, end: int) -> Symbols:
        """The symbols `first:end` alone."""
        here = slice(first, end)
        return Symbols(
            self.codes[here],
            self.positions[here],
            self.starts[here],
            self.ends[here],
            self.joined[here],
            self.shown,
            self.folded,
        )

    def span(self, first: int, end: int) -> Mark:
        """Where the symbols `first:end`, at least one, stand in the text."""
        return self.shown.span(int(self.starts[first]), int(self.ends[end - 1]))

    def is_word(self, number: int) -> bool:
        """Whether a symbol is a Latin word or a number."""
        return bool(self.codes[number] >= _WORD)

    @property
    def is_chinese(self) -> bool:
        """Whether any symbol is no such word."""
        return bool((self.codes < _WORD).any())

    def term(self, number: int) -> str:
        """The gram that a symbol is."""
        return self.folded[self.starts[number] : self.ends[number]]

    def pair(self, number: int) -> str:
        """The gram that a symbol is together with the one before it; empty where they are no pair."""
        if number == 0 or not self.joined[number]:
            return ""
        return self.folded[self.starts[number - 1] : self.ends[number]]


def symbols_of(text: str) -> Symbols:
    """The symbols of a text.

    >>> symbols = symbols_of("無錫C++。園區")
    >>> [symbols.term(number) for number in range(len(symbols))], symbols.positions.tolist()
    (['无', '锡', 'c++', '园', '区'], [0, 1, 2, 4, 5])
    >>> symbols.pair(1), symbols.pair(2), symbols.span(1, 4)
    ('无锡', '', (1, 7))
    """
    shown = visible(text)
    folded = normalize(shown.text)
    rows = np.asarray(units(folded)[1], np.uint32).reshape(-1, 2).astype(np.int64)
    is_run, starts, ends = (rows[:, 0] & 1).astype(bool), rows[:, 0] >> 1, rows[:, 1]
    sizes = np.where(is_run, ends - starts, 1)
    first = np.cumsum(sizes) - sizes
    inner = np.arange(int(sizes.sum())) - np.repeat(first, sizes)
    begins = np.repeat(starts, sizes) + inner
    closes = np.where(np.repeat(is_run, sizes), begins + 1, np.repeat(ends, sizes))
    characters = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = characters[begins]
    for number in np.flatnonzero(~is_run):
        word = folded[starts[number] : ends[number]].encode("utf-8", "surrogatepass")
        codes[first[number]] = xxh32_intdigest(word) | _WORD
    return Symbols(codes, _positions(characters, begins), begins, closes, inner > 0, shown, folded)


def _positions(characters: Array, starts: Array) -> Array:
    """The positions of symbols: however many sentences end between two of them, that is one position."""
    ended = np.searchsorted(starts, np.flatnonzero(np.isin(characters, _ENDS)))
    steps = np.ones(len(starts), np.int64)
    steps[ended[(ended > 0) & (ended < len(starts))]] = 2
    return np.cumsum(steps) - 1
