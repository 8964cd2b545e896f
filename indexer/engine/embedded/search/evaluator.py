"""Which documents of a segment match a node, with which scores?

A node becomes a `Scored`: terms and lists whose scores add up in their union. Explaining is the same walk
with a recorder, which is told of every term that counts and of what the nodes above do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.adjacency import sequence
from indexer.engine.embedded.kernel.slices import NO_DOCS, gather_any
from indexer.engine.embedded.kernel.vectorized import Choices, Field, List, Term, locate
from indexer.engine.embedded.search.collection import ONCE
from indexer.engine.embedded.search.recording import Origin, Recorder
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.statistics import UNIT
from indexer.query import nodes
from indexer.query.nodes import Node


@dataclass(slots=True)
class Scored:
    """The union of `terms`, `lists` and `choices`; a document's score is the sum over those it is in.

    There are choices only where the documents that matter are known.
    """

    terms: list[Term] = field(default_factory=list)
    lists: list[List] = field(default_factory=list)
    choices: list[Choices] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.terms or self.lists or self.choices)

    def __add__(self, other: Scored) -> Scored:
        return Scored(self.terms + other.terms, self.lists + other.lists, self.choices + other.choices)


class Evaluator:
    """One search in one segment.

    `within` are the documents whose scores alone are wanted, ascending, where they are known and few. Who can
    take `choosing` gets choices as they are.
    """

    within: Array | None = None
    choosing = False

    def __init__(
        self,
        request: Request,
        number: int,
        alike: Callable[[str], Array],
        recorder: Recorder | None = None,
    ) -> None:
        self.request, self.number, self.recorder = request, number, recorder
        self.leaf = request.collection.leaves[number]
        self.fields: list[Field] = []
        self._places: dict[str, int] = {}
        self._alike = alike

    def term(self, name: str, text: str, weight: float) -> Term | None:
        """A term of a field, or None where this segment has none of it."""
        found = self.request.statistics.term(name, text)
        start, end = found.spans[self.number]
        if end <= start:
            return None
        place = self._places.get(name)
        term = self._place(name) if place is None else place, start, end, found.weight * weight
        if self.recorder:
            self.recorder.term(Origin(name, text, found.documents), self.fields[term[0]], [term])
        return term

    def documents_of(self, term: Term) -> int:
        """How many documents that are not deleted hold a term of this segment."""
        place, start, end, _ = term
        name = next(name for name, own in self._places.items() if own == place)
        return end - start - int(self.leaf.losses.lost(name, np.array([start]))[0])

    def _place(self, name: str) -> int:
        """The index of field `name` in `fields`."""
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = len(self.fields)
            self.fields.append(self.leaf.plan(name, self.request.statistics.scale(name)))
        return found

    def evaluate(self, node: Node) -> Scored:
        """The documents of a node, with their scores."""
        self.request.check()
        match node:
            case nodes.Term(name, text, weight):
                term = self.term(name, text, weight)
                return Scored([term] if term else [])
            case nodes.Bag():
                return Scored(self._bag(node))
            case nodes.AnyOf(several):
                return self._any_of(several)
            case nodes.AllOf(several):
                return self._all_of(several)
            case nodes.BestOf(several):
                return self._best_of(several)
            case nodes.Sequence(name, terms, weight):
                return self._sequence(name, terms, weight)
            case nodes.Spaced():
                return self._spaced(node)
            case nodes.Maybe():
                return self._maybe(node)
            case nodes.Without():
                return self._without(node)
            case nodes.Everything():
                if self.recorder:
                    self.recorder.constant(Origin("", str(node), self.request.statistics.count), UNIT)
                docs = np.arange(self.leaf.count, dtype=np.uint32)
                return Scored(lists=[(docs, np.full(len(docs), round(UNIT), np.int64))])
            case nodes.Nothing():
                return Scored()
        docs = self._filtered(node)
        return Scored(lists=[(docs, np.zeros(len(docs), np.int64))])

    def documents(self, node: Node) -> Array:
        """The documents of a node alone, ascending; nothing of it is recorded."""
        recorder, self.recorder = self.recorder, None
        docs = self.union(self.evaluate(node))[0]
        self.recorder = recorder
        return docs

    def union(self, scored: Scored) -> List:
        """A `Scored` as one list."""
        scored = self._settled(scored)
        if not scored.terms and len(scored.lists) == 1:
            return scored.lists[0]
        found: List = active().union(self.fields, scored.terms, scored.lists, self.leaf.count)
        return found

    def gathered(self, scored: Scored, docs: Array) -> Array:
        """The scores of the ascending `docs`."""
        scored = self._settled(scored)
        found: Array = active().gather(self.fields, scored.terms, scored.lists, docs)[0]
        return found

    def _any_of(self, several: Sequence[Node]) -> Scored:
        whole = Scored()
        for node in several:
            whole += self.evaluate(node)
        return whole

    def _bag(self, bag: nodes.Bag) -> list[Term]:
        if self.recorder:
            return [found for term in bag.terms if (found := self.term(*term))]
        # Most terms are in a bag: they are taken all at once.
        place = self._place(bag.field)
        return self.request.statistics.slices(bag.field, self.number, bag.weights, place)

    def _all_of(self, several: Sequence[Node]) -> Scored:
        since = self._recorded()
        terms: list[Term] = []
        lists: list[List] = []
        for node in several:
            part = self.evaluate(node)
            if not part:
                return self._scored(since, (NO_DOCS, np.zeros(0, np.int64)))
            if len(part.terms) == 1 and not (part.lists or part.choices):
                terms += part.terms
            else:
                lists.append(self.union(part))
        return self._scored(since, active().intersection(self.fields, terms, lists))

    def _without(self, node: nodes.Without) -> Scored:
        since = self._recorded()
        docs, units = self.union(self.evaluate(node.node))
        keep = ~locate(self.documents(node.unwanted), docs)[1]
        return self._scored(since, (docs[keep], units[keep]))

    def _maybe(self, node: nodes.Maybe) -> Scored:
        docs, units = self.union(self.evaluate(node.node))
        since = self._recorded()
        more = self.evaluate(node.more)
        return self._scored(since, (docs, units + self.gathered(more, docs)))

    def _best_of(self, several: Sequence[Node]) -> Scored:
        since = [self._recorded()]
        parts = []
        for node in several:
            parts.append(self._settled(self.evaluate(node)))
            since.append(self._recorded())
        if self.choosing:
            return Scored(choices=[[(part.terms, part.lists) for part in parts]])
        best = self._best(parts)
        if self.recorder:
            self.recorder.choose(since)
        return self._scored(since[0], best)

    def _best(self, parts: Sequence[Scored]) -> List:
        """The documents of any part, with the best score that one gives, 0 at least."""
        docs = self.within
        if docs is None:
            lists = [self.union(part) for part in parts]
            docs = active().union([], [], lists, self.leaf.count)[0]
            parts = [Scored(lists=[each]) for each in lists]
        best, held = np.zeros(len(docs), np.int64), np.zeros(len(docs), np.bool_)
        for part in parts:
            units, hits = active().gather(self.fields, part.terms, part.lists, docs)
            best, held = np.maximum(best, units), held | (hits > 0)
        return docs[held], best[held]

    def _settled(self, scored: Scored) -> Scored:
        """The same without choices."""
        if not scored.choices:
            return scored
        chosen = [
            self._best([Scored([*terms], [*lists]) for terms, lists in each]) for each in scored.choices
        ]
        return Scored(scored.terms, [*scored.lists, *chosen])

    def _sequence(self, name: str, texts: Sequence[str], weight: float) -> Scored:
        since = self._recorded()
        terms = [term for text in texts if (term := self.term(name, text, weight))]
        docs = self._following(terms) if len(terms) == len(texts) else NO_DOCS
        return self._in_order(since, docs, Scored(terms), tuple(texts))

    def _following(self, terms: Sequence[Term]) -> Array:
        """The documents with terms of one field one after the other."""
        if len(terms) == 1:
            return self.union(Scored([*terms]))[0]
        found: Array = active().phrase(self.fields[terms[0][0]], terms, [(1, 1)] * (len(terms) - 1))
        return found

    def _spaced(self, node: nodes.Spaced) -> Scored:
        since = self._recorded()
        places = [self._at_place(node.field, place.term, node.weight) for place in node.places]
        if not all(places):
            return self._in_order(since, NO_DOCS, Scored(), ())
        self.request.check()
        field, steps = self.fields[places[0][0][0]], [(place.least, place.most) for place in node.places[1:]]
        with self._unrecorded():
            stop = self.term(node.field, node.stop, 0.0) if node.stop and steps else None
        single = [terms[0] for terms in places if len(terms) == 1]
        docs = (
            active().phrase(field, single, steps)
            if len(places) == len(single) > 1 and not stop
            else sequence(field, places, steps, stop)
        )
        several = [(docs, gather_any(field, terms, docs)) for terms in places if len(terms) > 1 and len(docs)]
        words = tuple(str(place.term) for place in node.places)
        return self._in_order(since, docs, Scored(single, several), words, apart=True)

    @contextmanager
    def _unrecorded(self) -> Iterator[None]:
        """Terms that only decide which documents are found, and give them nothing."""
        recorder, self.recorder = self.recorder, None
        try:
            yield
        finally:
            self.recorder = recorder

    def _at_place(self, name: str, wanted: str | nodes.Pattern, weight: float) -> list[Term]:
        """The terms that may stand at a place, those of a pattern with the weight of all together."""
        if isinstance(wanted, str):
            term = self.term(name, wanted, weight)
            return [term] if term else []
        spans, documents, units = self.request.resolve_pattern(name, wanted)
        place = self._place(name)
        terms = [(place, start, end, units * weight) for start, end in spans[self.number]]
        if self.recorder and terms:
            self.recorder.term(Origin(name, wanted.text, documents), self.fields[place], terms)
        return terms

    def _in_order(
        self, since: int, docs: Array, scored: Scored, words: tuple[str, ...], apart: bool = False
    ) -> Scored:
        """What `scored` gives to `docs`, where the terms stand in the order that was asked for."""
        if self.recorder and len(words) > 1:
            self.recorder.in_order(since, words, apart)
        units = self.gathered(scored, docs) if len(docs) else np.zeros(0, np.int64)
        return self._scored(since, (docs, units))

    def _recorded(self) -> int:
        """How much was recorded until now."""
        return len(self.recorder) if self.recorder else 0

    def _scored(self, since: int, found: List) -> Scored:
        """One list; of what was recorded `since`, only what counts for its documents stays."""
        if self.recorder:
            self.recorder.keep(since, found[0])
        return Scored(lists=[found]) if len(found[0]) else Scored()

    def _filtered(self, node: nodes.Filter) -> Array:
        """The documents that a filter lets pass, ascending."""
        match node:
            case nodes.Enough():
                return self._holding_enough(node)
            case nodes.Between(name, low, high):
                column = self.leaf.column(name)
                if column is None or column.numbers is None:
                    return NO_DOCS
                inside = (column.numbers >= low) & (column.numbers <= high)
                return np.flatnonzero(inside).astype(np.uint32)
            case nodes.Present(name):
                return np.unique(unpack_docs(self.leaf.postings(name).postings))
            case nodes.Alike(name):
                here = self._alike(name) - self.leaf.base
                return here[(here >= 0) & (here < self.leaf.count)].astype(np.uint32)

    def _holding_enough(self, node: nodes.Enough) -> Array:
        terms, lists, least = self.deciding(node)
        postings, frequent, _, *rest = self.fields[self._place(node.field)]
        flat = (postings, frequent, ONCE, *rest)
        docs, held = active().union([flat], [(0, *term[1:]) for term in terms], lists, self.leaf.count)
        if self.recorder:
            self.recorder.held(docs, held / self.request.whole(node))
        enough: Array = docs[held >= least]
        return enough

    def deciding(self, node: nodes.Enough) -> tuple[list[Term], list[List], float]:
        """What counts for holding enough, and how much of it is enough, in units."""
        terms = self.request.statistics.slices(node.field, self.number, node.terms, self._place(node.field))
        lists = [self._standing(node.field, texts, count) for texts, count in node.others.items()]
        return terms, lists, max(node.least * self.request.whole(node), 1.0)

    def _standing(self, name: str, texts: Sequence[str], count: float) -> List:
        """The documents with these terms one after the other, and what the whole counts for."""
        with self._unrecorded():
            terms = [term for text in texts if (term := self.term(name, text, count))]
        if len(terms) < len(texts):
            return NO_DOCS, np.zeros(0, np.int64)
        docs = self._following(terms)
        return docs, np.full(len(docs), round(sum(term[3] for term in terms)), np.int64)
