"""Which documents of a segment match a query, with which scores?

A query becomes a `Scored`: terms and lists whose scores add up in their union. Boosts are pushed down to
the terms. Kinds of query are entries of `NODES`; any other kind is walked with Whoosh's own matchers.
Deleted documents are taken out at the end, not here. Limits (deadline, depth, expansions) are checked at
every node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from whoosh import query

from indexer.arrays import Array
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.kernel.adjacency import sequence
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.kernel.slices import gather_any
from indexer.engine.embedded.kernel.vectorized import Field, List, Term, locate
from indexer.engine.embedded.search.collection import Leaf
from indexer.engine.embedded.search.expansion import is_expandable, term_ranges
from indexer.engine.embedded.search.run import UNIT, FieldFacts, Run
from indexer.engine.embedded.search.spacing import Spaced
from indexer.errors import QueryTooLong

__all__ = ["MAX_DEPTH", "NODES", "UNIT", "LeafRun", "Run", "Scored"]

MAX_DEPTH = 64
_CHECK_EVERY = 256


@dataclass(slots=True)
class Scored:
    """The union of `terms` and `lists`; a document's score is the sum over those it is in."""

    terms: list[Term] = field(default_factory=list)
    lists: list[List] = field(default_factory=list)


class LeafRun:
    """One evaluation in one segment.

    `within` are the documents whose scores alone are wanted, ascending, where they are known and few.
    """

    within: Array | None = None

    def __init__(self, run: Run, number: int) -> None:
        self.run, self.number = run, number
        self.leaf: Leaf = run.collection.leaves[number]
        self.schema = run.collection.reader.schema
        self.fields: list[Field] = []
        self._places: dict[str, int] = {}

    def place(self, name: str, facts: FieldFacts) -> int:
        """The index of field `name` in `fields`."""
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = len(self.fields)
            self.fields.append(self.leaf.plan(name, facts.scale))
        return found

    def term(self, name: str, text: Any, boost: float) -> Term | None:
        """A term of a field, or None where this segment has none of it."""
        facts = self.run.facts_of(name)
        if facts is None:
            return None
        try:
            spans, weight = self.run.resolve(name, text, facts)
        except ValueError:
            return None
        start, end = spans[self.number]
        return (self.place(name, facts), start, end, weight * boost) if end > start else None

    def add(self, whole: Scored, question: Any, boost: float) -> None:
        """Add what `question` finds to a union."""
        if type(question) is query.Term and self.run.native:
            term = self.term(question.fieldname, question.text, boost * question.boost)
            if term:
                whole.terms.append(term)
            return
        part = self.evaluate(question, boost)
        whole.terms += part.terms
        whole.lists += part.lists

    def evaluate(self, question: Any, boost: float) -> Scored:
        """The documents of `question`, scores times `boost`."""
        run = self.run
        run.check()
        if run.depth >= MAX_DEPTH:
            raise QueryTooLong(f"the query nests deeper than {MAX_DEPTH} levels; write it flatter")
        run.depth += 1
        try:
            return _node(question, run)(self, question, boost)
        finally:
            run.depth -= 1

    def materialize(self, question: Any, boost: float) -> List:
        """`evaluate` as one list."""
        scored = self.evaluate(question, boost)
        return self.union(scored)

    def union(self, scored: Scored) -> List:
        """A `Scored` as one list."""
        if not scored.terms and len(scored.lists) == 1:
            return scored.lists[0]
        found: List = active().union(self.fields, scored.terms, scored.lists, self.leaf.count)
        return found

    def constant(self, docs: Array, score: float) -> Scored:
        """Documents that all have one score."""
        return Scored(lists=[(docs, np.full(len(docs), round(score * UNIT), np.int64))])


Node = Callable[[LeafRun, Any, float], Scored]


def _node(question: Any, run: Run) -> Node:
    if not run.native:
        return _by_matcher
    node = NODES.get(type(question))
    return node or (_expanded if is_expandable(question) else _by_matcher)


def _nothing(run: LeafRun, question: Any, boost: float) -> Scored:
    return Scored()


def _term(run: LeafRun, question: Any, boost: float) -> Scored:
    term = run.term(question.fieldname, question.text, boost * question.boost)
    return Scored([term] if term else [])


def _or(run: LeafRun, question: Any, boost: float) -> Scored:
    if question.scale:
        return _by_matcher(run, question, boost)
    boost *= question.boost
    if question.minmatch > 1:
        parts = [run.evaluate(child, boost) for child in question.subqueries]
        return _at_least(run, parts, question.minmatch)
    whole = Scored()
    for child in question.subqueries:
        run.add(whole, child, boost)
    return whole


def _at_least(run: LeafRun, parts: list[Scored], least: int) -> Scored:
    lists = [run.union(part) for part in parts]
    docs, units = active().union([], [], lists, run.leaf.count)
    _, hits = active().gather([], [], lists, docs)
    return Scored(lists=[(docs[hits >= least], units[hits >= least])])


def _and(run: LeafRun, question: Any, boost: float) -> Scored:
    boost *= question.boost
    wanted = [child for child in question.subqueries if not isinstance(child, query.Not)]
    unwanted = [child for child in question.subqueries if isinstance(child, query.Not)]
    terms: list[Term] = []
    lists: list[List] = []
    for child in wanted or unwanted:
        part = Scored()
        run.add(part, child, boost)
        if not part.terms and not part.lists:
            return Scored()
        if len(part.terms) == 1 and not part.lists:
            terms += part.terms
        else:
            lists.append(run.union(part))
    if not terms and not lists:
        return Scored()
    docs, units = active().intersection(run.fields, terms, lists)
    if not len(docs):
        return Scored()
    if wanted:
        for child in unwanted:
            keep = ~locate(run.materialize(child.query, 1.0)[0], docs)[1]
            # As in Whoosh, a document that `Not` lets pass scores 1 for it.
            docs, units = docs[keep], units[keep] + round(boost * UNIT)
    return Scored(lists=[(docs, units)])


def _not(run: LeafRun, question: Any, boost: float) -> Scored:
    seen = np.zeros(run.leaf.count, np.bool_)
    seen[run.materialize(question.query, 1.0)[0]] = True
    return run.constant(np.flatnonzero(~seen).astype(np.uint32), boost)


def _restricted(run: LeafRun, question: Any, boost: float, inside: bool) -> Scored:
    docs, units = run.materialize(question.a, boost)
    keep = locate(run.materialize(question.b, 1.0)[0], docs)[1] == inside
    return Scored(lists=[(docs[keep], units[keep])])


def _and_maybe(run: LeafRun, question: Any, boost: float) -> Scored:
    docs, units = run.materialize(question.a, boost)
    extra = run.evaluate(question.b, boost)
    return Scored(lists=[(docs, units + active().gather(run.fields, extra.terms, extra.lists, docs)[0])])


def _best(run: LeafRun, question: Any, boost: float) -> Scored:
    parts = [run.evaluate(child, boost * question.boost) for child in question.subqueries]
    if run.within is None:
        lists = [run.union(part) for part in parts]
        docs, sums = active().union([], [], lists, run.leaf.count)
        found = [active().gather([], [], [each], docs)[0] for each in lists]
    else:
        docs = run.within
        found = [active().gather(run.fields, part.terms, part.lists, docs)[0] for part in parts]
        sums = np.sum(found, axis=0, dtype=np.int64)
    best = np.max([np.zeros(len(docs), np.int64), *found], axis=0)
    if question.tiebreak:
        best = best + np.rint(question.tiebreak * (sums - best)).astype(np.int64)
    return Scored(lists=[(docs, best)])


def _phrase(run: LeafRun, question: Any, boost: float) -> Scored:
    name = question.fieldname
    if name not in run.schema:
        return Scored()
    if not run.schema[name].format.supports("positions"):
        raise query.QueryError(f"{name} keeps no positions: it cannot be searched for phrases")
    terms = [run.term(name, word, boost * question.boost) for word in question.words]
    found = [term for term in terms if term]
    if not found or len(found) < len(terms):
        return Scored()
    docs = active().phrase(run.fields[found[0][0]], found, [(1, question.slop)] * (len(found) - 1))
    if not len(docs):
        return Scored()
    return Scored(lists=[(docs, active().gather(run.fields, found, [], docs)[0])])


def _spaced(run: LeafRun, question: Any, boost: float) -> Scored:
    steps = [(place.least, place.most) for place in question.places[1:]]
    boost *= question.boost
    places = [_at_place(run, question.fieldname, place.term, boost) for place in question.places]
    if not all(places):
        return Scored()
    run.run.check()
    field = run.fields[places[0][0][0]]
    single = [terms[0] for terms in places if len(terms) == 1]
    if len(single) == len(places):
        docs = active().phrase(field, single, steps)
    else:
        docs = sequence(field, places, steps)
    units = active().gather(run.fields, single, [], docs)[0]
    for terms in places:
        units = units if len(terms) == 1 else units + gather_any(field, terms, docs)
    return Scored(lists=[(docs, units)]) if len(docs) else Scored()


def _at_place(run: LeafRun, name: str, wanted: Any, boost: float) -> list[Term]:
    """The terms that may stand at a place, those of a pattern with the weight of all together."""
    if isinstance(wanted, str):
        term = run.term(name, wanted, boost)
        return [term] if term else []
    spans, weight = run.run.resolve_pattern(wanted)
    facts = run.run.facts_of(name)
    if facts is None or not spans[run.number]:
        return []
    place = run.place(name, facts)
    return [(place, start, end, weight * boost) for start, end in spans[run.number]]


def _constant(run: LeafRun, question: Any, boost: float) -> Scored:
    return run.constant(run.materialize(question.child, 1.0)[0], question.score * boost)


def _every(run: LeafRun, question: Any, boost: float) -> Scored:
    name = question.fieldname
    if name is None:
        docs = np.arange(run.leaf.count, dtype=np.uint32)
    else:
        docs = _marked(run, [unpack_docs(run.leaf.terms.field(name).postings)])
    return run.constant(docs, question.boost * boost)


def _marked(run: LeafRun, parts: list[Array]) -> Array:
    seen = np.zeros(run.leaf.count, np.bool_)
    for part in parts:
        seen[part] = True
    return np.flatnonzero(seen).astype(np.uint32)


def _expanded(run: LeafRun, question: Any, boost: float) -> Scored:
    name = question.field()
    if name not in run.schema:
        return Scored()
    if question.constantscore:
        return run.constant(_expanded_docs(run, question, name), question.boost * boost)
    terms = (run.term(name, text, question.boost * boost) for text in run.run.terms_of(question))
    return Scored([term for term in terms if term])


def _expanded_docs(run: LeafRun, question: Any, name: str) -> Array:
    postings = run.leaf.terms.field(name)
    limit = run.run.max_expansions
    bounds = term_ranges(postings, question, run.schema[name])
    if bounds is not None and (limit is None or isinstance(question, query.TermRange)):
        low, high = bounds
        return _marked(run, [postings.docs(int(postings.starts[low]), int(postings.starts[high]))])
    facts = run.run.facts_of(name)
    assert facts is not None
    spans = (run.run.resolve(name, text, facts)[0][run.number] for text in run.run.terms_of(question))
    return _marked(run, [postings.docs(start, end) for start, end in spans])


def _numeric(run: LeafRun, question: Any, boost: float) -> Scored:
    return run.evaluate(question._compile_query(run.run.collection.reader), boost)


def _by_matcher(run: LeafRun, question: Any, boost: float) -> Scored:
    searcher = run.run.searcher.leaf_searchers()
    base = run.leaf.base
    leaf = next(child for child, offset in searcher if offset == base and child.doc_count_all())
    context = run.run.searcher.context(weighting=run.run.weighting, needs_current=True, top_query=question)
    matcher = question.matcher(leaf, context)
    docs: list[int] = []
    scores: list[float] = []
    while matcher.is_active():
        if len(docs) % _CHECK_EVERY == 0:
            run.run.check()
        docs.append(matcher.id())
        scores.append(matcher.score())
        matcher.next()
    units = np.rint(np.array(scores, np.float64) * (boost * UNIT)).astype(np.int64)
    return Scored(lists=[(np.array(docs, np.uint32), units)])


NODES: dict[type, Node] = {
    type(query.NullQuery): _nothing,
    query.Term: _term,
    query.Or: _or,
    query.And: _and,
    query.Not: _not,
    query.AndNot: partial(_restricted, inside=False),
    query.Require: partial(_restricted, inside=True),
    query.AndMaybe: _and_maybe,
    query.DisjunctionMax: _best,
    query.Phrase: _phrase,
    Spaced: _spaced,
    query.ConstantScoreQuery: _constant,
    query.Every: _every,
    query.NumericRange: _numeric,
    query.DateRange: _numeric,
}
