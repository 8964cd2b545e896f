"""What else may a query's word be called in this index, and how much does each name count?

A word of the regional vocabulary becomes a group of alternatives, the typed word first with weight 1. An
alternative counts the more, the more documents hold it rather than the typed word: where nobody says
軟體, 软件 counts almost as if it had been typed. The pairs across the edges of such a word are groups too,
since 软件包 typed as 軟體包 must not lose 件包.
Each alternative's idf is capped by that of the whole group, so a rare name is not worth more than the thing.
Other spellings of a Latin word or a number (`indexer.query.spellings`) are groups of their own beside what
is typed, which scores as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from indexer.query.spellings import Holding, spellings
from indexer.text.analyzer import grams, phrase
from indexer.text.vocabulary import Vocabulary

# The most an alternative may count beside the typed word's 1, and what another spelling counts.
_CEILING, _SPELLED = 0.95, 0.5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the vocabulary at `start:end` of a folded string, with its names and their weights."""

    start: int
    end: int
    names: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One name: the pairs (or the one character) it consists of, its characters, its weight.

    `documents` is how many documents hold it at most.
    """

    pairs: tuple[str, ...]
    characters: tuple[str, ...]
    weight: float
    documents: int


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives of which the best counts. `documents` is how many documents hold any, at most.

    `expansions` are those that were not typed, as words.
    """

    alternatives: tuple[Alternative, ...]
    documents: int
    expansions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A vocabulary over one index."""

    vocabulary: Vocabulary
    index: Holding

    def frequency(self, gram: str) -> int:
        """How many documents hold a gram."""
        return self.index.frequencies("grams", [gram])[0]

    def words(self, folded: str, boundaries: set[int]) -> list[Word]:
        """The words of the vocabulary in a folded string that have another name in this index."""
        found: list[Word] = []
        occurrences = self.vocabulary.occurrences(folded, boundaries)
        texts = {
            text for each in occurrences for text in (each.text, *(other.text for other in each.expansions))
        }
        holding = self._holding(texts)
        for occurrence in occurrences:
            own = holding[occurrence.text]
            names = {occurrence.text: 1.0}
            for expansion in occurrence.expansions:
                other = holding[expansion.text]
                if other:
                    share = other / (own + other)
                    names[expansion.text] = expansion.weight + (_CEILING - expansion.weight) * share
            if len(names) > 1:
                found.append(Word(occurrence.start, occurrence.end, names))
        return found

    def spelled(self, folded: str) -> Iterator[Group]:
        """A group for each other spelling of a Latin word or number, each worth less than the typed one."""
        for spelling in spellings(folded, self.index):
            name = Alternative(spelling.other, (), _SPELLED / len(spelling.other), spelling.documents[1])
            yield Group((name,), sum(spelling.documents), (" ".join(spelling.other),))

    def holding(self, text: str) -> int:
        """How many documents hold a folded text at most: as many as hold its rarest pair."""
        return self._holding((text,))[text]

    def _holding(self, texts: Collection[str]) -> dict[str, int]:
        """The same of several texts, asked for at once."""
        pairs = list({pair for text in texts for pair in _pairs(text)})
        # The characters will be asked for too, and all at once takes a fraction of the time.
        asked = [*pairs, *{character for text in texts for character in text}]
        known = dict(zip(asked, self.index.frequencies("grams", asked), strict=True)) if pairs else {}
        return {text: min(map(known.__getitem__, _pairs(text)), default=0) for text in texts}


def word_group(word: Word, alternatives: Alternatives) -> Group:
    """The group of a word's names."""
    members = []
    for text, weight in word.names.items():
        characters = tuple(gram for gram in grams(text).terms if len(gram) == 1)
        members.append(Alternative(_pairs(text), characters, weight, alternatives.holding(text)))
    expansions = tuple(word.names)[1:]
    return Group(tuple(members), sum(member.documents for member in members), expansions)


def edge_group(pair: str, left: Word | None, right: Word | None, alternatives: Alternatives) -> Group:
    """The group of the pairs that stand across an edge, whichever name stands on either side."""
    befores = {text[-1]: u for text, u in _rising(left)} if left else {pair[0]: 1.0}
    afters = {text[0]: u for text, u in _rising(right)} if right else {pair[-1]: 1.0}
    members = [
        Alternative((before + after,), (), u * v, alternatives.frequency(before + after))
        for before, u in befores.items()
        for after, v in afters.items()
    ]
    return Group(tuple(members), sum(member.documents for member in members))


def _rising(word: Word) -> list[tuple[str, float]]:
    """A word's names by rising weight, so that of equal edges the best weight stays."""
    return sorted(word.names.items(), key=lambda item: item[1])


@lru_cache(maxsize=4096)
def _pairs(text: str) -> tuple[str, ...]:
    return tuple(phrase(grams(text)))
