"""Which neighboring words read as one? Those that begin and end parts of texts, and hold together.

A text falls into parts at whatever is no word. What only ever goes on (二首其一 never begins a title,
软件园在 never ends one) is a fragment; what begins parts and ends parts stands by itself. Sentences are no
titles: of their words only longer ones that are drawn to each other count. **The count of a phrase is
the number of texts that hold it.**
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.derived.suggest.sounds import is_han
from indexer.derived.suggest.spelled import distinct
from indexer.text.analyzer import Pieces

LONGEST_PHRASE = 7
SHORTEST_RUNNING = 2  # of each word in running text: a single character there is mostly grammar
# Normalized pointwise mutual information, from which words of running text read as one: 命名空间 has 0.95,
# 内置函数 0.58, 引发一个 0.50, 可以使用 0.43.
COHESION = 0.55
_BETWEEN = "\0"  # between two texts: no text has it, and no word
_NONE, _OTHER = 0, LONGEST_PHRASE  # the lengths of what is no word, and of a word that is not Han

# Parts of texts of so many characters are told apart by these, longer ones by a number and a bit more.
_PACKED, _CODE_BITS, _NUMBERED = 3, 21, np.uint64(1 << 63)

Numbers = NDArray[np.int64]
Cut = Callable[[str], Pieces]
"""`Analyzer.pieces`, or what stands for it."""


def title_phrases(titles: Mapping[str, int], cut: Cut) -> dict[str, int]:
    """The phrases of folded titles, each given with its documents.

    >>> import re
    >>> titles = {"无锡高新区": 2, "无锡高新区在变": 1, "走进无锡高新区": 1}
    >>> title_phrases(titles, lambda text: Pieces.of(re.findall("无锡|高新区|走进|.", text), str.isalnum))
    {'无锡高新区': 4}
    """
    pairs = _pairs(titles, cut)
    return pairs.texts((pairs.begins > 0) & (pairs.ends > 0))


def running_phrases(texts: Mapping[str, int], cut: Cut, least: int) -> dict[str, int]:
    """The phrases of folded running texts that at least `least` parts begin with, and `least` end with."""
    pairs = _pairs(texts, cut)
    shortest = np.minimum(pairs.lengths[pairs.firsts], pairs.lengths[pairs.seconds])
    standing = (pairs.begins >= least) & (pairs.ends >= least) & (pairs.documents > 1)
    return pairs.texts(standing & (shortest >= SHORTEST_RUNNING) & (pairs.cohesion() >= COHESION))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Different pairs of neighboring words, in columns: `words[firsts[i]]` and `words[seconds[i]]`.

    `documents` hold pair i, which occurs `times`, and begins and ends so many parts; `counts` says how often
    each word occurs.
    """

    words: Sequence[str]
    lengths: Numbers
    counts: Numbers
    firsts: Numbers
    seconds: Numbers
    times: Numbers
    begins: Numbers
    ends: Numbers
    documents: Numbers

    def cohesion(self) -> NDArray[np.float64]:
        """How much more often than by chance the words stand together: 1 for never apart, 0 for by chance."""
        total = self.counts.sum()
        chance = self.counts[self.firsts] / total * (self.counts[self.seconds] / total)
        found = self.times / total
        cohesion: NDArray[np.float64] = np.log(found / chance) / -np.log(found)
        return cohesion

    def texts(self, kept: NDArray[np.bool_]) -> dict[str, int]:
        """The kept pairs as texts, and their documents."""
        found: dict[str, int] = {}
        columns = (self.firsts[kept], self.seconds[kept], self.documents[kept])
        for first, second, count in zip(*(column.tolist() for column in columns), strict=True):
            text = self.words[first] + self.words[second]
            found[text] = max(count, found.get(text, 0))
        return found


def _pairs(texts: Mapping[str, int], cut: Cut) -> _Pairs:
    words, numbers, lengths = _numbered(cut(_BETWEEN.join(["", *texts, ""])))
    counts = np.fromiter(texts.values(), np.int64, len(texts))
    text = np.cumsum(numbers == numbers[0]) - 1
    left, right = lengths[numbers[:-1]], lengths[numbers[1:]]
    # Two single characters are a word the dictionary does not have, or none.
    long = (left + right > 2) & (left + right <= LONGEST_PHRASE)
    at = np.flatnonzero((left > _NONE) & (right > _NONE) & long)
    keys, which = np.unique(numbers[at] << 32 | numbers[at + 1], return_inverse=True)
    # A text that says a phrase twice is still one.
    once = distinct(which * len(texts) + text[at])
    return _Pairs(
        words,
        lengths,
        np.bincount(numbers, minlength=len(words)),
        keys >> 32,
        keys & 0xFFFFFFFF,
        np.bincount(which, minlength=len(keys)),
        np.bincount(which[lengths[numbers[at - 1]] == _NONE], minlength=len(keys)),
        np.bincount(which[lengths[numbers[at + 2]] == _NONE], minlength=len(keys)),
        np.bincount(once // len(texts), counts[once % len(texts)], len(keys)).astype(np.int64),
    )


def _numbered(pieces: Pieces) -> tuple[list[str], Numbers, Numbers]:
    """The different pieces, the number of each piece in order, and the lengths of the Han words."""
    ends = np.asarray(pieces.ends).astype(np.int64)
    starts = np.concatenate([[0], ends[:-1]])
    _, firsts, numbers = np.unique(_keys(pieces.text, starts, ends), return_index=True, return_inverse=True)
    known = [pieces.text[start:end] for start, end in _spans(starts, ends, firsts)]
    lengths = np.fromiter((_length(text, pieces.counts) for text in known), np.int64, len(known))
    return known, numbers, lengths


def _keys(text: str, starts: Numbers, ends: Numbers) -> NDArray[np.uint64]:
    """For each part of a text a number that equal ones share, and no others."""
    encoded = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = encoded.astype(np.uint64) + np.uint64(1)  # so that 0 is no character
    keys = codes[starts]
    for at in range(1, _PACKED):
        keys[ends - starts > at] |= codes[starts[ends - starts > at] + at] << np.uint64(_CODE_BITS * at)
    longer = np.flatnonzero(ends - starts > _PACKED)
    known: dict[str, int] = {}
    spans = _spans(starts, ends, longer)
    numbered = (known.setdefault(text[start:end], len(known)) for start, end in spans)
    keys[longer] = np.fromiter(numbered, np.uint64, len(longer)) | _NUMBERED
    return keys


def _spans(starts: Numbers, ends: Numbers, chosen: Numbers) -> Iterator[tuple[int, int]]:
    return zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True)


def _length(piece: str, is_word: Callable[[str], bool] | None) -> int:
    if is_han(piece) and (is_word is None or is_word(piece)):
        return len(piece)
    return _OTHER if is_word is None or is_word(piece) else _NONE
