"""How is a query evaluated? Query tree → Whoosh query, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A term that is one single character stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from whoosh import query as whoosh

from indexer.analyzer import Analyzer, Tokens, phrase
from indexer.query import And, Node, Not, Or, Phrase, Words
from indexer.ranking import WEIGHTS, Weights
from indexer.terms import terms_of


def plan(node: Node | None, analyzer: Analyzer, weights: Weights = WEIGHTS) -> whoosh.Query:
    """The Whoosh query of a tree; `NullQuery` where nothing can match."""
    match node:
        case Words():
            return _words(node, analyzer, weights)
        case Phrase(text, field):
            return _phrase(f"{field}_grams" if field else "grams", analyzer.grams(text))
        case Or(nodes):
            return whoosh.Or([plan(child, analyzer, weights) for child in nodes]).normalize()
        case And(nodes):
            wanted = [plan(child, analyzer, weights) for child in nodes if not isinstance(child, Not)]
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
            return whoosh.Or([plan(Phrase(term), analyzer, weights) for term in terms])
        case Or(nodes):
            return whoosh.Or([_excluded(child, analyzer, weights) for child in nodes])
        case And(nodes):
            return whoosh.And([_excluded(child, analyzer, weights) for child in nodes])
        case _:
            return plan(node, analyzer, weights)


def _words(node: Words, analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    terms = terms_of(node, analyzer)
    required = list(_terms("grams", terms.pairs, weights.pair))
    if not required:
        return whoosh.NullQuery
    ranking = [
        *(whoosh.Phrase("grams", list(sequence), boost=weights.exact) for sequence in terms.exact),
        *_terms("words", terms.words, weights.word),
        *_terms("grams", terms.characters, weights.character),
        *_terms("title_words", terms.words, weights.word * weights.title),
        *_terms("title_grams", terms.pairs, weights.pair * weights.title),
        *_terms("title_grams", terms.characters, weights.character * weights.title),
    ]
    return whoosh.AndMaybe(whoosh.Or(required), whoosh.Or(ranking))


def _terms(field: str, counts: Mapping[str, float], weight: float) -> Iterable[whoosh.Term]:
    for term, count in counts.items():
        yield whoosh.Term(field, term, boost=count * weight)


def _phrase(field: str, tokens: Tokens) -> whoosh.Query:
    sequence = phrase(tokens)
    if not sequence:
        return whoosh.NullQuery
    return whoosh.Term(field, sequence[0]) if len(sequence) == 1 else whoosh.Phrase(field, sequence)
