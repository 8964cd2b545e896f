"""Which words does the segmenter know, and how frequent is each? One mapped file for all processes.

    compiled(cache, name, read) → the file in `cache`, made where it is missing or damaged → Dictionary

The words are a trie in breadth-first order, so that a few arrays are all of it:

    first         of node n: its children are the edges first[n] … first[n + 1] - 1
    codes         of edge e: a code point; children are in order, and edge e leads to node e + 1
    rank          of node n: the place of its word's frequency among the different ones, 0 where no word ends
    frequencies   the different frequencies, ascending; the first is no word's
    weights       the logarithm of the probability of a word, by its rank; the first that of one in all

**The words of a text are those of jieba without HMM, by the same arithmetic**: the path whose frequencies
multiply to the most; of equal ones, that with the longer word.
"""

from __future__ import annotations

import os
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import ArrayFile, SectionWriter
from indexer.errors import IndexCorrupt

Numbers = NDArray[np.uint32]

# Bump when what is in the file changes.
_FORMAT = 3
_SUFFIX = ".words"
_SECTIONS = ("first", "codes", "rank", "frequencies", "weights")
_MOST = 2**32 - 1
# Each change of the user's dictionary is another file: the last few stay, for whoever still opens them.
_KEPT = 4


class Dictionary:
    """Words and their frequencies. Immutable; safe to share between threads."""

    def __init__(
        self,
        first: Numbers,
        codes: Numbers,
        rank: Numbers,
        frequencies: Numbers,
        weights: NDArray[np.float64],
    ) -> None:
        # Single numbers are read out of a memoryview several times faster than out of an array.
        self.first, self.codes, self.rank = first.data, codes.data, rank.data
        self.weights = weights.data
        """The logarithm of the probability of a word, by its rank."""
        self.unknown: float = self.weights[0]
        """The weight of a character that is in no word: the logarithm of one in all."""
        self._frequencies = frequencies

    @cached_property
    def total(self) -> int:
        """The sum of all frequencies."""
        return int(self._frequencies[np.asarray(self.rank)].sum(dtype=np.int64))

    def path(self, text: str) -> list[int]:
        """For each place of `text`, where the word ends that the best path has from there on."""
        first, codes, rank, weights = self.first, self.codes, self.rank, self.weights
        points = [*map(ord, text)]
        length = len(points)
        scores = [0.0] * (length + 1)
        ends = [0] * length
        for start in range(length - 1, -1, -1):
            node, end, best, best_end = 0, start, 0.0, 0
            while end < length:
                high = first[node + 1]
                edge = bisect_left(codes, points[end], first[node], high)
                if edge == high or codes[edge] != points[end]:
                    break
                node, end = edge + 1, end + 1
                if word := rank[node]:
                    score = weights[word] + scores[end]
                    if not best_end or score >= best:
                        best, best_end = score, end
            scores[start] = best if best_end else self.unknown + scores[start + 1]
            ends[start] = best_end or start + 1
        return ends

    def surprise(self, word: str) -> float:
        """How unlikely a word is in the language, in nats; one that is not known as one in all.

        >>> Dictionary(*compile_words({"无锡": 9, "无": 90, "软件园": 1})).surprise("软件园") == log(100)
        True
        """
        first, codes, node = self.first, self.codes, 0
        for point in map(ord, word):
            high = first[node + 1]
            edge = bisect_left(codes, point, first[node], high)
            if edge == high or codes[edge] != point:
                return -self.unknown
            node = edge + 1
        return -self.weights[self.rank[node]]

    def prefixes(self) -> dict[str, int]:
        """Every word with its frequency, and with 0 what only begins one: what jieba calls FREQ."""
        texts = [""]
        parents = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first)).tolist()
        for parent, code in zip(parents, map(chr, self.codes), strict=True):
            texts.append(texts[parent] + code)
        counts = self._frequencies[np.asarray(self.rank)[1:]].tolist()
        return dict(zip(texts[1:], counts, strict=True))

    def words(self) -> Iterator[tuple[str, int]]:
        """Every word and its frequency."""
        return ((word, count) for word, count in self.prefixes().items() if count)


def compiled(cache: Path, name: str, read: Callable[[], Mapping[str, int]]) -> Dictionary:
    """The dictionary called `name` in the directory `cache`; where it is not, `read` says what is in it.

    A damaged file is written anew. Where `cache` cannot be written to, or nothing is where it should be made,
    the dictionary is in memory.
    """
    path = cache / f"{name}-{_FORMAT}{_SUFFIX}"
    try:
        return _opened(path)
    except (OSError, IndexCorrupt):
        arrays = compile_words(read())
    try:
        _write(path, arrays)
        return _opened(path)
    except OSError:
        return Dictionary(*arrays)


def remove_unfinished(cache: Path) -> None:
    """Remove what processes that were killed left in a cache.

    One that is writing there at this moment keeps its dictionary in memory.
    """
    for file in cache.glob("*"):
        if file.suffix != _SUFFIX:
            file.unlink(missing_ok=True)


def compile_words(frequencies: Mapping[str, int]) -> tuple[NDArray[Any], ...]:
    """The arrays of a dictionary of at least one word.

    >>> Dictionary(*compile_words({"无锡": 9, "无": 5, "软件园": 2})).prefixes()
    {'无': 5, '软': 0, '无锡': 9, '软件': 0, '软件园': 2}
    """
    words = sorted(frequencies)
    first, codes, ends = _trie(words)
    counts = np.zeros(len(codes) + 1, np.uint32)
    counts[ends] = [min(frequencies[word], _MOST) for word in words]
    # The root ends no word, so the first of them is 0.
    different, rank = np.unique(counts, return_inverse=True)
    unknown = -log(int(counts.sum(dtype=np.int64)))
    weights = np.array([unknown + log(count or 1) for count in different.tolist()])
    return first, codes, rank.astype(np.uint32), different, weights


def _trie(words: Sequence[str]) -> tuple[Numbers, Numbers, Numbers]:
    """`first` and `codes` of sorted words, and the node at which each word ends."""
    lengths = np.array([*map(len, words)], np.int64)
    points = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = np.cumsum(lengths) - lengths
    nodes = np.zeros(len(words), np.uint32)
    codes: list[Numbers] = []
    parents: list[Numbers] = []
    count = 0
    for depth in range(int(lengths.max())):
        longer = np.flatnonzero(lengths > depth)
        parent, code = nodes[longer], points[starts[longer] + depth]
        # Sorted words that begin alike are neighbors, so a new edge is where either changes.
        new = np.ones(len(longer), bool)
        new[1:] = (parent[1:] != parent[:-1]) | (code[1:] != code[:-1])
        nodes[longer] = count + np.cumsum(new)
        codes.append(code[new])
        parents.append(parent[new])
        count += len(codes[-1])
    children = np.bincount(np.concatenate(parents), minlength=count + 1)
    first = np.concatenate([[0], np.cumsum(children)]).astype(np.uint32)
    return first, np.concatenate(codes), nodes


def _opened(path: Path) -> Dictionary:
    """Map a file; all of it is read against its sums."""
    return Dictionary(*map(ArrayFile.open(path).array, _SECTIONS))


def _write(path: Path, arrays: Sequence[NDArray[Any]]) -> None:
    """Put a whole file in place at once; of processes that do so at the same time, the last one's stays."""
    # Not its parents: who analyzes a text where no index is finds no folder of ours afterwards.
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        with open(temporary, "wb") as stream:
            writer = SectionWriter(stream)
            for section, array in zip(_SECTIONS, arrays, strict=True):
                writer.add(section, array)
            writer.close({})
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    for old in sorted(path.parent.glob(f"*{_SUFFIX}"), key=os.path.getmtime)[:-_KEPT]:
        old.unlink(missing_ok=True)
