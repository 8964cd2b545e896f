"""Which passages stand in several documents of an archive? All against all, by rare shingles.

    texts ─ minimizers ─→ shingles, by hash ─ rare ones ─→ pairs of places, by document ─ align ─→ reuses

Near-identical documents count as one. **Memory does not grow with the texts**: shingles and pairs lie on
disk, in parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from indexer.arrays import Array
from indexer.engine.protocol import Snapshot
from indexer.query.nodes import Everything, Node
from indexer.text.units import Mark
from indexer.trace.alignment import Band, Run
from indexer.trace.evidence import evidence_of
from indexer.trace.holding import changes, extent, overlap
from indexer.trace.regions import Region, Span, linked
from indexer.trace.shingles import PARTS, SIZE, Partitions, minimizers
from indexer.trace.tracing import AROUND, BESIDE, Source, alignments

RARE = 16
"""A shingle that stands in more places is a formula, and leads nowhere."""
_SHINGLE = np.dtype([("hash", "u8"), ("document", "u4"), ("place", "u4")])
_PAIR = np.dtype([("one", "u4"), ("other", "u4"), ("place", "u4"), ("at", "u4")])
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a document: what it says and where, in code points of the stored text."""

    id: str
    mark: Mark
    text: str

    def to_json(self) -> dict[str, Any]:
        """`{id, start, end, text}`."""
        return {"id": self.id, "start": self.mark[0], "end": self.mark[1], "text": self.text}


@dataclass(frozen=True, slots=True)
class Reuse:
    """A passage that stands in two documents; `changed` and `score` are as of a `Parallel`."""

    score: float
    changed: float
    passages: tuple[Excerpt, Excerpt]

    def to_json(self) -> dict[str, Any]:
        """The reuse as a line of JSON."""
        return {
            "score": round(self.score, 2),
            "changed": round(self.changed, 4),
            "passages": [place.to_json() for place in self.passages],
        }


def reuses(snapshot: Snapshot, only: Node | None = None) -> Iterator[Reuse]:
    """The passages that documents, of `only` where that is given, share with one another.

    A pair of documents comes once; in which order pairs come is the same for the same state.
    """
    with (
        TemporaryDirectory(prefix="hansou-") as directory,
        Partitions(Path(directory), "pair", _PAIR) as pairs,
    ):
        with Partitions(Path(directory), "shingle", _SHINGLE) as shingles:
            _spool_shingles(snapshot, only, shingles)
            for part in shingles.parts():
                found = _pairs(part)
                pairs.add(found["one"] % PARTS, found)
        sources = lru_cache(_REMEMBERED)(lambda number: Source.of(snapshot.records([number])[0]))
        for part in pairs.parts():
            part.sort(order=("one", "other", "place", "at"))
            edges = np.flatnonzero(np.diff(part["one"]) | np.diff(part["other"])) + 1
            for own in np.split(part, edges) if len(part) else ():
                one, other = int(own["one"][0]), int(own["other"][0])
                yield from _reused(sources(one), sources(other), own, snapshot)


def _spool_shingles(snapshot: Snapshot, only: Node | None, shingles: Partitions) -> None:
    """The shingles of all documents but those that are near-identical to an earlier one."""
    for found in snapshot.every(Everything(), only=only):
        led = zip(found.documents, found.leaders, strict=True)
        batch = [number for number, leader in led if number == leader]
        rows = []
        for number, record in zip(batch, snapshot.records(batch), strict=True):
            hashes, places = minimizers(Source.of(record).symbols.codes)
            own = np.zeros(len(hashes), _SHINGLE)
            own["hash"], own["document"], own["place"] = hashes, number, places
            rows.append(own)
        every = np.concatenate([np.zeros(0, _SHINGLE), *rows])
        shingles.add((every["hash"] >> np.uint64(32)) % np.uint64(PARTS), every)


def _pairs(shingles: Array) -> Array:
    """The pairs of places in different documents that share a rare shingle."""
    shingles.sort(order=("hash", "document", "place"))
    hashes = shingles["hash"]
    starts = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])) if len(hashes) else np.zeros(0, int)
    sizes = np.diff(np.append(starts, len(hashes)))
    found = [np.zeros(0, _PAIR)]
    for behind in range(1, RARE):
        # Of each group with so many members the pairs of each and the one so far behind it.
        groups = (sizes > behind) & (sizes <= RARE)
        counts = sizes[groups] - behind
        inner = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        first = np.repeat(starts[groups], counts) + inner
        one, other = shingles[first], shingles[first + behind]
        pairs = np.zeros(len(first), _PAIR)
        pairs["one"], pairs["place"] = one["document"], one["place"]
        pairs["other"], pairs["at"] = other["document"], other["place"]
        found.append(pairs[pairs["one"] != pairs["other"]])
    return np.concatenate(found)


def _regions(pairs: Array) -> list[Region]:
    """Where two documents are to be aligned: pairs of places, in order, in runs on about one diagonal."""
    rows = zip(pairs["place"].tolist(), pairs["at"].tolist(), strict=True)
    return linked(Span(place, place, at - place, at - place) for place, at in rows)


def _reused(one: Source, other: Source, pairs: Array, snapshot: Snapshot) -> Iterator[Reuse]:
    """The passages that two documents share, those that say most first."""
    kept: list[Sequence[Run]] = []
    scored: list[tuple[float, Sequence[Run]]] = []
    for region in _regions(pairs):
        first, last = max(region.first - AROUND, 0), min(region.last + SIZE + AROUND, len(one.symbols))
        part = one.symbols.part(first, last)
        evidence = evidence_of(part, snapshot, anywhere=True)
        wide = Band(0, len(part), region.low - BESIDE + first, region.high + BESIDE + first)
        for runs in alignments(part.codes, other.symbols.codes, wide):
            score = evidence.score(runs, changes(runs))
            if score > 0:
                scored.append((score, [run._replace(place=run.place + first) for run in runs]))
    for score, runs in sorted(scored, key=lambda each: (-each[0], each[1])):
        if not any(overlap(runs, earlier) for earlier in kept):
            kept.append(runs)
            start, end = runs[0], runs[-1]
            yield Reuse(
                score,
                changes(runs) / max(extent(runs)),
                (
                    _excerpt(one, start.place, end.place + end.length),
                    _excerpt(other, start.at, end.at + end.length),
                ),
            )


def _excerpt(source: Source, start: int, end: int) -> Excerpt:
    mark = source.mark(start, end)
    return Excerpt(source.record["id"], mark, source.record["text"][slice(*mark)])
