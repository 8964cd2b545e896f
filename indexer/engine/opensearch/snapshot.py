"""How is a state on a cluster asked? Queries for its index, and its terms at hand.

**Matching, scores, totals and counts are the cluster's.** What it has no words for (what stands close
together) is told from the units of the few documents that are looked at again, which come with the hits.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from indexer.config import EngineSettings, RankingSettings
from indexer.engine.answers import Account, Chain, Found, Standing
from indexer.engine.embedded.search.expansion import MAX_EXPANSIONS
from indexer.engine.embedded.search.frequencies import document_frequencies
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.fields import FIELDS, Record, indexed_text
from indexer.engine.opensearch import attachments, listing
from indexer.engine.opensearch.asking import AT_ONCE, LATE, AskedIndex, Location
from indexer.engine.opensearch.chaining import Passage, chains
from indexer.engine.opensearch.clauses import WANTED, fitting
from indexer.engine.opensearch.closeness import Closeness
from indexer.engine.opensearch.cluster import Answer
from indexer.engine.opensearch.common_terms import COMMON, WINDOW, common_apart, rescored
from indexer.engine.opensearch.counting import (
    Count,
    Counted,
    aggregations,
    apart,
    counted,
    together,
    volumes,
)
from indexer.engine.opensearch.explaining import explained, inquiry
from indexer.engine.opensearch.generations import Description
from indexer.engine.opensearch.listing import by_score, number_of, order_of
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.queries import NOTHING, Queries, filtered
from indexer.engine.opensearch.scoring import Scoring
from indexer.engine.opensearch.terms import NAME as TERMS
from indexer.engine.opensearch.terms import TermFile
from indexer.engine.protocol import Generation, Sort
from indexer.engine.shares import Share
from indexer.errors import DeadlineExceeded, IndexCorrupt, NotPermitted
from indexer.query.nodes import Everything, Node, Term
from indexer.query.ranking import RANKING
from indexer.recent import Recent

# Shares come with so many hits at most, more than are looked at again; else they are asked for after.
_WITH_SHARES = 100
_COPIES = "copies"


class OpenSearchSnapshot:
    """One state on a cluster; see `indexer.engine.protocol.Snapshot`."""

    def __init__(
        self,
        place: Location,
        told: Description,
        ranking: RankingSettings = RANKING,
        clauses: int = WANTED,
        exact_up_to: int = EngineSettings().exact_up_to,
    ) -> None:
        self.generation: Generation = told.generation
        self._asked, self._told, self._clauses = AskedIndex(place), told, clauses
        self._terms = TermFile(self.attachment(TERMS))
        self._statistics = TermStatistics(self._terms.collection, ranking)
        self._scoring = Scoring(self._statistics.scale, told.scales)
        self._closeness = Closeness(self._asked, self._statistics)
        self._exact_up_to = exact_up_to
        self._orders: Recent[tuple[str, tuple[str, ...]], bool] = Recent(100_000)

    def search(
        self,
        query: Node,
        *,
        limit: int,
        only: Node | None = None,
        sort: Sort = "relevance",
        facets: Sequence[str] = (),
        copies: bool = False,
        again: Sequence[Share] = (),
        seconds: float | None = None,
    ) -> Found:
        """See `Snapshot.search`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        large = sort == "relevance" and 0 < limit <= WINDOW and self._statistics.count > self._exact_up_to
        rest, common = common_apart(query, self._is_common) if large else (query, None)
        scored, exact = self._narrowed(rest, only, sort, deadline)
        more = self._queries(deadline).query(common) if common else None
        shares = again if limit <= _WITH_SHARES else ()
        first, others = together(self._counts(facets, copies))
        body: Json = {
            "query": scored or NOTHING,
            "size": limit,
            **(rescored(more) if more else {"sort": order_of(sort)}),
            "track_total_hits": True,
            "docvalue_fields": ["group", "number"] if more else ["group"],
            "stored_fields": "_none_",
            "aggs": aggregations(first),
            **self._closeness.asked_with(shares),
        }
        answer = self._asked.search(body, deadline)
        hits = by_score(answer["hits"]["hits"]) if more else answer["hits"]["hits"]
        self._closeness.learn(shares, hits)
        counts = counted(answer, first) | apart(self._asked, scored or NOTHING, others, deadline)
        return self._found(answer, hits, facets, counts, exact, sort == "relevance")

    def every(
        self, query: Node, *, only: Node | None = None, sort: Sort = "id", seconds: float | None = None
    ) -> Iterator[Found]:
        """See `Snapshot.every`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        scored, exact = self._narrowed(query, only, sort, deadline)
        for hits, total in listing.hits_of(self._asked, scored or NOTHING, sort, AT_ONCE, deadline):
            numbers = [*map(number_of, hits)]
            scores = [hit["_score"] if sort == "relevance" else 0.0 for hit in hits]
            leaders = [_group(hit, number) for hit, number in zip(hits, numbers, strict=True)]
            yield Found(numbers, scores, total, exact, {}, leaders)

    def _narrowed(
        self, query: Node, only: Node | None, sort: Sort, deadline: float | None
    ) -> tuple[Json | None, bool]:
        """What finds the documents of a query that are also of `only`, scored where it is by relevance.

        And whether it finds all of them.
        """

        def made(queries: Queries) -> Json | None:
            scored = queries.query(query) if sort == "relevance" else filtered(queries.query(query))
            if scored and only is not None:
                passing = queries.query(only)
                return {"bool": {"must": [scored], "filter": [passing]}} if passing else None
            return scored

        found, queries = fitting(lambda most: self._queries(deadline, most), made, self._clauses)
        return found, not queries.cut

    def standing(
        self,
        field: str,
        sequences: Sequence[Sequence[str]],
        *,
        only: Node | None = None,
        sort: Sort = "id",
        seconds: float | None = None,
    ) -> Standing:
        """See `Snapshot.standing`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        queries = self._queries(deadline)
        passing = None if only is None else queries.query(only) or NOTHING
        return listing.standing(self._asked, queries, field, sequences, passing, sort, deadline)

    def numbers(self, field: str, documents: Sequence[int]) -> list[int]:
        """See `Snapshot.numbers`."""
        return listing.numbers(self._asked, field, documents)

    def volumes(self, by: str, only: Node | None = None) -> Mapping[str | int, int]:
        """See `Snapshot.volumes`."""
        query = filtered(self._queries().query(only or Everything())) or NOTHING
        (count,) = self._counts([by])
        return volumes(self._asked, count, query)

    def _is_common(self, term: Term) -> bool:
        return self._statistics.term(term.field, term.text).documents > COMMON * self._statistics.count

    def _queries(self, deadline: float | None = None, expansions: int = MAX_EXPANSIONS) -> Queries:
        def check() -> None:
            if deadline is not None and time.monotonic() > deadline:
                raise DeadlineExceeded(LATE)

        check()
        return Queries(self._statistics, self._scoring, self._alike, check, expansions)

    def _counts(self, facets: Sequence[str], copies: bool = False) -> Iterator[Count]:
        for name in facets:
            kind, values = FIELDS.get(name), self._told.values.get(name, 0)
            if kind not in ("value", "number"):
                raise ValueError(f"{name}: no field with one value for each document")
            if kind == "number":
                yield Count(name, name, values)
            else:
                yield Count(name, f"{name}_code", values, named=self._terms.named(name))
        if copies:
            yield Count(_COPIES, "group", self._told.groups, least=2)

    def _found(
        self,
        answer: Answer,
        hits: Sequence[Answer],
        facets: Sequence[str],
        counts: Counted,
        exact: bool,
        is_scored: bool,
    ) -> Found:
        documents = [*map(number_of, hits)]
        return Found(
            documents,
            [hit["_score"] if is_scored else 0.0 for hit in hits],
            answer["hits"]["total"]["value"],
            exact,
            {name: counts.get(name, {}) for name in facets},
            [_group(hit, number) for hit, number in zip(hits, documents, strict=True)],
            counts.get(_COPIES, {}),
        )

    def explain(self, query: Node, documents: Sequence[int]) -> list[Account]:
        """See `Snapshot.explain`."""
        _, queries = fitting(
            lambda most: self._queries(expansions=most), lambda own: inquiry(own, query), self._clauses
        )
        return explained(self._asked, queries, query, documents)

    def shares(self, asked: Sequence[Share], documents: Sequence[int]) -> list[list[float]]:
        """See `Snapshot.shares`."""
        return [self._closeness.of(share, documents) for share in asked]

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """See `Snapshot.frequencies`."""
        return self._statistics.frequencies(field, terms)

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """See `Snapshot.hold`; asked for together, and remembered."""
        queries = self._queries()
        keys = [(field, tuple(terms)) for terms in sequences]
        lines: list[bytes] = []
        asked: list[tuple[str, tuple[str, ...]]] = []
        known: dict[tuple[str, tuple[str, ...]], bool] = {}
        for key in dict.fromkeys(keys):
            remembered = self._orders.get(key)
            order = queries.in_order(*key) if remembered is None else None
            known[key] = bool(remembered) if order is None else len(key[1]) == 1
            if order is not None and len(key[1]) > 1:
                asked.append(key)
                body = {"query": filtered(order), "size": 0, "track_total_hits": 1, "terminate_after": 1}
                lines += b"{}", json.dumps(body).encode()
        if asked:
            answers = self._asked.ask("POST", "_msearch", b"\n".join([*lines, b""]))["responses"]
            for key, answer in zip(asked, answers, strict=True):
                if "hits" not in answer:
                    raise IndexCorrupt(f"{self._asked.place.index}: cannot be searched; run `hansou check`")
                known[key] = answer["hits"]["total"]["value"] > 0
                self._orders.put(key, known[key])
        return [known[key] for key in keys]

    def totals(self, field: str, terms: Sequence[str]) -> tuple[list[int], int]:
        """See `Snapshot.totals`."""
        return self._terms.totals(field, terms)

    def chains(
        self,
        field: str,
        terms: Sequence[str],
        *,
        limit: int,
        most: int,
        only: Node | None = None,
        seconds: float | None = None,
    ) -> list[Chain]:
        """See `Snapshot.chains`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        queries = self._queries(deadline)
        passing = None if only is None else queries.query(only) or NOTHING
        passage = Passage.of(self._statistics, field, terms, most)

        def look(query: Json) -> Iterator[list[Answer]]:
            wanted: Json = {"bool": {"must": [query], "filter": [passing] if passing else []}}
            yield from self._asked.best(wanted, passage.asked_with(), deadline)

        return chains(passage, limit, look)

    def number(self, document_id: str) -> int | None:
        """See `Snapshot.number`."""
        hit = self._asked.called(document_id)
        return int(hit["_id"]) if hit else None

    def _alike(self, document_id: str) -> Json | None:
        if (hit := self._asked.called(document_id)) is None:
            return None
        group = hit.get("fields", {}).get("group")
        return {"term": {"group": group[0]}} if group else {"ids": {"values": [hit["_id"]]}}

    def ids(self, documents: Sequence[int]) -> list[str]:
        """See `Snapshot.ids`."""
        return [record["id"] for record in self.records(documents)]

    def records(self, documents: Sequence[int]) -> list[Record]:
        """See `Snapshot.records`."""
        return [json.loads(record) for record in self._asked.records(documents)]

    def scan(self) -> Iterator[Record]:
        """See `Snapshot.scan`; in the order of ids."""
        return map(json.loads, self._asked.every())

    def values(self, field: str) -> Mapping[str, int]:
        """See `Snapshot.values`."""
        return self.vocabulary(field)

    def vocabulary(
        self, field: str, *, longest: int | None = None, most: int | None = None
    ) -> Mapping[str, int]:
        """See `Snapshot.vocabulary`."""
        return document_frequencies(self._statistics.collection, field, longest=longest, most=most)

    def occurrences(self, field: str) -> Mapping[str, int]:
        """See `Snapshot.occurrences`."""
        return self._told.occurrences[field]

    def sample(self, characters: int) -> Iterator[str]:
        """See `Snapshot.sample`."""
        # A character and the pair it opens are two grams. Of equal fingerprints all are in, or none.
        left, chosen = 2 * characters, list[tuple[int, int]]()
        for scatter, number, length in self._asked.scattered():
            left -= length
            if left < 0:
                chosen = [(place, each) for place, each in chosen if place != scatter]
                break
            if length:
                chosen.append((scatter, number))
        numbers = [number for _, number in chosen]
        for start in range(0, len(numbers), AT_ONCE):
            yield from map(indexed_text, self.records(numbers[start : start + AT_ONCE]))

    def attachment(self, name: str) -> Path:
        """See `Snapshot.attachment`."""
        place = self._asked.place
        if name not in self._told.files:
            raise IndexCorrupt(f"{place.index}: has no {name}; run `hansou rebuild`")
        return attachments.fetch(place.cluster, place.files, name, *self._told.files[name], place.directory)

    def within(self, only: Node) -> OpenSearchSnapshot:
        """Raises `NotPermitted`: what is counted on a cluster is counted over all documents."""
        raise NotPermitted('an index on a cluster is seen whole or not at all; [engine] kind = "embedded"')

    def close(self) -> None:
        """See `Snapshot.close`; the connections are the engine's."""


def _group(hit: Answer, number: int) -> int:
    """The leader of a hit's group, itself where it is alone."""
    leader: int = hit.get("fields", {}).get("group", [number])[0]
    return leader
