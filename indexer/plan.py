"""How is a query evaluated? Query tree → Whoosh query, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A term that is one single character stands for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from whoosh import query as whoosh

from indexer.analyzer import Analyzer, Tokens, phrase
from indexer.query import And, Node, Not, Or, Phrase, Words
from indexer.ranking import WEIGHTS, Weights

_SEARCHED = ("title", "body")


def plan(node: Node | None, analyzer: Analyzer, weights: Weights = WEIGHTS) -> whoosh.Query:
    """The Whoosh query of a tree; `NullQuery` where nothing can match."""
    match node:
        case Words(terms):
            return _words(terms, analyzer, weights)
        case Phrase(text, field):
            return _phrase(text, (field,) if field else _SEARCHED, analyzer, weights)
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


def _words(terms: Iterable[str], analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    matching: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for term in terms:
        grams = analyzer.grams(term).terms
        alone = len(grams) == 1
        for gram in grams:
            single = len(gram) == 1 and not gram.isascii()
            (characters if single and not alone else matching)[gram] += 1
        words.update(analyzer.word_terms(term))
    required = [*_terms("grams", matching, weights.pair, weights.title)]
    if not required:
        return whoosh.NullQuery
    ranking = [
        *_terms("words", words, weights.word, weights.title),
        *_terms("grams", characters, weights.character, weights.title),
    ]
    return whoosh.AndMaybe(whoosh.Or(required), whoosh.Or(ranking)) if ranking else whoosh.Or(required)


def _terms(kind: str, counts: Counter[str], weight: float, title: float) -> Iterable[whoosh.Term]:
    for term, count in counts.items():
        for field in _SEARCHED:
            yield whoosh.Term(
                f"{field}_{kind}", term, boost=count * weight * (title if field == "title" else 1.0)
            )


def _phrase(text: str, fields: Iterable[str], analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    tokens: Tokens = analyzer.grams(text)
    sequence = phrase(tokens)
    if not sequence:
        return whoosh.NullQuery
    queries: list[whoosh.Query] = []
    for field in fields:
        boost = weights.title if field == "title" else 1.0
        if len(sequence) == 1:
            queries.append(whoosh.Term(f"{field}_grams", sequence[0], boost=boost))
        else:
            queries.append(whoosh.Phrase(f"{field}_grams", sequence, boost=boost))
    return whoosh.Or(queries) if len(queries) > 1 else queries[0]
