"""Which terms does a query's words stand for, and how much does each count?

*Pairs* (and Latin words, numbers, and a character typed by itself) make a match, *characters* and *words*
only rank. What asks rather than names (什麼, 哪一年, 多少) counts little: in a corpus of statements it is
rare, so its idf would make it weigh as much as the subject of the question. A word that is called something
else elsewhere (軟體, 软件) becomes a *group*: the best of its alternatives counts, not their sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.query.alternatives import Alternatives, Group, edge_group, word_group
from indexer.query.patterns import LATIN_EDGE
from indexer.query.syntax import Tree, Words, positive
from indexer.text.analyzer import Analyzer, grams, phrase, visible
from indexer.text.normalize import normalize

# A string of this many grams is looked for as it stands; longer ones are sentences, seldom repeated.
_EXACT = range(2, 9)
_ASKING = 0.2
_QUESTION = re.compile(
    "为什么|是什么|什么|哪(?:[一个些里位种年家支座部间项所])*|为何|如何|怎么样|怎么|怎样|多少|谁"
    "|何(?:时|地|处|人|种|物|者|年|月)?|吗|呢|是否|请问"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Folded terms with what each counts for (how often it is typed, less where it only asks).

    `pairs` are all that make a match; `plain` are those of them that score by themselves, the others
    score in `groups`. `others` are the alternatives as sequences of pairs, which make a match too;
    `expansions` are the same as words, to be marked. `exact` are short typed strings and the grams that
    each consists of.
    """

    pairs: Mapping[str, float]
    plain: Mapping[str, float]
    others: Mapping[tuple[str, ...], float]
    characters: Mapping[str, float]
    words: Mapping[str, float]
    groups: tuple[Group, ...]
    exact: Mapping[str, tuple[str, ...]]
    expansions: frozenset[str]


def terms_of(tree: Tree | None, analyzer: Analyzer, alternatives: Alternatives | None = None) -> Terms:
    """The terms of all words of a query tree; without `alternatives`, as typed.

    >>> from indexer.config import load_config; from indexer.text.analyzer import load_analyzer
    >>> terms = terms_of(Words(("無錫在哪一省？",)), load_analyzer(load_config()))
    >>> [(pair, count) for pair, count in terms.pairs.items() if count == 1]
    [('无锡', 1.0), ('锡在', 1.0)]
    """
    leaves = [leaf.terms for leaf in positive(tree) if isinstance(leaf, Words)]
    shown = [[visible(term).text for term in terms] for terms in leaves]
    typed = [normalize(term) for terms in shown for term in terms]
    collected = _Collected()
    for terms in shown:
        for term in terms:
            collected.add(term, analyzer, alternatives)
        if alternatives:
            # Words side by side may be one word elsewhere.
            collected.groups += alternatives.spelled(normalize(" ".join(terms)))
    told = _told(typed, analyzer)
    return Terms(
        pairs=_weighed(collected.pairs, told),
        plain=_weighed(collected.plain, told),
        others=collected.others(),
        characters=_weighed(collected.characters, told),
        words=_weighed(collected.words, told),
        groups=tuple(collected.groups),
        exact=_exact(typed),
        expansions=frozenset(text for group in collected.groups for text in group.expansions),
    )


class _Collected:
    """The terms of the typed strings so far."""

    def __init__(self) -> None:
        self.pairs: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()
        self.characters: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.groups: list[Group] = []

    def add(self, shown: str, analyzer: Analyzer, alternatives: Alternatives | None) -> None:
        """Collect one string."""
        folded = normalize(shown)
        tokens, words = grams(folded), analyzer.words(shown)
        known = alternatives.words(folded, {0, *words.ends}) if alternatives else []
        owner = {at: word for word in known for at in range(word.start, word.end)}
        for gram, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
            makes_match = not _is_character(gram) or len(tokens) == 1
            if makes_match:
                self.pairs[gram] += 1
            owners = [owner.get(at) for at in range(start, end)]
            if owners.count(None) == len(owners):
                (self.plain if makes_match else self.characters)[gram] += 1
            elif alternatives and any(other is not owners[0] for other in owners):
                self.groups.append(edge_group(gram, owners[0], owners[-1], alternatives))
        for word, start, end in zip(words.terms, words.starts, words.ends, strict=True):
            if not any(at in owner for at in range(start, end)):
                self.words[word] += 1
        if alternatives:
            self.groups += [word_group(word, alternatives) for word in known]

    def others(self) -> dict[tuple[str, ...], float]:
        """The alternatives of whole words that are not typed, with the best weight each has."""
        best: dict[tuple[str, ...], float] = {}
        for group in self.groups:
            for alternative in group.alternatives[-len(group.expansions) :] if group.expansions else ():
                best[alternative.pairs] = max(best.get(alternative.pairs, 0.0), alternative.weight)
        return best


def _is_character(gram: str) -> bool:
    return len(gram) == 1 and not gram.isascii() and not LATIN_EDGE.search(gram)


def _told(typed: Iterable[str], analyzer: Analyzer) -> frozenset[str]:
    """The terms of what is left when question words are taken out."""
    pieces = [piece for folded in typed for piece in _QUESTION.split(folded)]
    told = {gram for piece in pieces for gram in grams(piece).terms}
    return frozenset(told.union(word for piece in pieces for word in analyzer.word_terms(piece)))


def _weighed(counts: Counter[str], told: frozenset[str]) -> dict[str, float]:
    asking = _ASKING if told else 1.0
    return {term: count * (1.0 if term in told else asking) for term, count in counts.items()}


def _exact(typed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    sequences = ((folded, tuple(phrase(grams(folded)))) for folded in typed)
    return {folded: sequence for folded, sequence in sequences if len(sequence) in _EXACT}
