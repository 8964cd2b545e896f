"""How are all documents of a query read, however many there are? In order, page after page.

The index never changes, so pages fit together without anything being held on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from indexer.engine.answers import Standing
from indexer.engine.opensearch.asking import BY_SCORE, PAGE, AskedIndex
from indexer.engine.opensearch.cluster import Answer
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.queries import Queries, any_of
from indexer.engine.protocol import Sort


def order_of(sort: Sort) -> list[Json]:
    """The order of hits; the number, which is that of ids, is always last."""
    if sort == "relevance":
        return BY_SCORE
    if sort == "id":
        return BY_SCORE[1:]
    order = "desc" if sort in ("date_desc", "added_desc") else "asc"
    names = {"title": ["title"], "source": ["source"], "added_desc": ["added", "day"]}.get(sort, ["day"])
    return [*({name: {"order": order, "missing": "_last"}} for name in names), *BY_SCORE[1:]]


def hits_of(
    asked: AskedIndex, query: Json, sort: Sort, size: int, deadline: float | None, *, scored: bool = False
) -> Iterator[tuple[list[Answer], int]]:
    """All hits of a query in order, some at a time, and how many there are. `deadline` is for the first.

    Where it is `scored`, each hit has its score, whatever the order.
    """
    body: Json = {
        "query": query,
        "size": size,
        "sort": order_of(sort),
        "stored_fields": "_none_",
        "docvalue_fields": ["group"],
        "track_total_hits": True,
        "track_scores": scored,
    }
    total = 0
    while hits := (answer := asked.search(dict(body), deadline))["hits"]["hits"]:
        total = answer["hits"]["total"]["value"] if not total else total
        yield hits, total
        if len(hits) < size:
            return
        body |= {"search_after": hits[-1]["sort"], "track_total_hits": False}
        deadline = None


def number_of(hit: Answer) -> int:
    """The number of a hit's document, which it was sorted by, or came with."""
    number: int = hit["sort"][-1] if "sort" in hit else hit["fields"]["number"][0]
    return number


def by_score(hits: Iterable[Answer]) -> list[Answer]:
    """Hits best first, equals by id."""
    return sorted(hits, key=lambda hit: (-hit["_score"], number_of(hit)))


def standing(
    asked: AskedIndex,
    queries: Queries,
    field: str,
    sequences: Sequence[Sequence[str]],
    passing: Json | None,
    sort: Sort,
    deadline: float | None,
) -> Standing:
    """See `Snapshot.standing`: a query that scores how often each document holds the sequences."""
    held = any_of(queries.counted(field, tuple(terms)) for terms in sequences)
    documents: list[int] = []
    times: list[int] = []
    if held:
        wanted: Json = {"bool": {"must": [held], "filter": [passing] if passing else []}}
        for hits, _ in hits_of(asked, wanted, sort, PAGE, deadline, scored=True):
            documents += map(number_of, hits)
            times += (round(hit["_score"]) for hit in hits)
    return Standing(documents, times)


def numbers(asked: AskedIndex, field: str, documents: Sequence[int]) -> list[int]:
    """See `Snapshot.numbers`."""
    known: dict[int, int] = {}
    for hits in asked.numbered(documents, {"docvalue_fields": [field]}):
        known |= {number_of(hit): hit.get("fields", {}).get(field, [0])[0] for hit in hits}
    return [known[number] for number in documents]
