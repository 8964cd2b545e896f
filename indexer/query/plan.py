"""How is a query evaluated? Query tree → Whoosh query, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A query of plain words finds what holds enough of them
(`Weights.least`); next to operators, what holds any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from whoosh import query as whoosh

from indexer.engine.embedded.search.spacing import Place, Spaced
from indexer.query.alternatives import Alternative, Alternatives, Group
from indexer.query.ranking import WEIGHTS, Weights, inverse_frequency
from indexer.query.syntax import And, Gapped, Node, Not, Or, Phrase, Piece, Words
from indexer.query.terms import Terms, terms_of
from indexer.text.analyzer import Analyzer, Tokens, phrase
from indexer.text.normalize import normalize


@dataclass(frozen=True, slots=True)
class Plan:
    """A query ready to be run.

    `query` scores, and decides what matches unless `covering`: then enough of `terms` must be there.
    `terms` are also what is to stand close together.
    """

    query: whoosh.Query
    terms: Terms
    covering: bool


@dataclass(frozen=True, slots=True)
class Planner:
    """What a plan depends on besides the query; `documents` is how many the index has."""

    analyzer: Analyzer
    alternatives: Alternatives | None = None
    documents: int = 0
    weights: Weights = WEIGHTS

    def plan(self, node: Node | None) -> Plan:
        """The plan of a query tree; one that finds nothing where there is nothing to look for."""
        terms = terms_of(node, self.analyzer, self.alternatives)
        if isinstance(node, Words):
            pairs = _terms("grams", terms.plain, self.weights.pair)
            return Plan(whoosh.Or([*pairs, *self._ranking(terms)]), terms, covering=True)
        return Plan(self._query(node), terms, covering=False)

    def _query(self, node: Node | None) -> whoosh.Query:
        match node:
            case Words():
                return self._words(node)
            case Phrase(text, field):
                return _phrase(_grams_of(field), self.analyzer.grams(text))
            case Gapped(pieces, field):
                return _gapped(_grams_of(field), pieces, self.analyzer)
            case Or(nodes):
                return whoosh.Or([self._query(child) for child in nodes])
            case And(nodes):
                wanted = [self._query(child) for child in nodes if not isinstance(child, Not)]
                unwanted = [self._excluded(child.node) for child in nodes if isinstance(child, Not)]
                base = whoosh.And(wanted) if wanted else whoosh.Every()
                return whoosh.AndNot(base, whoosh.Or(unwanted)) if unwanted else base
            case Not(inner):
                return whoosh.AndNot(whoosh.Every(), self._excluded(inner))
            case _:
                return whoosh.NullQuery

    def _excluded(self, node: Node) -> whoosh.Query:
        """What `-x` keeps out: x as it is written, not every pair of it."""
        match node:
            case Words(terms):
                return whoosh.Or([self._query(Phrase(term)) for term in terms])
            case Or(nodes):
                return whoosh.Or([self._excluded(child) for child in nodes])
            case And(nodes):
                return whoosh.And([self._excluded(child) for child in nodes])
            case _:
                return self._query(node)

    def _words(self, node: Words) -> whoosh.Query:
        terms = terms_of(node, self.analyzer, self.alternatives)
        if not terms.pairs:
            return whoosh.NullQuery
        typed = _terms("grams", terms.plain, self.weights.pair)
        grouped = [whoosh.Term("grams", pair, boost=0.0) for pair in terms.pairs if pair not in terms.plain]
        grouped += [sequence_query("grams", list(name), 0.0) for name in terms.others]
        return whoosh.AndMaybe(whoosh.Or([*typed, *grouped]), whoosh.Or(self._ranking(terms)))

    def _ranking(self, terms: Terms) -> list[whoosh.Query]:
        """What adds to the score of a document besides the typed pairs that score by themselves."""
        weights = self.weights
        return [
            *(
                whoosh.Phrase("grams", list(sequence), boost=weights.exact)
                for sequence in terms.exact.values()
            ),
            *_terms("words", terms.words, weights.word),
            *_terms("grams", terms.characters, weights.character),
            *_terms("title_words", terms.words, weights.word * weights.title),
            *_terms("title_grams", terms.plain, weights.pair * weights.title),
            *_terms("title_grams", terms.characters, weights.character * weights.title),
            *(self._group("grams", group, 1.0) for group in terms.groups),
            *(self._group("title_grams", group, weights.title) for group in terms.groups),
        ]

    def _group(self, field: str, group: Group, boost: float) -> whoosh.Query:
        """The best of a group's alternatives; no idf of a part exceeds that of the group."""
        cap = inverse_frequency(group.documents, self.documents)
        return whoosh.DisjunctionMax(
            [
                whoosh.Or(list(self._alternative(field, each, cap, boost * each.weight)))
                for each in group.alternatives
            ]
        )

    def _alternative(
        self, field: str, alternative: Alternative, cap: float, boost: float
    ) -> Iterator[whoosh.Query]:
        """The pairs and characters of one name, and the whole of it as a word."""
        idf = {gram: self._idf(gram) for gram in {*alternative.pairs, *alternative.characters}}
        whole = min(inverse_frequency(alternative.documents, self.documents), cap)
        kinds = ((alternative.pairs, self.weights.pair), (alternative.characters, self.weights.character))
        for grams, weight in kinds:
            for gram in grams:
                yield whoosh.Term(field, gram, boost=boost * weight * min(idf[gram], cap) / idf[gram])
        if alternative.characters:
            share = self.weights.word * whole / sum(idf[pair] for pair in alternative.pairs)
            yield sequence_query(field, list(alternative.pairs), boost * share)

    def _idf(self, gram: str) -> float:
        frequency = self.alternatives.frequency(gram) if self.alternatives else 0
        return inverse_frequency(frequency, self.documents)


def _terms(field: str, counts: Mapping[str, float], weight: float) -> Iterable[whoosh.Term]:
    for term, count in counts.items():
        yield whoosh.Term(field, term, boost=count * weight)


def _grams_of(field: str | None) -> str:
    return f"{field}_grams" if field else "grams"


def _gapped(field: str, pieces: Iterable[Piece], analyzer: Analyzer) -> whoosh.Query:
    """The pieces as places: the first gram of each as far from what is before as the gap says."""
    places: list[Place] = []
    # How far a place right behind the last one is from it: a pair reaches over two.
    behind = 1
    for piece in pieces:
        tokens = analyzer.grams(piece.text)
        terms = [_pattern(field, normalize(piece.text))] if piece.pattern else phrase(tokens)
        for number, term in enumerate(terms):
            gap = (behind + piece.least, behind + piece.most) if number == 0 else (1, 1)
            places.append(Place(term, *gap))
        behind = 1 if piece.pattern else len(set(tokens.positions)) - len(terms) + 1
    return Spaced(field, places) if places else whoosh.NullQuery


def _pattern(field: str, folded: str) -> whoosh.Query:
    if folded.find("*") == len(folded) - 1 and "?" not in folded:
        return whoosh.Prefix(field, folded[:-1])
    return whoosh.Wildcard(field, folded)


def _phrase(field: str, tokens: Tokens) -> whoosh.Query:
    sequence = phrase(tokens)
    return sequence_query(field, sequence, 1.0) if sequence else whoosh.NullQuery


def sequence_query(field: str, grams: list[str], boost: float) -> whoosh.Query:
    """The grams one after the other."""
    if len(grams) == 1:
        return whoosh.Term(field, grams[0], boost=boost)
    return whoosh.Phrase(field, grams, boost=boost)
