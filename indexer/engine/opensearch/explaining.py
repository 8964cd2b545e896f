"""Where do the scores of a few documents come from? What the cluster says of their terms, put together.

One request asks, of these documents, for the score of every term of the query and for whether each order and
filter holds; the nodes are evaluated over that here. **The parts of an account add up to the score.**
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexer.engine.answers import Account, Part
from indexer.engine.embedded.search.statistics import UNIT
from indexer.engine.fields import is_scored
from indexer.engine.opensearch.asking import SEARCH, AskedIndex
from indexer.engine.opensearch.entries import portable, scored_fields
from indexer.engine.opensearch.mapping import SCORED_THERE, STOPS, Json
from indexer.engine.opensearch.queries import Queries
from indexer.engine.opensearch.scoring import frequency
from indexer.query import nodes
from indexer.query.nodes import Node, Pattern
from indexer.query.ranking import inverse_frequency
from indexer.text.units import STOP

Wanted = tuple[str, str | Pattern]
"""A field, and a term or pattern of it."""
Held = Mapping[str, float]
"""The score of each named query that a document is of."""
Found = list[Part] | None


@dataclass(slots=True)
class Inquiry:
    """The named queries of a node: `queries` to be asked, and what their names are for."""

    _queries: Queries
    queries: list[Json] = field(default_factory=list)
    _terms: dict[Wanted, str] = field(default_factory=dict)
    _orders: dict[str, str] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Ask what is to be known to explain a node."""
        match node:
            case nodes.Term(name, text):
                self._term(name, text)
            case nodes.Bag(name, weights):
                for text in weights:
                    self._term(name, text)
            case nodes.Sequence(name, terms):
                self._order(node)
                for text in terms:
                    self._term(name, text)
            case nodes.Spaced(name, places):
                if len(places) > 1:
                    self._order(node)
                for place in places:
                    self._term(name, place.term)
            case nodes.AnyOf(several) | nodes.AllOf(several) | nodes.BestOf(several):
                for each in several:
                    self.add(each)
            case nodes.Maybe(one, other) | nodes.Without(one, other):
                self.add(one)
                self.add(other)
            case nodes.Enough(name, wanted, _, others):
                self._order(node)
                for text in wanted:
                    self._term(name, text)
                for texts in others:
                    self._order(nodes.Sequence(name, texts))
            case nodes.Between() | nodes.Present() | nodes.Alike():
                self._order(node)

    def _term(self, name: str, wanted: str | Pattern) -> None:
        if (name, wanted) in self._terms:
            return
        label = self._terms[name, wanted] = f"t{len(self._terms)}"
        query: Json | None = None
        if isinstance(wanted, Pattern):
            query = self._queries.at_place(name, wanted, 0.0)
            query = query and query["constant_score"]["filter"]
        elif self._queries.documents(name, wanted):
            stopped = wanted == STOP and is_scored(name) and name != "words"
            query = {"term": {f"{name}.{STOPS}" if stopped else name: {"value": portable(wanted)}}}
        if query:
            self.queries.append({"bool": {"must": [query], "_name": label}})

    def _order(self, node: Node) -> None:
        key = repr(node)
        if key in self._orders:
            return
        label = self._orders[key] = f"o{len(self._orders)}"
        if isinstance(node, nodes.Sequence):
            query = self._queries.in_order(node.field, node.terms)
        elif isinstance(node, nodes.Spaced):
            query = self._queries.matching(node)
        else:
            query = self._queries.passing(node)
        if query:
            self.queries.append({"bool": {"filter": [query], "_name": label}})

    def held(self, node: Node, held: Held) -> bool:
        """Whether an order or a filter holds."""
        return self._orders[repr(node)] in held

    def times(self, name: str, wanted: str | Pattern, held: Held, lengths: Mapping[str, int]) -> int:
        """How often a term is there; 0 where it is not."""
        score = held.get(self._terms[name, wanted])
        if score is None:
            return 0
        if not is_scored(name):
            return 1
        if name in SCORED_THERE and wanted != STOP:
            return frequency(score, lengths[name], self._queries.scoring.built[name])
        return round(score)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Evaluates nodes over what is known of one document; `lengths` has those of its fields."""

    inquiry: Inquiry
    queries: Queries
    held: Held
    lengths: Mapping[str, int]

    def account(self, node: Node) -> Account:
        """The account of the document's score by a node; an empty one where it does not match."""
        parts = self._parts(node)
        if parts is None:
            return Account()
        enough = node.node if isinstance(node, nodes.Maybe) else node
        share = self._share(enough) if isinstance(enough, nodes.Enough) else None
        return Account(tuple(parts), share)

    def _parts(self, node: Node) -> Found:
        """What makes up the score, None where the document does not match."""
        match node:
            case nodes.Nothing():
                return None
            case nodes.Everything():
                return [Part("", str(node), 0, self.queries.statistics.collection.count, 1.0, 1.0, 1.0)]
            case nodes.Term(name, text, weight):
                part = self._part(name, text, weight)
                return [part] if part else None
            case nodes.Sequence(name, terms, weight):
                return self._ordered(node, [self._part(name, text, weight) for text in terms], apart=False)
            case nodes.Spaced(name, places, weight):
                parts = [self._part(name, place.term, weight) for place in places]
                return self._ordered(node, parts, apart=True)
            case nodes.Bag():
                return _joined(map(self._parts, node.terms))
            case nodes.AnyOf(several):
                return _joined(map(self._parts, several))
            case nodes.AllOf(several):
                found = [self._parts(each) for each in several]
                return None if None in found else _joined(found)
            case nodes.BestOf(several):
                return self._best(several)
            case nodes.Maybe(wanted, more):
                own = self._parts(wanted)
                return None if own is None else [*own, *(self._parts(more) or ())]
            case nodes.Without(wanted, unwanted):
                return self._parts(wanted) if self._parts(unwanted) is None else None
        return [] if self.inquiry.held(node, self.held) else None

    def _part(self, name: str, wanted: str | Pattern, weight: float) -> Part | None:
        if not (times := self.inquiry.times(name, wanted, self.held, self.lengths)):
            return None
        statistics = self.queries.statistics
        documents = self.queries.documents(name, wanted)
        scale = statistics.scale(name)
        if scale is None:
            return Part(name, str(wanted), times, documents, 1.0, weight, weight)
        idf = inverse_frequency(documents, statistics.collection.count)
        norm = scale.k1 * (1 - scale.b + scale.b * (self.lengths[name] / scale.average) ** scale.beta)
        score = weight * idf * times * (scale.k1 + 1) / (times + norm)
        return Part(name, str(wanted), times, documents, idf, weight, score)

    def _ordered(
        self, node: nodes.Sequence | nodes.Spaced, parts: Sequence[Part | None], apart: bool
    ) -> Found:
        words = node.terms if isinstance(node, nodes.Sequence) else tuple(str(p.term) for p in node.places)
        known = [part for part in parts if part]
        if len(known) < len(parts):
            return None
        if len(words) == 1:
            return known
        if not self.inquiry.held(node, self.held):
            return None
        return [replace(part, sequence=words, apart=apart) for part in known]

    def _best(self, several: Sequence[Node]) -> Found:
        found = [
            (choice, own) for choice, node in enumerate(several) if (own := self._parts(node)) is not None
        ]
        if not found:
            return None
        choice, best = max(found, key=lambda each: sum(part.score for part in each[1]))
        if sum(part.score for part in best) <= 0:
            return []
        return [replace(part, choice=choice) for part in best]

    def _share(self, node: nodes.Enough) -> float:
        """What share of a node's terms the document holds."""
        weights = self.queries.weights(node)
        whole = sum(weights.values()) or 1.0
        here = sum(
            weight
            for text, weight in weights.items()
            if self.inquiry.times(node.field, text, self.held, self.lengths)
        )
        for texts, count in node.others.items():
            if self.inquiry.held(nodes.Sequence(node.field, texts), self.held):
                terms = self.queries.statistics.term
                here += sum(terms(node.field, text).weight for text in texts) / UNIT * count
        return min(here / whole, 1.0)


def inquiry(queries: Queries, query: Node) -> Json:
    """What `explained` asks."""
    asked = Inquiry(queries)
    asked.add(query)
    return {"bool": {"should": asked.queries}}


def explained(asked: AskedIndex, queries: Queries, query: Node, documents: Sequence[int]) -> list[Account]:
    """The account of each document's score."""
    if not documents:
        return []
    inquiry = Inquiry(queries)
    inquiry.add(query)
    wanted = {"ids": {"values": [str(number) for number in documents]}}
    body: Json = {
        "query": {"bool": {"filter": [wanted], "should": inquiry.queries}},
        "size": len(documents),
        "docvalue_fields": [f"{name}_length" for name in scored_fields()],
        "stored_fields": [],
    }
    hits = asked.ask("POST", f"{SEARCH}&include_named_queries_score=true", body)["hits"]["hits"]
    known = {}
    for hit in hits:
        lengths = {name: hit.get("fields", {}).get(f"{name}_length", [0])[0] for name in scored_fields()}
        explainer = Explainer(inquiry, queries, hit.get("matched_queries", {}), lengths)
        known[int(hit["_id"])] = explainer.account(query)
    return [known.get(number, Account()) for number in documents]


def _joined(several: Iterable[Found]) -> Found:
    """The parts of all that match; None where none does."""
    found = [own for own in several if own is not None]
    return [part for own in found for part in own] if found else None
