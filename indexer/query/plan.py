"""How is a query evaluated? Syntax tree → nodes for an engine, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A query of plain words finds what holds enough of them
(`[ranking] least`); next to operators, what holds any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from indexer.config import RankingSettings
from indexer.query import nodes
from indexer.query.alternatives import Alternative, Alternatives, Group
from indexer.query.nodes import Node
from indexer.query.ranking import RANKING, inverse_frequency
from indexer.query.syntax import And, Gapped, Not, Or, Phrase, Piece, Tree, Words
from indexer.query.terms import Terms, terms_of
from indexer.text.analyzer import Analyzer, Tokens, asked, asked_grams, breaks, phrase
from indexer.text.normalize import normalize
from indexer.text.units import CJK, STOP

# Up to so many gaps of a phrase each is looked for with and without the end of a sentence.
_MOST_GAPS = 3
_CHARACTERS = re.compile(f"[{CJK}]{{2,}}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A query ready to be run: what an engine evaluates, and the terms that are to stand close together."""

    query: Node
    terms: Terms


@dataclass(frozen=True, slots=True)
class Planner:
    """What a plan depends on besides the query; `documents` is how many the index has."""

    analyzer: Analyzer
    alternatives: Alternatives | None = None
    documents: int = 0
    ranking: RankingSettings = RANKING

    def plan(self, tree: Tree | None) -> Plan:
        """The plan of a syntax tree; one that finds nothing where there is nothing to look for."""
        terms = self._terms_of(tree)
        if not isinstance(tree, Words) or not terms.pairs:
            return Plan(self._query(tree), terms)
        pairs = _bag("grams", terms.plain, self.ranking.pair)
        enough = nodes.Enough("grams", terms.pairs, self.ranking.least, terms.others)
        return Plan(nodes.Maybe(enough, nodes.AnyOf((pairs, *self._ranking(terms)))), terms)

    def _query(self, tree: Tree | None) -> Node:
        match tree:
            case Words():
                return self._words(tree)
            case Phrase(text, field):
                return self._phrase(text, field)
            case Gapped(pieces, field):
                return _gapped(_grams_of(field), pieces)
            case Or(trees):
                return nodes.AnyOf(tuple(map(self._query, trees)))
            case And(trees):
                wanted = tuple(self._query(child) for child in trees if not isinstance(child, Not))
                unwanted = tuple(self._excluded(child.node) for child in trees if isinstance(child, Not))
                base = nodes.AllOf(wanted) if wanted else nodes.Everything()
                return nodes.Without(base, nodes.AnyOf(unwanted)) if unwanted else base
            case Not(inner):
                return nodes.Without(nodes.Everything(), self._excluded(inner))
            case _:
                return nodes.Nothing()

    def _excluded(self, tree: Tree) -> Node:
        """What `-x` keeps out: x as it is written, but for where it is a part of longer words."""
        match tree:
            case Words(terms):
                return nodes.AnyOf(tuple(map(self._as_words, terms)))
            case Or(trees):
                return nodes.AnyOf(tuple(map(self._excluded, trees)))
            case And(trees):
                return nodes.AllOf(tuple(map(self._excluded, trees)))
            case _:
                return self._query(tree)

    def _as_words(self, text: str) -> Node:
        """What holds a text as it stands, without what has it in longer words alone: 中国 in 发展中国家.

        Where the segmenter parts it, or takes its end to the next word, it still is what was written.
        """
        written = self._query(Phrase(text))
        folded = normalize(asked(text))
        if not _CHARACTERS.fullmatch(folded):
            return written
        standing = nodes.AllOf(tuple(nodes.Term("words", word) for word in self.analyzer.word_terms(text)))
        longer = (nodes.Pattern(f"?*{folded}*"), nodes.Pattern(f"{folded}?*"))
        inside = nodes.AnyOf(tuple(nodes.Spaced("words", (nodes.Place(pattern),)) for pattern in longer))
        return nodes.Without(written, nodes.Without(inside, standing))

    def _terms_of(self, tree: Tree | None) -> Terms:
        return terms_of(tree, self.analyzer, self.alternatives, self.ranking.usual)

    def _words(self, tree: Words) -> Node:
        terms = self._terms_of(tree)
        if not terms.pairs:
            return _signs(None, terms.words)
        typed = _bag("grams", terms.plain, self.ranking.pair)
        grouped = nodes.Bag("grams", {pair: 0.0 for pair in terms.pairs if pair not in terms.plain})
        others = (in_sequence("grams", name, 0.0) for name in terms.others)
        return nodes.Maybe(nodes.AnyOf((typed, grouped, *others)), nodes.AnyOf((*self._ranking(terms),)))

    def _phrase(self, text: str, field: str | None) -> Node:
        if found := _exact(_grams_of(field), asked_grams(text)):
            return found
        return _signs(field, self.analyzer.word_terms(text))

    def _ranking(self, terms: Terms) -> Iterator[Node]:
        """What adds to the score of a document besides the typed pairs that score by themselves."""
        if terms.whole:
            yield nodes.Sequence("grams", terms.whole, self.ranking.exact)
        yield _bag("words", terms.words, self.ranking.word)
        yield _bag("grams", terms.characters, self.ranking.character)
        yield from map(self._group, terms.groups)

    def _group(self, group: Group) -> Node:
        """The best of a group's alternatives; no idf of a part exceeds that of the group."""
        cap = inverse_frequency(group.documents, self.documents)
        return nodes.BestOf(
            tuple(nodes.AnyOf((*self._alternative(each, cap),)) for each in group.alternatives)
        )

    def _alternative(self, alternative: Alternative, cap: float) -> Iterator[Node]:
        """The pairs and characters of one name, and the whole of it as a word."""
        weight = alternative.weight
        idf = {gram: self._idf(gram) for gram in {*alternative.pairs, *alternative.characters}}
        whole = min(inverse_frequency(alternative.documents, self.documents), cap)
        kinds = ((alternative.pairs, self.ranking.pair), (alternative.characters, self.ranking.character))
        for grams, kind in kinds:
            weights = {gram: weight * kind * min(idf[gram], cap) / idf[gram] for gram in grams}
            yield nodes.Bag("grams", weights)
        if alternative.characters:
            share = self.ranking.word * whole / sum(idf[pair] for pair in alternative.pairs)
            yield in_sequence("grams", alternative.pairs, weight * share)

    def _idf(self, gram: str) -> float:
        frequency = self.alternatives.frequency(gram) if self.alternatives else 0
        return inverse_frequency(frequency, self.documents)


def _bag(field: str, counts: Mapping[str, float], weight: float) -> Node:
    return nodes.Bag(field, {term: count * weight for term, count in counts.items()})


def _grams_of(field: str | None) -> str:
    return f"{field}_grams" if field else "grams"


def _exact(field: str, tokens: Tokens) -> Node | None:
    """A text as it stands. Where something was typed between, a sentence may end, whatever was typed."""
    terms, gaps = phrase(tokens), breaks(tokens)
    if not terms:
        return None
    if len(gaps) > _MOST_GAPS:
        places = (nodes.Place(term, 1, 2 if at in gaps else 1) for at, term in enumerate(terms))
        # Nothing but the end of a sentence may take the second position.
        beside = (_in_sequences(field, terms[at - 1 : at + 1], (1,), 0.0) for at in gaps)
        return nodes.AllOf((nodes.Spaced(field, tuple(places)), *beside))
    return _in_sequences(field, terms, gaps, 1.0)


def _in_sequences(field: str, terms: Sequence[str], gaps: Sequence[int], weight: float) -> Node:
    """The terms one after the other; before each of those at `gaps` a sentence may end."""
    several = [
        in_sequence(field, _with_stops(terms, chosen), weight)
        for count in range(len(gaps) + 1)
        for chosen in combinations(gaps, count)
    ]
    return several[0] if len(several) == 1 else nodes.AnyOf(tuple(several))


def _with_stops(terms: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(
        term for at, each in enumerate(terms) for term in ((STOP, each) if at in places else (each,))
    )


def _gapped(field: str, pieces: Iterable[Piece]) -> Node:
    """The pieces as places: the first gram of each as far from what is before as the gap says."""
    places: list[nodes.Place] = []
    # How far a place right behind the last one is from it: a pair reaches over two.
    behind = 1
    for piece in pieces:
        tokens = asked_grams(piece.text)
        terms: Iterable[str | nodes.Pattern] = phrase(tokens)
        if piece.pattern:
            terms = [nodes.Pattern(normalize(piece.text))]
        for number, term in enumerate(terms):
            gap = (behind + piece.least, behind + piece.most) if number == 0 else (1, 1)
            places.append(nodes.Place(term, *gap))
        behind = 1 if piece.pattern else len(set(tokens.positions)) - len(phrase(tokens)) + 1
    return nodes.Spaced(field, tuple(places), stop=STOP) if places else nodes.Nothing()


def _signs(field: str | None, signs: Iterable[str]) -> Node:
    """What has these signs (★), which are words without a position."""
    name = f"{field}_signs" if field else "words"
    found = tuple(nodes.Term(name, sign) for sign in signs) if field in (None, "title") else ()
    return nodes.AllOf(found) if found else nodes.Nothing()


def in_sequence(field: str, terms: tuple[str, ...], weight: float) -> Node:
    """The terms, at least one, one after the other."""
    if len(terms) == 1:
        return nodes.Term(field, terms[0], weight)
    return nodes.Sequence(field, terms, weight)
