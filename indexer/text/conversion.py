"""How is a text written in another script? Phrase by phrase, for showing it: matching knows nothing of it.

A stage is phrases and characters: of all phrases that occur the longer ones win, of equal ones the more
frequent, else the first; what is in none is converted character by character. Without frequencies the results
are those of opencc-python-reimplemented on the same tables, in a fraction of the time: all places of a text
are looked at together. No phrase reaches over a line end or punctuation, so a text may be converted in parts.
**The length stays, so offsets stay what they are.**
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indexer.arrays import Array

# No phrase holds any of these.
SEPARATORS = re.compile(r"[\s\-,.?!*，。、；：？！…“”‘’『』「」—－（）《》〈〉～．／＼｛｝【】［］]")
# Characters that are worked on together, cut at a line end: some twenty bytes are held for each.
_PART = 1 << 16
_BITS, _MOST = 20, 31
_FIRST, _SECOND, _BASE = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint64(0x9E3779B97F4A7C15)


class Stage:
    """One pass of a conversion. Immutable; safe to share between threads."""

    def __init__(
        self,
        phrases: Mapping[str, str],
        characters: Mapping[str, str],
        frequencies: Mapping[str, int] | None = None,
    ) -> None:
        """What phrases and characters become, and how frequent phrases are.

        Rows that would change a text's length are left out.
        """
        single = {key: value for key, value in characters.items() if len(key) == len(value) == 1}
        self._characters = np.arange(max(map(ord, single), default=0) + 1, dtype=np.uint32)
        for key, value in single.items():
            self._characters[ord(key)] = ord(value)
        by_length: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
        for key, value in phrases.items():
            if len(key) == len(value) > 1 and not SEPARATORS.search(key):
                by_length[len(key)].append((key, value, (frequencies or {}).get(key, 0)))
        # For each pair of characters the lengths of the phrases that begin so, a bit for each.
        self._lengths = np.zeros(1 << _BITS, np.uint32)
        self._rows = {length: self._row(length, by_length[length]) for length in sorted(by_length)}

    def _row(self, length: int, phrases: Sequence[tuple[str, str, int]]) -> _Row:
        told, become, frequencies = zip(*phrases, strict=True)
        keys = _codes("".join(told)).reshape(-1, length)
        values = _codes("".join(become)).reshape(-1, length)
        self._lengths[_place(keys[:, 0], keys[:, 1])] |= np.uint32(1 << min(length, _MOST))
        special = (self._single(keys) != values).any(axis=1)
        return _Row(length, keys, values, special, np.array(frequencies, np.int64))

    def _single(self, codes: Array) -> Array:
        """Each character by itself."""
        known = len(self._characters)
        return np.where(codes < known, self._characters[np.minimum(codes, known - 1)], codes)

    def __call__(self, text: str) -> str:
        """A text as this stage writes it."""
        codes = _codes(text)
        found = self._single(codes)
        matches = self._matches(codes)
        if matches.special.any():
            for at, length, row in _chosen(matches):
                found[at : at + length] = self._rows[length].values[row]
        return found.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")

    def _matches(self, codes: Array) -> _Matches:
        """All phrases in a text."""
        possible = self._lengths[_place(codes[:-1], codes[1:])]
        places = np.flatnonzero(possible)
        possible, hashes = possible[places], codes[places].astype(np.uint64)
        parts = [(np.zeros(0, np.int64),) * 4 + (np.zeros(0, np.bool_),)]
        for length in range(2, max(self._rows, default=0) + 1):
            bit = min(length, _MOST)
            left = np.flatnonzero((possible >> np.uint32(bit) != 0) & (places + length <= len(codes)))
            places, possible, hashes = places[left], possible[left], hashes[left]
            hashes = hashes * _BASE + codes[places + length - 1]
            if row := self._rows.get(length):
                told = np.flatnonzero(possible >> np.uint32(bit) & np.uint32(1))
                at, which = row.find(places[told], hashes[told], codes)
                lengths = np.full(len(at), length)
                parts.append((at, lengths, which, row.frequencies[which], row.special[which]))
        return _Matches(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class _Matches(NamedTuple):
    """Phrases in a text: where, how long, which, how frequent, and whether they are more than characters."""

    starts: Array
    lengths: Array
    rows: Array
    frequencies: Array
    special: Array


class _Row:
    """The phrases of one length."""

    def __init__(self, length: int, keys: Array, values: Array, special: Array, frequencies: Array) -> None:
        hashes = _hash(keys)
        order = hashes.argsort()
        self.length, self.hashes = length, hashes[order]
        self.keys, self.values, self.special = keys[order], values[order], special[order]
        self.frequencies = frequencies[order]

    def find(self, places: Array, hashes: Array, codes: Array) -> tuple[Array, Array]:
        """At which of some places a phrase stands, and which, by the hashes of what stands there."""
        which = np.minimum(self.hashes.searchsorted(hashes), len(self.hashes) - 1)
        there = np.flatnonzero(self.hashes[which] == hashes)
        places, which = places[there], which[there]
        same = (codes[places[:, None] + np.arange(self.length)] == self.keys[which]).all(axis=1)
        return places[same], which[same]


_Held = tuple[int, int, int, int, bool]
"""A phrase: its length and frequency, both negative, its place, its row, whether it is special."""


def _chosen(matches: _Matches) -> Iterator[tuple[int, int, int]]:
    """Of phrases that overlap those that are taken, but for those that are no more than their characters."""
    order = np.lexsort((matches.lengths, matches.starts))
    starts, lengths, rows, frequencies, special = (column[order] for column in matches)
    reach = np.maximum.accumulate(starts + lengths)
    groups = np.cumsum(np.append([True], starts[1:] >= reach[:-1])) - 1
    # Where every phrase is its characters it does not matter which is taken.
    left = (np.bincount(groups, special) > 0)[groups]
    columns = (groups, -lengths, -frequencies, starts, rows, special)
    group = -1
    held: list[_Held] = []
    for number, *phrase in zip(*(column[left].tolist() for column in columns), strict=True):
        if number != group:
            yield from _best(held)
            group, held = number, []
        held.append((*phrase,))
    yield from _best(held)


def _best(held: list[_Held]) -> Iterator[tuple[int, int, int]]:
    """Of phrases that overlap the longest, the most frequent, the first: place, length, row."""
    if not held:
        return
    held.sort()
    first = min(start for _, _, start, _, _ in held)
    taken = bytearray(max(start - length for length, _, start, _, _ in held) - first)
    for length, _, start, row, special in held:
        place = slice(start - first, start - first - length)
        if 1 not in taken[place]:
            taken[place] = b"\1" * -length
            if special:
                yield start, -length, row


def _codes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _place(first: Array, second: Array) -> Array:
    """Where two characters are in a table of pairs."""
    mixed: Array = first * _FIRST + second * _SECOND
    places: Array = mixed >> np.uint32(32 - _BITS)
    return places


def _hash(keys: Array) -> Array:
    """A number for each row of characters."""
    hashes = np.zeros(len(keys), np.uint64)
    for column in keys.T:
        hashes = hashes * _BASE + column
    return hashes


def parts(text: str, length: int = _PART) -> Iterator[str]:
    """A text in parts of about `length` characters, cut where no phrase can be: `"".join` gives it back."""
    start = 0
    while len(text) - start > length:
        end = start + length
        cut = SEPARATORS.search(text, end, end + length)
        end = cut.end() if cut else end + length
        yield text[start:end]
        start = end
    yield text[start:]
