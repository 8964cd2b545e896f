"""What does a cluster evaluate for a node? Queries of Lucene, weighed by the statistics of the whole index.

**Every query finds what its node finds, and scores what the node says**: matching is the cluster's, and a
term's boost carries all that is global. None stands for what finds nothing; it is left out where it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.engine.embedded.search.expansion import MAX_EXPANSIONS, expanded
from indexer.engine.embedded.search.statistics import UNIT, TermStatistics
from indexer.engine.fields import FIELDS
from indexer.engine.opensearch.entries import BREAK, portable
from indexer.engine.opensearch.mapping import EITHER, LINES, STOPS, Json
from indexer.engine.opensearch.scoring import Scoring
from indexer.engine.opensearch.spans import Spans
from indexer.query import nodes
from indexer.query.nodes import Node
from indexer.text.units import STOP

NOTHING: Json = {"match_none": {}}
# Sums are 32-bit numbers there: what holds exactly enough must not miss it by the last digit.
_SLACK = 1e-6


@dataclass(slots=True)
class Queries:
    """Turns the nodes of one request into queries.

    `alike` gives the query for the documents that are near-identical to one; `check` may raise. After a
    pattern stood for more than `expansions` terms, `cut` is True.
    """

    statistics: TermStatistics
    scoring: Scoring
    alike: Callable[[str], Json | None]
    check: Callable[[], None] = lambda: None
    expansions: int = MAX_EXPANSIONS
    cut: bool = False

    def query(self, node: Node) -> Json | None:
        """What finds and scores a node."""
        match node:
            case nodes.Nothing():
                return None
            case nodes.Everything():
                return {"match_all": {}}
            case nodes.Term(name, text, weight):
                return self.term(name, text, weight)
            case nodes.Sequence(name, terms, weight):
                return self._ordered(node, [self.term(name, text, weight) for text in terms])
            case nodes.Spaced(name, places, weight):
                scored = [self.at_place(name, place.term, weight) for place in places]
                return scored[0] if len(places) == 1 else self._ordered(node, scored)
            case nodes.Bag():
                return any_of(map(self.query, node.terms))
            case nodes.AnyOf():
                # What is added up in one place is rounded once.
                return any_of(map(self.query, node.spread))
            case nodes.AllOf(several):
                return all_of(map(self.query, several))
            case nodes.BestOf(several):
                found = [query for each in several if (query := self.query(each))]
                return {"dis_max": {"queries": found}} if found else None
            case nodes.Maybe(wanted, more):
                return self._maybe(wanted, self.query(more))
            case nodes.Without(wanted, unwanted):
                found_, out = self.query(wanted), self.query(unwanted)
                return {"bool": {"must": [found_], "must_not": [out]}} if found_ and out else found_
        return filtered(self.passing(node))

    def matching(self, node: Node) -> Json | None:
        """What finds a node and scores nothing: the order of terms alone, where they have one."""
        match node:
            case nodes.Sequence(name, terms):
                return self.in_order(name, terms)
            case nodes.Spaced(name, places, _, stop):
                return self._spans().chain(name, places, stop)
        return self.query(node)

    def _maybe(self, wanted: Node, more: Json | None) -> Json | None:
        if isinstance(wanted, nodes.Enough | nodes.Between | nodes.Present | nodes.Alike):
            found = self.passing(wanted)
            return {"bool": {"filter": [found], "should": [more]}} if found and more else filtered(found)
        found = self.query(wanted)
        return {"bool": {"must": [found], "should": [more]}} if found and more else found

    def _ordered(self, node: nodes.Sequence | nodes.Spaced, scored: Sequence[Json | None]) -> Json | None:
        order = self.matching(node)
        return {"bool": {"filter": [order], "should": [*filter(None, scored)]}} if order else None

    def term(self, name: str, text: str, weight: float) -> Json | None:
        """A term of a field."""
        if not self.statistics.term(name, text).documents:
            return None
        worth = weight * self.statistics.term(name, text).weight / UNIT
        if not worth or self.statistics.scale(name) is None:
            return constant(self._held(name, text), worth)
        if text == STOP and FIELDS[name] == "grams":
            return self.scoring.by_frequency(name, self._held(name, text), worth)
        return self.scoring.scored(name, "term", {"value": portable(text)}, worth)

    @staticmethod
    def _held(name: str, text: str) -> Json:
        field = f"{name}.{STOPS}" if text == STOP and FIELDS[name] == "grams" else name
        return {"term": {field: {"value": portable(text)}}}

    def at_place(self, name: str, wanted: str | nodes.Pattern, weight: float) -> Json | None:
        """A term, or all of a pattern's as one."""
        if isinstance(wanted, str):
            return self.term(name, wanted, weight)
        texts = self.texts(name, wanted)
        if not texts:
            return None
        worth = weight * self.statistics.weight(name, self.documents(name, wanted)) / UNIT
        either = {"query": BREAK.join(map(portable, texts)), "analyzer": EITHER}
        if not worth:
            return constant({"match": {name: either}}, 0.0)
        return self.scoring.scored(name, "match", either, worth)

    def texts(self, name: str, pattern: nodes.Pattern) -> list[str]:
        """The terms that a pattern stands for; of too many those in most documents."""
        found, cut = expanded(self.statistics, name, pattern, self.check)
        self.cut |= cut or len(found) > self.expansions
        if len(found) <= self.expansions:
            return found
        known = self.statistics.terms(name, found)
        return sorted(sorted(found, key=lambda term: (-known[term].documents, term))[: self.expansions])

    def documents(self, name: str, wanted: str | nodes.Pattern) -> int:
        """How many documents hold a term; of a pattern the sum over its terms."""
        texts = [wanted] if isinstance(wanted, str) else self.texts(name, wanted)
        return sum(self.statistics.term(name, text).documents for text in texts)

    def in_order(self, name: str, terms: Sequence[str]) -> Json | None:
        """What has the terms one after the other; None where a term is nowhere."""
        if not all(self.statistics.term(name, text).documents for text in terms):
            return None
        if len(terms) == 1:
            return self._held(name, terms[0])
        if FIELDS.get(name) != "grams" or STOP in terms:
            return self._spans().chain(name, [*map(nodes.Place, terms)], "")
        phrase = BREAK.join(map(portable, terms))
        return {"match_phrase": {name: {"query": phrase, "analyzer": LINES}}}

    def counted(self, name: str, terms: tuple[str, ...]) -> Json | None:
        """What has the terms one after the other, scored by how often it has."""
        order = self.in_order(name, terms)
        if not order:
            return None
        # A similarity that is a script is asked for each term of a phrase, for each different one of a span.
        ((kind, body),) = order.items()
        times = len(terms) if kind == "match_phrase" else len({*terms})
        if kind.startswith("span"):
            return self.scoring.counted(name, {kind: {**body, "boost": 1 / times}})
        ((field, asked),) = body.items()
        return self.scoring.counted(name, {kind: {field: {**asked, "boost": 1 / times}}})

    def _spans(self) -> Spans:
        return Spans(self.texts, lambda name, text: self.statistics.term(name, text).documents > 0)

    def passing(self, node: Node) -> Json | None:
        """What a filter lets pass; other nodes as they are."""
        match node:
            case nodes.Enough():
                return self._enough(node)
            case nodes.Between(name, low, high):
                within: Json = {"range": {name: {"gte": low, "lte": high}}}
                # Without a value it counts as 0.
                without: Json = {"bool": {"must_not": [{"exists": {"field": name}}]}}
                return any_of([within, without]) if low <= 0 <= high else within
            case nodes.Present(name):
                return {"exists": {"field": name}}
            case nodes.Alike(name):
                return self.alike(name)
        return self.query(node)

    def _enough(self, node: nodes.Enough) -> Json | None:
        weights = self.weights(node)
        clauses = [constant(self._held(node.field, text), weight) for text, weight in weights.items()]
        for terms, count in node.others.items():
            if order := self.in_order(node.field, terms):
                worth = sum(self.statistics.term(node.field, text).weight for text in terms) / UNIT
                clauses.append(constant(order, worth * count))
        if not clauses:
            return None
        least = max(node.least * (sum(weights.values()) or 1.0) * (1 - _SLACK), 1 / UNIT)
        return {"function_score": {"query": any_of(clauses), "min_score": least}}

    def weights(self, node: nodes.Enough) -> Mapping[str, float]:
        """What each of a node's terms weighs that any document holds."""
        known = ((text, self.statistics.term(node.field, text), count) for text, count in node.terms.items())
        return {text: each.weight * count / UNIT for text, each, count in known if each.documents}


def any_of(queries: Iterable[Json | None]) -> Json | None:
    """What any of the queries finds, the scores of all added up."""
    found = [query for query in queries if query]
    if len(found) < 2:
        return found[0] if found else None
    return {"bool": {"should": found, "minimum_should_match": 1}}


def all_of(queries: Iterable[Json | None]) -> Json | None:
    """What all of the queries find."""
    found = [*queries]
    return {"bool": {"must": found}} if found and all(found) else None


def constant(query: Json, score: float) -> Json:
    """What a query finds, each with one score."""
    return {"constant_score": {"filter": query, "boost": score}}


def filtered(query: Json | None) -> Json | None:
    """What a query finds, each with the score 0."""
    return {"bool": {"filter": [query]}} if query else None
