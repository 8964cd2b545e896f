"""What does each term give to the score of a document? The evaluator's sums, taken apart again.

The query is walked as `evaluator` walks it, for a few documents of one segment.
**The units of a document's contributions add up to its score, to the last unit.**
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from whoosh import query

from indexer.arrays import Array
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.kernel.slices import frequencies, gather_any, locate
from indexer.engine.embedded.kernel.vectorized import Term
from indexer.engine.embedded.search.collection import collection_of
from indexer.engine.embedded.search.evaluator import LeafRun, Run
from indexer.engine.embedded.search.run import UNIT
from indexer.engine.embedded.search.spacing import Spaced
from indexer.engine.embedded.whoosh.weighting import inverse_frequency


@dataclass(frozen=True, slots=True)
class Part:
    """What a term gave: how often the document holds it, how many documents do, its idf and weight.

    `sequence` are the terms that had to stand in order where it is one of these, `apart` where there may be
    gaps between them; `choice` is which of a `DisjunctionMax` it belongs to, from 0, None outside of one.
    """

    field: str
    term: str
    frequency: int
    documents: int
    idf: float
    weight: float
    units: int
    sequence: tuple[str, ...] = ()
    apart: bool = False
    choice: int | None = None

    @property
    def score(self) -> float:
        """What it adds to the score."""
        return self.units / UNIT


Parts = dict[int, list[Part]]


def contributions(
    searcher: Any, question: Any, docnums: list[int], max_expansions: int | None = None
) -> dict[int, list[Part]]:
    """The parts of the score of each document, in the query's order; none for one that does not match.

    `max_expansions` as for `evaluate`.
    """
    run = Run(collection_of(searcher.reader()), searcher, searcher.weighting, None, max_expansions)
    found: Parts = {}
    for number, leaf in enumerate(run.collection.leaves):
        here = sorted(n - leaf.base for n in docnums if leaf.base <= n < leaf.base + leaf.count)
        if here:
            docs = np.array(here, np.uint32)
            parts = _parts(LeafRun(run, number), question, 1.0, docs)
            found |= {doc + leaf.base: own for doc, own in parts.items()}
    return found


def _parts(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    """The parts of those of `docs` that match, by document."""
    return _NODES.get(type(question), _whole)(run, question, boost, docs)


def _term(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    term = run.term(question.fieldname, question.text, boost * question.boost)
    return _of_term(run, question.fieldname, question.text, term, docs) if term else {}


def _of_term(run: LeafRun, name: str, text: str, term: Term, docs: Array) -> Parts:
    """One term, with its statistics."""
    units, held = active().gather(run.fields, [term], [], docs)
    freqs = frequencies(run.fields[term[0]], [term], docs).tolist()
    facts = run.run.facts_of(name)
    assert facts is not None
    documents = sum(end - start for start, end in run.run.resolve(name, text, facts)[0])
    idf, weight = _scale(run, facts.scale, documents, term[3])
    return {
        int(doc): [Part(name, text, frequency, documents, idf, weight, int(scored))]
        for doc, scored, frequency, there in zip(docs, units, freqs, held, strict=True)
        if there
    }


def _scale(run: LeafRun, scale: Any, documents: int, weight: float) -> tuple[float, float]:
    """A term's idf, and what it weighs besides."""
    if scale is None:
        return 1.0, weight / UNIT
    idf = inverse_frequency(run.run.weighting, documents, run.run.collection.count)
    return idf, weight / (UNIT * idf * (scale[1] + 1)) if idf else 0.0


def _united(several: list[Parts]) -> Parts:
    whole: Parts = {}
    for parts in several:
        for doc, own in parts.items():
            whole.setdefault(doc, []).extend(own)
    return whole


def _or(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    boost *= question.boost
    return _united([_parts(run, child, boost, docs) for child in question.subqueries])


def _and(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    boost *= question.boost
    several = [_parts(run, child, boost, docs) for child in question.subqueries]
    common = set.intersection(*(set(parts) for parts in several)) if several else set()
    return {doc: own for doc, own in _united(several).items() if doc in common}


def _first(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    """`AndNot` and `Require`: the second query decides, but does not score."""
    return _parts(run, question.a, boost, docs)


def _and_maybe(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    first, more = _parts(run, question.a, boost, docs), _parts(run, question.b, boost, docs)
    return {doc: own + more.get(doc, []) for doc, own in first.items()}


def _best(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    best: Parts = {}
    for number, child in enumerate(question.subqueries):
        for doc, own in _parts(run, child, boost * question.boost, docs).items():
            if doc not in best or sum(p.units for p in own) > sum(p.units for p in best[doc]):
                best[doc] = [replace(part, choice=number) for part in own]
    return best


def _phrase(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    there = docs[locate(run.materialize(question, boost)[0], docs)[1]]
    terms = [(text, run.term(question.fieldname, text, boost * question.boost)) for text in question.words]
    parts = _united([_of_term(run, question.fieldname, text, term, there) for text, term in terms if term])
    return _in_sequence(parts, tuple(question.words))


def _in_sequence(parts: Parts, words: tuple[str, ...], apart: bool = False) -> Parts:
    return {doc: [replace(part, sequence=words, apart=apart) for part in own] for doc, own in parts.items()}


def _spaced(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    there = docs[locate(run.materialize(question, boost)[0], docs)[1]]
    boost *= question.boost
    several: list[Parts] = []
    for place in question.places:
        if isinstance(place.term, str):
            term = run.term(question.fieldname, place.term, boost)
            several += [_of_term(run, question.fieldname, place.term, term, there)] if term else []
        else:
            several.append(_pattern(run, place.term, boost, there))
    words = tuple(getattr(place.term, "text", place.term) for place in question.places)
    return _in_sequence(_united(several), words, apart=True) if len(words) > 1 else _united(several)


def _pattern(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    """All terms of a pattern as one."""
    name = question.fieldname
    facts = run.run.facts_of(name)
    spans, weight = run.run.resolve_pattern(question)
    if facts is None or not spans[run.number]:
        return {}
    terms = [(run.place(name, facts), start, end, weight * boost) for start, end in spans[run.number]]
    field = run.fields[terms[0][0]]
    units, freqs = gather_any(field, terms, docs), frequencies(field, terms, docs).tolist()
    documents = sum(end - start for segment in spans for start, end in segment)
    idf, weight = _scale(run, facts.scale, documents, terms[0][3])
    text = question.text + ("*" if isinstance(question, query.Prefix) else "")
    return {
        int(doc): [Part(name, text, frequency, documents, idf, weight, int(scored))]
        for doc, scored, frequency in zip(docs, units, freqs, strict=True)
        if scored
    }


def _whole(run: LeafRun, question: Any, boost: float, docs: Array) -> Parts:
    """Any other query: what it gives as a whole."""
    found, units = run.materialize(question, boost)
    at, there = locate(found, docs)
    return {
        int(doc): [Part("", type(question).__name__, 0, len(found), 1.0, boost, int(units[place]))]
        for doc, place, is_there in zip(docs, at, there, strict=True)
        if is_there
    }


_NODES: dict[type, Callable[[LeafRun, Any, float, Array], Parts]] = {
    query.Term: _term,
    query.Or: _or,
    query.And: _and,
    query.AndNot: _first,
    query.Require: _first,
    query.AndMaybe: _and_maybe,
    query.DisjunctionMax: _best,
    query.Phrase: _phrase,
    Spaced: _spaced,
}
