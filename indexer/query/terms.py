"""Which terms does a query's words stand for, and how much does each count?

*Pairs* (and Latin words, numbers, and a character typed by itself) make a match, *characters* and *words*
only rank. What everybody says (什麼, 可以, 是不是) counts less than what names something: in an archive of
statements a question's words are rare, so their idf would make them weigh as much as its subject. How much
says the segmenter's dictionary (`ranking.meaning`); a gram counts what the words that it stands in count on
average. A word that is called something else elsewhere (軟體, 软件) becomes a *group*: the best of its
alternatives counts, not their sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_

from indexer.query.alternatives import Alternatives, Group, Word, edge_group, word_group
from indexer.query.patterns import LATIN_EDGE
from indexer.query.ranking import RANKING, meaning
from indexer.query.syntax import Tree, Words, positive
from indexer.text.analyzer import Analyzer, Tokens, asked, grams, phrase
from indexer.text.normalize import normalize

# A string of this many grams is looked for as it stands; longer ones are sentences, seldom repeated.
_EXACT = range(2, 9)


@dataclass(frozen=True, slots=True)
class Terms:
    """Folded terms with what each counts for: how often it is typed, times what it means.

    `pairs` are all that make a match; `plain` are those of them that score by themselves, the others
    score in `groups`. `others` are the alternatives as sequences of pairs, which make a match too;
    `expansions` are the same as words, to be marked. `exact` are short typed strings and the grams that
    each consists of; `whole` are the grams of all that is typed as one string, empty for a long one.
    """

    pairs: Mapping[str, float]
    plain: Mapping[str, float]
    others: Mapping[tuple[str, ...], float]
    characters: Mapping[str, float]
    words: Mapping[str, float]
    groups: tuple[Group, ...]
    exact: Mapping[str, tuple[str, ...]]
    whole: tuple[str, ...]
    expansions: frozenset[str]


def terms_of(
    tree: Tree | None,
    analyzer: Analyzer,
    alternatives: Alternatives | None = None,
    usual: float = RANKING.usual,
) -> Terms:
    """The terms of all words of a query tree; without `alternatives`, as typed. `usual`: see `meaning`.

    >>> from indexer.config import load_config; from indexer.text.analyzer import load_analyzer
    >>> terms = terms_of(Words(("無錫在哪？",)), load_analyzer(load_config()))
    >>> {pair: round(count, 2) for pair, count in terms.pairs.items()}
    {'无锡': 1.0, '锡在': 0.6, '在哪': 0.54}
    """
    leaves = [leaf.terms for leaf in positive(tree) if isinstance(leaf, Words)]
    collected = _Collected(usual)
    for leaf in leaves:
        shown = [asked(term) for term in leaf]
        for term in shown:
            collected.add(term, analyzer, alternatives)
        if alternatives:
            # Words side by side may be one word elsewhere.
            collected.groups += alternatives.spelled(normalize(" ".join(shown)))
    short = [(folded, tuple(phrase(tokens))) for folded, tokens in collected.typed if _is_short(tokens)]
    exact = {folded: sequence for folded, sequence in short if len(sequence) in _EXACT}
    return Terms(
        pairs=collected.weighed(collected.pairs),
        plain=collected.weighed(collected.plain),
        others=collected.others(),
        characters=collected.weighed(collected.characters),
        words=collected.weighed(collected.words),
        groups=tuple(collected.groups),
        exact=exact,
        whole=_whole([sequence for _, sequence in short]) if len(short) == len(collected.typed) else (),
        expansions=frozenset(text for group in collected.groups for text in group.expansions),
    )


class _Collected:
    """The terms of the typed strings so far; `typed` are these, folded, and their grams."""

    def __init__(self, usual: float) -> None:
        self._usual = usual
        self._meanings: dict[str, float] = {}
        self.typed: list[tuple[str, Tokens]] = []
        self.pairs: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()
        self.characters: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.groups: list[Group] = []

    def add(self, shown: str, analyzer: Analyzer, alternatives: Alternatives | None) -> None:
        """Collect one string."""
        folded = normalize(shown)
        tokens, words = grams(folded), analyzer.words(shown)
        self.typed.append((folded, tokens))
        self._understand(folded, tokens, words, analyzer)
        known = alternatives.words(folded, {0, *words.ends}) if alternatives else []
        alone = stand_alone(tokens)
        matching = [alone or len(gram) > 1 or not _is_character(gram) for gram in tokens.terms]
        if known and alternatives:
            self._group(tokens, words, matching, known, alternatives)
            return
        pairs = [*compress(tokens.terms, matching)]
        for counts in (self.pairs, self.plain):
            counts.update(pairs)
        if len(pairs) < len(matching):
            self.characters.update(compress(tokens.terms, map(not_, matching)))
        self.words.update(words.terms)

    def _group(
        self,
        tokens: Tokens,
        words: Tokens,
        matching: Sequence[bool],
        known: Sequence[Word],
        alternatives: Alternatives,
    ) -> None:
        """Collect a string some words of which, `known`, have other names."""
        owner = {at: word for word in known for at in range(word.start, word.end)}
        for gram, makes_match, start, end in zip(
            tokens.terms, matching, tokens.starts, tokens.ends, strict=True
        ):
            if makes_match:
                self.pairs[gram] += 1
            # Of a character or a pair these are all places.
            owners = [owner.get(start), *map(owner.get, range(start + 1, end - 1)), owner.get(end - 1)]
            if not any(owners):
                (self.plain if makes_match else self.characters)[gram] += 1
            elif any(other is not owners[0] for other in owners):
                self.groups.append(edge_group(gram, owners[0], owners[-1], alternatives))
        for word, start, end in zip(words.terms, words.starts, words.ends, strict=True):
            if not any(at in owner for at in range(start, end)):
                self.words[word] += 1
        self.groups += [word_group(word, alternatives) for word in known]

    def _understand(self, folded: str, tokens: Tokens, words: Tokens, analyzer: Analyzer) -> None:
        """Note what the words and grams of a string mean; of one that stands in several places, the most."""
        best = self._meanings
        at = [1.0] * len(folded)
        for word, start, end in zip(words.terms, words.starts, words.ends, strict=True):
            value = meaning(analyzer.surprise(word), self._usual)
            if value > best.get(word, 0.0):
                best[word] = value
            at[start:end] = [value] * (end - start)
        for gram, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
            value = (at[start] + at[end - 1]) / 2
            if value > best.get(gram, 0.0):
                best[gram] = value

    def weighed(self, counts: Counter[str]) -> dict[str, float]:
        """How often each term is typed, times what it means."""
        meanings = self._meanings
        return {term: count * meanings.get(term, 0.0) for term, count in counts.items()}

    def others(self) -> dict[tuple[str, ...], float]:
        """The alternatives of whole words that are not typed, with the best weight each has."""
        best: dict[tuple[str, ...], float] = {}
        for group in self.groups:
            for alternative in group.alternatives[-len(group.expansions) :] if group.expansions else ():
                best[alternative.pairs] = max(best.get(alternative.pairs, 0.0), alternative.weight)
        return best


def stand_alone(tokens: Tokens) -> bool:
    """Whether a string is nothing but characters typed by themselves, which then make a match: 峰。, 茶、酒.

    >>> [stand_alone(grams(text)) for text in ("峰。", "茶、酒", "喝茶", "A。")]
    [True, True, False, False]
    """
    return all(map(_is_character, tokens.terms))


def _is_short(tokens: Tokens) -> bool:
    """Whether the phrase of a string may be one of `_EXACT`: it has a gram for each position, or one less."""
    return not tokens or tokens.positions[-1] <= _EXACT.stop


def _is_character(gram: str) -> bool:
    return len(gram) == 1 and (
        "\u4e00" <= gram <= "\u9fff" or not (gram.isascii() or LATIN_EDGE.search(gram))
    )


def _whole(sequences: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    whole = tuple(gram for sequence in sequences for gram in sequence)
    return whole if len(whole) in _EXACT else ()
