"""Which entries of a lexicon does a key lead to? Bisection over the mapped file, nothing loaded.

Entries are numbers; **every hash match is checked against the text it stands for by its user**.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import ArrayFile, damaged, decoded, taken
from indexer.derived.suggest.sounds import FIRST, LAST, READINGS, Sounds
from indexer.derived.suggest.writing import digest

Numbers = NDArray[np.uint32]
_NOWHERE = np.zeros(0, np.int64)


class Strings:
    """Strings in order, in one mapped block, verified when the first is asked for."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._file, self._name = file, name

    @cached_property
    def _block(self) -> memoryview:
        return self._file.array(self._name).data

    @cached_property
    def _at(self) -> memoryview:
        return self._file.array(f"{self._name}_at").data

    def __len__(self) -> int:
        return len(self._at) - 1

    def raw(self, number: int) -> bytes:
        """One string as UTF-8, whose order is that of code points."""
        try:
            return bytes(self._block[self._at[number] : self._at[number + 1]])
        except IndexError as error:
            raise damaged(f"a lexicon's {self._name}") from error

    def starting(self, prefix: str) -> range:
        """The numbers of the strings that start with `prefix`."""
        key = prefix.encode("utf-8", "surrogatepass")
        everything = range(len(self))
        low = bisect_left(everything, key, key=self.raw)
        # 0xff is in no UTF-8 text: it sorts after every continuation of the prefix.
        return range(low, bisect_left(everything, key + b"\xff", low, key=self.raw))

    def equal(self, text: str) -> range:
        """The numbers of the strings that are `text`."""
        key = text.encode("utf-8", "surrogatepass")
        everything = range(len(self))
        low = bisect_left(everything, key, key=self.raw)
        # No string lies between a text and the text with a NUL after it.
        return range(low, bisect_left(everything, key + b"\0", low, key=self.raw))


class Table:
    """A lexicon's file, opened."""

    def __init__(self, file: ArrayFile) -> None:
        self.documents: int = file.metadata["documents"]
        self.texts = Strings(file, "text")
        self.pinyin = Strings(file, "pinyin")
        self.initials = Strings(file, "initials")
        self._shown = Strings(file, "shown")
        self._file = file

    @classmethod
    def open(cls, path: Path) -> Table:
        """Map the file. Raises `IndexCorrupt` where it is not complete, `OSError` where there is none."""
        return cls(ArrayFile.open(path))

    @cached_property
    def count(self) -> memoryview:
        """How many documents hold each entry."""
        return self._of_entries("count").data

    @cached_property
    def rank(self) -> Numbers:
        """The place of each entry among all, the most useful first."""
        return self._of_entries("rank")

    @cached_property
    def kind(self) -> memoryview:
        """What each entry is."""
        return self._of_entries("kind").data

    def _of_entries(self, name: str) -> NDArray[Any]:
        found = self._file.array(name)
        if len(found) != len(self.texts):
            raise damaged(f"a lexicon's {name}")
        return found

    @cached_property
    def sounds(self) -> Sounds:
        """The readings of characters."""
        readings, syllables = self._file.array("readings"), self._file.metadata["syllables"]
        shape = LAST - FIRST + 1, READINGS
        if len(readings) != shape[0] * shape[1] or int(readings.max()) >= len(syllables):
            raise damaged("a lexicon's readings")
        return Sounds(syllables, readings.reshape(shape))

    @cached_property
    def syllables(self) -> frozenset[str]:
        """All syllables that are some character's reading."""
        return frozenset(filter(None, self._file.metadata["syllables"]))

    def text(self, number: int) -> str:
        """The folded text of an entry."""
        return decoded(self.texts.raw(number))

    def shown(self, number: int) -> str:
        """The entry as it is shown: a title in its own script, else the folded text."""
        return decoded(self._shown.raw(number)) or self.text(number)

    def spelled(self, which: str, prefix: str) -> Numbers:
        """Entries with a spelling ("pinyin" or "initials") that starts with `prefix`; some may repeat."""
        strings: Strings = getattr(self, which)
        return self.spelled_in(which, strings.starting(prefix))

    def spelled_in(self, which: str, found: range) -> Numbers:
        """Entries of a range of the spellings "pinyin" or "initials"."""
        of: Numbers = self._file.array(f"{which}_of")
        return of[found.start : found.stop]

    def best(self, numbers: Numbers, size: int) -> list[int]:
        """The `size` most useful of `numbers`, the most useful first."""
        ranks = taken(self.rank, numbers, "a lexicon")
        if len(ranks) > size:
            part = np.argpartition(ranks, size)[:size]
            numbers, ranks = numbers[part], ranks[part]
        return list(dict.fromkeys(numbers[np.argsort(ranks)].tolist()))

    def hashed(self, which: str, keys: Sequence[str]) -> list[tuple[int, int]]:
        """(index into `keys`, entry) for what "exact", "sound" or "drop" has under the keys' hashes."""
        hashes: Numbers = self._file.array(which)
        entries: Numbers = self._file.array(f"{which}_of")
        wanted = np.array([digest(key) for key in keys], np.uint32)
        lows = np.searchsorted(hashes, wanted, "left")
        highs = np.searchsorted(hashes, wanted, "right")
        return [
            (int(index), number)
            for index in np.flatnonzero(highs > lows)
            for number in entries[lows[index] : highs[index]].tolist()
        ]

    def range_best(self, numbers: range, size: int) -> list[int]:
        """The `size` most useful entries of a range of numbers."""
        return self.best(np.arange(numbers.start, numbers.stop, dtype=np.uint32), size)

    def holds(self, text: str) -> bool:
        """Whether `text` is an entry."""
        found = bisect_left(
            range(len(self.texts)), key := text.encode("utf-8", "surrogatepass"), key=self.texts.raw
        )
        return found < len(self.texts) and self.texts.raw(found) == key

    def homophones(self, character: str, most: int) -> list[str]:
        """Characters of the index that share a reading with `character`, the commonest first."""
        codes, readings = self._letters
        sounds = self.sounds
        code = ord(character) - FIRST
        if not 0 <= code < len(sounds.table):
            return []
        own = [number for number in sounds.table[code].tolist() if number]
        places = [np.flatnonzero(readings.reshape(-1) == number) // READINGS for number in own]
        found = np.unique(np.concatenate([*places, _NOWHERE]))[: most + 1]
        return [chr(code) for code in codes[found].tolist() if chr(code) != character][:most]

    @cached_property
    def _letters(self) -> tuple[Numbers, NDArray[np.uint16]]:
        codes: Numbers = self._file.array("letters")
        return codes, taken(self.sounds.table, codes.astype(np.int64) - FIRST, "a lexicon")
