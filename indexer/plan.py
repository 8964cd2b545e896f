"""How is a query evaluated? Query tree → Whoosh query, with the weights of the ranking on its terms.

Pairs, Latin words and numbers make a match; words and single characters add to the score of what
matched (本田 does not find 本地). A term that is one single character stands for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from whoosh import query as whoosh

from indexer.analyzer import Analyzer, Tokens, phrase
from indexer.query import And, Node, Not, Or, Phrase, Words, positive
from indexer.ranking import WEIGHTS, Weights

# A string of this many grams is looked for as it stands; longer ones are sentences, seldom repeated.
_EXACT = range(2, 9)


def bag(node: Node | None, analyzer: Analyzer) -> list[str]:
    """The different grams of a tree's words that make a match: what coverage and closeness go by."""
    terms = [term for leaf in positive(node) if isinstance(leaf, Words) for term in leaf.terms]
    return list(_grams(terms, analyzer)[0])


def plan(node: Node | None, analyzer: Analyzer, weights: Weights = WEIGHTS) -> whoosh.Query:
    """The Whoosh query of a tree; `NullQuery` where nothing can match."""
    match node:
        case Words(terms):
            return _words(terms, analyzer, weights)
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


def _grams(terms: Iterable[str], analyzer: Analyzer) -> tuple[Counter[str], Counter[str]]:
    """The grams of words as typed: those that make a match, and single characters that only rank."""
    matching: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for term in terms:
        grams = analyzer.grams(term).terms
        for gram in grams:
            single = len(gram) == 1 and not gram.isascii()
            (characters if single and len(grams) > 1 else matching)[gram] += 1
    return matching, characters


def _words(terms: Sequence[str], analyzer: Analyzer, weights: Weights) -> whoosh.Query:
    matching, characters = _grams(terms, analyzer)
    words = Counter(word for term in terms for word in analyzer.word_terms(term))
    exact = [sequence for term in terms if len(sequence := phrase(analyzer.grams(term))) in _EXACT]
    required = list(_terms("grams", matching, weights.pair))
    if not required:
        return whoosh.NullQuery
    ranking = [
        *(whoosh.Phrase("grams", sequence, boost=weights.exact) for sequence in exact),
        *_terms("words", words, weights.word),
        *_terms("grams", characters, weights.character),
        *_terms("title_words", words, weights.word * weights.title),
        *_terms("title_grams", matching, weights.pair * weights.title),
        *_terms("title_grams", characters, weights.character * weights.title),
    ]
    return whoosh.AndMaybe(whoosh.Or(required), whoosh.Or(ranking))


def _terms(field: str, counts: Counter[str], weight: float) -> Iterable[whoosh.Term]:
    for term, count in counts.items():
        yield whoosh.Term(field, term, boost=count * weight)


def _phrase(field: str, tokens: Tokens) -> whoosh.Query:
    sequence = phrase(tokens)
    if not sequence:
        return whoosh.NullQuery
    return whoosh.Term(field, sequence[0]) if len(sequence) == 1 else whoosh.Phrase(field, sequence)
