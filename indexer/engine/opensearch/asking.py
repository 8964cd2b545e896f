"""How is the index of one state asked? Searches, and what is stored of documents.

Raises `IndexCorrupt` where the index or a document of it is gone: a state never changes while it is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.engine.opensearch.cluster import SECONDS, Answer, Cluster
from indexer.engine.opensearch.entries import STORED_UNITS, portable
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.places import Places
from indexer.engine.opensearch.queries import filtered
from indexer.engine.opensearch.remembered import Remembered
from indexer.errors import DeadlineExceeded, IndexCorrupt

UNITS = tuple(f"{name}_units" for name in STORED_UNITS)
"""What is stored of the fields whose places are told here."""
SEARCH = "_search?allow_partial_search_results=false"
LATE = "the query took too long; make it narrower"
BY_SCORE: list[Json] = [{"_score": "desc"}, {"number": "asc"}]
"""Best first, equals by id."""
LOOKED, MOST_LOOKED = 100, 2_000
"""So many documents are looked at together, and in all: beyond, a heavier chain may be left out."""
AT_ONCE = 1_000
"""So many documents are asked for together."""
_CHARACTERS = 4_000_000
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
    """The index at a place. May be shared between threads; remembers the units it was shown last."""

    place: Location
    _units: Remembered[int, Shown] = field(default_factory=lambda: Remembered(_CHARACTERS), init=False)

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

    def places(self, field: str, documents: Sequence[int]) -> list[Places]:
        """Where the terms of a field stand in documents."""
        missing = [number for number in dict.fromkeys(documents) if self._units.get(number) is None]
        shown = {number: found for number in documents if (found := self._units.get(number)) is not None}
        for number, fields in zip(missing, self.stored(missing, UNITS), strict=True):
            self.keep(number, fields)
            shown[number] = fields
        return [Places(shown[number].get(f"{field}_units", [""])[0]) for number in documents]

    def stored(self, documents: Sequence[int], names: Sequence[str]) -> list[Shown]:
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

    def best(
        self, query: Json, field: str, deadline: float | None
    ) -> Iterator[tuple[list[int], list[float], list[Places]]]:
        """What a query finds, best first: documents, scores, and where the terms of a field stand in each."""
        body: Json = {
            "query": query,
            "size": LOOKED,
            "sort": BY_SCORE,
            "stored_fields": UNITS,
            "track_total_hits": False,
        }
        for _ in range(MOST_LOOKED // LOOKED):
            hits = self.search(dict(body), deadline)["hits"]["hits"]
            if not hits:
                return
            units = [hit.get("fields", {}).get(f"{field}_units", [""])[0] for hit in hits]
            yield [int(hit["_id"]) for hit in hits], [hit["_score"] for hit in hits], [*map(Places, units)]
            body["search_after"] = hits[-1]["sort"]

    def keep(self, number: int, fields: Shown) -> None:
        """Remember the units of a document, which came with others."""
        self._units.put(number, fields, _size(fields))


def _size(fields: Shown) -> int:
    return sum(len(value) for values in fields.values() for value in values if isinstance(value, str))
