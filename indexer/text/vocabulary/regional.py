"""Which words of a query are called something else elsewhere? Folded query in, weighted expansions out.

Expansion happens at query time only, so a change of the tables needs no rebuild and moves no offset.
Longer words win: 程式碼 is expanded as a whole and the 程式 in it is not; nor is a word inside a guard
word (软体 in 软体动物).
Invariant: spans are ascending, do not overlap, and hold at least two characters.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from indexer.text.vocabulary.tables import Links, built_in_links, guard_words, user_links

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another word for the same: folded `text`, and its `weight` beside the typed word's 1."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word of the vocabulary at `folded[start:end]` of the query; expansions by falling weight."""

    start: int
    end: int
    text: str
    expansions: tuple[Expansion, ...]


class Vocabulary:
    """Words with their expansions. Immutable; safe to share between threads.

    The built-in tables are read when the first text is looked through (30 ms, once a process).
    """

    def __init__(self, links: Links, *, built_in: bool = False) -> None:
        """Words of one's own, and with `built_in` those of the tables too."""
        self._own = links
        self._built_in = built_in

    @cached_property
    def _links(self) -> Links:
        if not self._built_in:
            return self._own
        links = dict(built_in_links())
        for word, targets in self._own.items():
            links[word] = links.get(word, {}) | targets
        return links

    @cached_property
    def _guards(self) -> frozenset[str]:
        return guard_words() - self._links.keys() if self._built_in else frozenset()

    @cached_property
    def _lengths(self) -> Mapping[str, list[int]]:
        """How long the words are that begin with two characters, the longest first."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in [*self._links, *self._guards]:
            lengths[word[:2]].add(len(word))
        return {first: sorted(found, reverse=True) for first, found in lengths.items()}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the words of one's own; the tables are the same for all of one release."""
        return hashlib.sha256(repr(self._own).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self._links)

    def expansions(self, word: str) -> tuple[Expansion, ...]:
        """The expansions of one folded word; empty for a word that is not in the vocabulary."""
        targets = sorted(self._links.get(word, {}).items(), key=lambda item: -item[1])
        return tuple(Expansion(text, weight) for text, weight in targets)

    def occurrences(self, folded: str, boundaries: set[int] | None = None) -> list[Occurrence]:
        """The words of the vocabulary in a folded query, in order.

        `boundaries` are the offsets between the words of a segmenter, 0 and the length among them. A word
        that begins and ends inside theirs is none (国中 in 中国|中部); where two compete for a
        character, the one that agrees with the segmenter is taken.

        >>> [(o.text, o.expansions[0].text) for o in load_vocabulary().occurrences("印表机的记忆体")]
        [('印表机', '打印机'), ('记忆体', '内存')]
        """
        taken: list[Span] = []
        candidates = [span for span in self._candidates(folded) if _outside(span, boundaries) < 2]
        for span in sorted(candidates, key=lambda span: _preference(span, boundaries)):
            if all(span[1] <= start or end <= span[0] for start, end in taken):
                taken.append(span)
        found = ((start, end, folded[start:end]) for start, end in sorted(taken))
        return [
            Occurrence(start, end, word, self.expansions(word))
            for start, end, word in found
            if word not in self._guards
        ]

    def _candidates(self, folded: str) -> Iterator[Span]:
        lengths = self._lengths
        for start in range(len(folded) - 1):
            for length in lengths.get(folded[start : start + 2], ()):
                end = start + length
                word = folded[start:end]
                known = word in self._links or word in self._guards
                if known and len(word) == length and _stands_alone(folded, start, end):
                    yield start, end


def load_vocabulary(user: Path | None = None) -> Vocabulary:
    """The built-in vocabulary with the user's synonyms (`[search] synonyms`) over it.

    Reading the file again is all that a change of it takes. Raises `ConfigError` naming file and line.
    """
    return _BUILT_IN if user is None else Vocabulary(user_links(user), built_in=True)


_BUILT_IN = Vocabulary({}, built_in=True)


def _preference(span: Span, boundaries: set[int] | None) -> tuple[int, int, int]:
    """Longest first; of equal ones that which the segmenter agrees with, then the leftmost."""
    start, end = span
    return start - end, _outside(span, boundaries), start


def _outside(span: Span, boundaries: set[int] | None) -> int:
    """How many ends of the span are inside a word of the segmenter."""
    return 0 if boundaries is None else sum(edge not in boundaries for edge in span)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin edge of the span is a word's edge: "ai" is not in "chain"."""
    return not (_latin(text[start]) and start and _latin(text[start - 1])) and not (
        _latin(text[end - 1]) and end < len(text) and _latin(text[end])
    )


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
