"""How is a query evaluated? Query tree → Whoosh query, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A query of plain words finds what holds enough of them
(`Weights.least`); next to operators, what holds any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from whoosh import query as whoosh

from indexer.analyzer import Analyzer, Tokens, phrase
from indexer.query import And, Node, Not, Or, Phrase, Words
from indexer.ranking import WEIGHTS, Weights
from indexer.terms import Terms, terms_of


@dataclass(frozen=True, slots=True)
class Plan:
    """A query ready to be run.

    `query` scores, and decides what matches unless `covering`: then enough of `terms.pairs` must be there.
    `terms` are also what is to stand close together.
    """

    query: whoosh.Query
    terms: Terms
    covering: bool


def make_plan(node: Node | None, analyzer: Analyzer, weights: Weights = WEIGHTS) -> Plan:
    """The plan of a query tree; one that finds nothing where there is nothing to look for."""
    terms = terms_of(node, analyzer)
    if isinstance(node, Words):
        return Plan(_scoring(terms, weights), terms, covering=True)
    return Plan(_query(node, analyzer, weights), terms, covering=False)


def _query(node: Node | None, analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    match node:
        case Words():
            return _words(terms_of(node, analyzer), weights)
        case Phrase(text, field):
            return _phrase(f"{field}_grams" if field else "grams", analyzer.grams(text))
        case Or(nodes):
            return whoosh.Or([_query(child, analyzer, weights) for child in nodes])
        case And(nodes):
            wanted = [_query(child, analyzer, weights) for child in nodes if not isinstance(child, Not)]
            unwanted = [_excluded(child.node, analyzer, weights) for child in nodes if isinstance(child, Not)]
            base = whoosh.And(wanted) if wanted else whoosh.Every()
            return whoosh.AndNot(base, whoosh.Or(unwanted)) if unwanted else base
        case Not(inner):
            return whoosh.AndNot(whoosh.Every(), _excluded(inner, analyzer, weights))
        case _:
            return whoosh.NullQuery


def _excluded(node: Node, analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    """What `-x` keeps out: x as it is written, not every pair of it."""
    match node:
        case Words(terms):
            return whoosh.Or([_query(Phrase(term), analyzer, weights) for term in terms])
        case Or(nodes):
            return whoosh.Or([_excluded(child, analyzer, weights) for child in nodes])
        case And(nodes):
            return whoosh.And([_excluded(child, analyzer, weights) for child in nodes])
        case _:
            return _query(node, analyzer, weights)


def _words(terms: Terms, weights: Weights) -> whoosh.Query:
    pairs = list(_terms("grams", terms.pairs, weights.pair))
    return (
        whoosh.AndMaybe(whoosh.Or(pairs), whoosh.Or(_ranking(terms, weights))) if pairs else whoosh.NullQuery
    )


def _scoring(terms: Terms, weights: Weights) -> whoosh.Query:
    return whoosh.Or([*_terms("grams", terms.pairs, weights.pair), *_ranking(terms, weights)])


def _ranking(terms: Terms, weights: Weights) -> list[whoosh.Query]:
    """What adds to the score of a document besides the pairs that make it a match."""
    return [
        *(whoosh.Phrase("grams", list(sequence), boost=weights.exact) for sequence in terms.exact),
        *_terms("words", terms.words, weights.word),
        *_terms("grams", terms.characters, weights.character),
        *_terms("title_words", terms.words, weights.word * weights.title),
        *_terms("title_grams", terms.pairs, weights.pair * weights.title),
        *_terms("title_grams", terms.characters, weights.character * weights.title),
    ]


def _terms(field: str, counts: Mapping[str, float], weight: float) -> Iterable[whoosh.Term]:
    for term, count in counts.items():
        yield whoosh.Term(field, term, boost=count * weight)


def _phrase(field: str, tokens: Tokens) -> whoosh.Query:
    sequence = phrase(tokens)
    if not sequence:
        return whoosh.NullQuery
    return whoosh.Term(field, sequence[0]) if len(sequence) == 1 else whoosh.Phrase(field, sequence)
