"""Which terms do a query's words stand for, and how much does each count?

*Pairs* (and Latin words, numbers, and a character typed by itself) make a match, *characters* and *words*
only rank. What asks rather than names (什麼, 哪一年, 多少) counts little: in a corpus of statements it is
rare, so its idf would make it weigh as much as the subject of the question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.analyzer import Analyzer, phrase
from indexer.normalize import normalize
from indexer.query import Node, Words, positive

# A string of this many grams is looked for as it stands; longer ones are sentences, seldom repeated.
_EXACT = range(2, 9)
_ASKING = 0.2
_QUESTION = re.compile(
    "为什么|是什么|什么|哪(?:[一个些里位种年家支座部间项所])*|为何|如何|怎么样|怎么|怎样|多少|谁"
    "|何(?:时|地|处|人|种|物|者|年|月)?|吗|呢|是否|请问"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Folded terms with what each counts for (how often it is typed, less where it only asks)."""

    pairs: Mapping[str, float]
    characters: Mapping[str, float]
    words: Mapping[str, float]
    exact: tuple[tuple[str, ...], ...]


def terms_of(node: Node | None, analyzer: Analyzer) -> Terms:
    """The terms of all words of a query tree.

    >>> from indexer.config import load_config; from indexer.analyzer import load_analyzer
    >>> terms = terms_of(Words(("無錫在哪一省？",)), load_analyzer(load_config()))
    >>> [(pair, count) for pair, count in terms.pairs.items() if count == 1]
    [('无锡', 1.0), ('锡在', 1.0)]
    """
    typed = [term for leaf in positive(node) if isinstance(leaf, Words) for term in leaf.terms]
    pairs: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for term in typed:
        grams = analyzer.grams(term).terms
        for gram in grams:
            (characters if _is_character(gram) and len(grams) > 1 else pairs)[gram] += 1
        words.update(analyzer.word_terms(term))
    told = _told(typed, analyzer)
    return Terms(
        pairs=_weighed(pairs, told),
        characters=_weighed(characters, told),
        words=_weighed(words, told),
        exact=_exact(typed, analyzer),
    )


def _is_character(gram: str) -> bool:
    return len(gram) == 1 and not gram.isascii()


def _told(typed: Iterable[str], analyzer: Analyzer) -> frozenset[str]:
    """The terms of what is left when question words are taken out; of everything, if nothing is."""
    pieces = [piece for term in typed for piece in _QUESTION.split(normalize(term))]
    told = {gram for piece in pieces for gram in analyzer.grams(piece).terms}
    return frozenset(told.union(word for piece in pieces for word in analyzer.word_terms(piece)))


def _weighed(counts: Counter[str], told: frozenset[str]) -> dict[str, float]:
    asking = _ASKING if told else 1.0
    return {term: count * (1.0 if term in told else asking) for term, count in counts.items()}


def _exact(typed: Iterable[str], analyzer: Analyzer) -> tuple[tuple[str, ...], ...]:
    sequences = (tuple(phrase(analyzer.grams(term))) for term in typed)
    return tuple(sequence for sequence in sequences if len(sequence) in _EXACT)
