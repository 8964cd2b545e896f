"""How is the index of one state asked? Searches, and what is stored of documents.

Raises `IndexCorrupt` where the index or a document of it is gone: a state never changes while it is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.engine.opensearch.cluster import SECONDS, Answer, Cluster
from indexer.engine.opensearch.entries import portable
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.queries import filtered
from indexer.errors import DeadlineExceeded, IndexCorrupt
from indexer.recent import Recent

SEARCH = "_search?allow_partial_search_results=false"
LATE = "the query took too long; make it narrower"
BY_SCORE: list[Json] = [{"_score": "desc"}, {"number": "asc"}]
"""Best first, equals by id."""
LOOKED, MOST_LOOKED = 100, 2_000
"""So many documents are looked at together, and in all: beyond, a heavier chain may be left out."""
AT_ONCE, PAGE = 1_000, 5_000
"""So many documents are asked for together; so many where little is asked of each."""
_REMEMBERED = 2_000_000
_SCANNED = 200
Shown = Mapping[str, list[str]]
"""Values by field, as the cluster gives them."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a state is: its index, the index of its files, and the directory where these are kept here."""

    cluster: Cluster
    index: str
    files: str
    directory: Path


@dataclass(slots=True)
class AskedIndex:
    """The index at a place. May be shared between threads; remembers the records it was shown last."""

    place: Location
    _records: Recent[int, str] = field(default_factory=lambda: Recent(_REMEMBERED), init=False)

    def search(self, body: Json, deadline: float | None = None) -> Answer:
        """The answer to a search, which is whole. Raises `DeadlineExceeded` at `deadline` (monotonic)."""
        left = SECONDS if deadline is None else max(deadline - time.monotonic(), 0.001)
        if deadline is not None:
            body["timeout"] = f"{max(1, int(left * 1000))}ms"
        answer = self.ask("POST", SEARCH, body, left, late=deadline is not None)
        if answer.get("timed_out"):
            raise DeadlineExceeded(LATE)
        return answer

    def ask(
        self, method: str, path: str, body: Json | bytes, seconds: float = SECONDS, late: bool = False
    ) -> Answer:
        """The answer to a request of the index; `late` as for `Cluster.ask`."""
        answer = self.place.cluster.ask(
            method, f"/{self.place.index}/{path}", body, seconds=seconds, late=late
        )
        if "status" in answer and "error" in answer:
            raise IndexCorrupt(f"{self.place.index}: the index is gone; run `hansou rebuild`")
        return answer

    def records(self, documents: Sequence[int]) -> list[str]:
        """What was stored of documents."""
        known = {number: found for number in documents if (found := self._records.get(number)) is not None}
        missing = [number for number in dict.fromkeys(documents) if number not in known]
        for number, fields in zip(missing, self._stored(missing, ["record"]), strict=True):
            (known[number],) = fields["record"]
            self._records.put(number, known[number], len(known[number]))
        return [known[number] for number in documents]

    def _stored(self, documents: Sequence[int], names: Sequence[str]) -> list[Shown]:
        """Stored fields of documents."""
        found: list[Shown] = []
        for start in range(0, len(documents), AT_ONCE):
            ids = [str(number) for number in documents[start : start + AT_ONCE]]
            answer = self.ask("POST", f"_mget?realtime=false&stored_fields={','.join(names)}", {"ids": ids})
            for document in answer["docs"]:
                if not document.get("found"):
                    raise IndexCorrupt(f"{self.place.index}: a document is gone; run `hansou rebuild`")
                found.append(document.get("fields", {}))
        return found

    def called(self, document_id: str) -> Answer | None:
        """The document with an id, with its group."""
        query = filtered({"term": {"id": portable(document_id)}})
        body: Json = {"query": query, "size": 1, "stored_fields": [], "docvalue_fields": ["group"]}
        hits: list[Answer] = self.search(body)["hits"]["hits"]
        return hits[0] if hits else None

    def scattered(self) -> Iterator[tuple[int, int, int]]:
        """All documents, far apart ones together: where each stands so, its number, how many grams it has."""
        body: Json = {
            "size": AT_ONCE,
            "sort": [{"scatter": "asc"}, {"number": "asc"}],
            "stored_fields": [],
            "docvalue_fields": ["grams_length"],
            "track_total_hits": False,
        }
        while hits := self.search(body)["hits"]["hits"]:
            for hit in hits:
                scatter, number = hit["sort"]
                yield scatter, number, hit.get("fields", {}).get("grams_length", [0])[0]
            body["search_after"] = hits[-1]["sort"]

    def every(self) -> Iterator[str]:
        """What was stored of all documents, in the order of ids; a few are asked for at a time."""
        body: Json = {
            "size": _SCANNED,
            "sort": BY_SCORE[1:],
            "stored_fields": ["record"],
            "track_total_hits": False,
        }
        while hits := self.search(body)["hits"]["hits"]:
            yield from (hit["fields"]["record"][0] for hit in hits)
            body["search_after"] = hits[-1]["sort"]

    def numbered(self, documents: Sequence[int], more: Json) -> Iterator[list[Answer]]:
        """The hits of documents, many at a time, by number, with what `more` asks of them."""
        for start in range(0, len(documents), PAGE):
            ids = [str(number) for number in documents[start : start + PAGE]]
            body: Json = {
                "query": {"bool": {"filter": [{"ids": {"values": ids}}]}},
                "size": len(ids),
                "sort": BY_SCORE[1:],
                "stored_fields": "_none_",
                **more,
            }
            hits: list[Answer] = self.search(body)["hits"]["hits"]
            if len(hits) < len(ids):
                raise IndexCorrupt(f"{self.place.index}: a document is gone; run `hansou rebuild`")
            yield hits

    def best(self, query: Json, more: Json, deadline: float | None) -> Iterator[list[Answer]]:
        """What a query finds, best first, some at a time, with what `more` asks of it."""
        body: Json = {
            "query": query,
            "size": LOOKED,
            "sort": BY_SCORE,
            "stored_fields": "_none_",
            "track_total_hits": False,
            **more,
        }
        for _ in range(MOST_LOOKED // LOOKED):
            hits: list[Answer] = self.search(dict(body), deadline)["hits"]["hits"]
            if not hits:
                return
            yield hits
            body["search_after"] = hits[-1]["sort"]
