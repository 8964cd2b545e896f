"""What are all hits of a search, beyond its pages? One after the other, in the order that pages have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from indexer.config import RankingSettings
from indexer.engine.protocol import Snapshot, Sort
from indexer.query import nodes
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.results.hits import listed_hit
from indexer.results.ranked import Match, ranked
from indexer.results.results import Hit

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A search of which all hits are wanted; with `once` only the best of near-identical documents is one."""

    plan: Plan
    only: Node | None
    sort: Sort
    once: bool
    seconds: float | None


def every_match(snapshot: Snapshot, asked: Asked, ranking: RankingSettings) -> Iterator[Match]:
    """All matches of a search. Raises `DeadlineExceeded` before the first."""
    query, only, seconds = asked.plan.query, asked.only, asked.seconds
    counted = snapshot.search(query, limit=0, only=only, sort="id", copies=asked.once, seconds=seconds)
    first: tuple[Match, ...] = ()
    if asked.sort == "relevance":
        first = ranked(
            snapshot,
            asked.plan,
            limit=ranking.depth,
            only=only,
            seconds=seconds,
            collapse=asked.once,
            ranking=ranking,
        ).best
    return chain(first, _others(snapshot, asked, first, dict(counted.copies)))


def _others(
    snapshot: Snapshot, asked: Asked, first: tuple[Match, ...], copies: dict[int, int]
) -> Iterator[Match]:
    """The matches behind the first."""
    passed = {match.number for match in first}
    led = _leaders(snapshot, first) if copies else set()
    batches = snapshot.every(asked.plan.query, only=asked.only, sort=asked.sort, seconds=asked.seconds)
    for found in batches:
        for number, score, leader in zip(found.documents, found.scores, found.leaders, strict=True):
            if number in passed or leader in led:
                continue
            if leader in copies:
                led.add(leader)
            yield Match(number, round(score, 6), copies.get(leader, 1) - 1)


def _leaders(snapshot: Snapshot, matches: tuple[Match, ...]) -> set[int]:
    ids = (record["id"] for record in snapshot.records([match.number for match in matches]))
    query = nodes.AnyOf(tuple(nodes.Term("id", each) for each in ids))
    return set(snapshot.search(query, limit=len(matches), sort="id").leaders)


def listed(snapshot: Snapshot, matches: Iterator[Match]) -> Iterator[Hit]:
    """Matches as hits, read a few hundred at a time."""
    while batch := [*islice(matches, _BATCH)]:
        records = snapshot.records([match.number for match in batch])
        yield from (listed_hit(match, record) for match, record in zip(batch, records, strict=True))
