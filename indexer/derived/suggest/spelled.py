"""How are many texts spelled at once? Rows of syllable numbers, worked out and sorted as arrays.

**Row by row this is what `Sounds.spellings` gives of each text**, but for characters without a reading,
which a row passes over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.derived.suggest.sounds import FIRST, LAST, MOST, Sounds

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Spelled:
    """`rows[i]` are the syllables of a spelling of text `of[i]`, filled up with 0.

    The rows of a text follow one another, the usual spelling first.
    """

    rows: NDArray[np.uint16]
    of: NDArray[np.uint32]
    syllables: Sequence[str]

    def letters(self, written: Callable[[str], str] = str) -> tuple[Bytes, NDArray[np.int64]]:
        """Each row with its syllables as `written` gives them: a matrix filled up with 0, and the lengths."""
        forms = [written(syllable).encode() if syllable else b"" for syllable in self.syllables]
        width = max(map(len, forms), default=1)
        table = np.array(forms, f"S{width}").view(np.uint8).reshape(len(forms), width)
        return _aligned(table[self.rows].reshape(len(self.rows), self.rows.shape[1] * width))


def spelled(texts: Sequence[str], sounds: Sounds, longest: int) -> Spelled:
    """The spellings of the first `longest` Han characters of each text."""
    places = _places(texts, longest)
    readings = np.vstack([np.zeros_like(sounds.table[:1]), sounds.table])[places]
    usual = readings[:, :, 0]
    # What is read another way, text by text and character by character.
    texts_at, characters_at, columns = np.nonzero(readings[:, :, 1:])
    firsts = np.searchsorted(texts_at, texts_at)
    few = np.flatnonzero(np.arange(len(texts_at)) - firsts < MOST - 1)
    texts_at, characters_at, columns = texts_at[few], characters_at[few], columns[few]
    others = usual[texts_at]
    others[np.arange(len(few)), characters_at] = readings[texts_at, characters_at, columns + 1]
    owners = np.concatenate([np.arange(len(texts)), texts_at])
    order = np.argsort(owners, kind="stable")
    return Spelled(np.concatenate([usual, others])[order], owners[order].astype(np.uint32), sounds.syllables)


def are_han(texts: Sequence[str]) -> NDArray[np.bool_]:
    """`is_han` of each text."""
    codes, lengths = _codes(texts)
    others = np.concatenate([[0], np.cumsum((codes < FIRST) | (codes > LAST))])
    ends = lengths.cumsum()
    found: NDArray[np.bool_] = (lengths > 0) & (others[ends] == others[ends - lengths])
    return found


def _codes(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The code points of all texts, one after the other, and how many each has."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return codes, np.fromiter(map(len, texts), np.int64, len(texts))


def _places(texts: Sequence[str], longest: int) -> NDArray[np.int64]:
    """For each text the rows in the table of readings, counted from 1, of its first Han characters."""
    codes, lengths = _codes(texts)
    owners = np.repeat(np.arange(len(texts)), lengths)
    han = (codes >= FIRST) & (codes <= LAST)
    codes, owners = codes[han], owners[han]
    columns = np.arange(len(owners)) - np.searchsorted(owners, owners)
    near = columns < longest
    places = np.zeros((len(texts), longest), np.int64)
    places[owners[near], columns[near]] = codes[near].astype(np.int64) - FIRST + 1
    return places


def _aligned(letters: Bytes) -> tuple[Bytes, NDArray[np.int64]]:
    """Rows with their zeros moved to the end, and how many letters each has."""
    filled = letters != 0
    lengths = filled.sum(axis=1)
    # Whole numbers of eight bytes, which are compared at once when sorted.
    aligned = np.zeros((len(letters), -(-max(lengths.max(initial=1), 1) // 8) * 8), np.uint8)
    aligned[np.arange(aligned.shape[1]) < lengths[:, None]] = letters[filled]
    return aligned, lengths


def in_order(letters: Bytes, of: NDArray[np.uint32]) -> tuple[Bytes, NDArray[np.uint32]]:
    """The different rows of (`letters`, `of`), sorted."""
    columns: list[Any] = [*letters.view(">u8").T]
    order = np.lexsort([of, *reversed(columns)])
    letters, of = letters[order], of[order]
    new = np.ones(len(of), np.bool_)
    new[1:] = (of[1:] != of[:-1]) | (letters[1:] != letters[:-1]).any(axis=1)
    return letters[new], of[new]


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """Different numbers in order, in a third of the time of `np.unique`."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
