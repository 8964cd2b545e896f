"""Which documents hold a passage, or part of it? From its text to parallels, best first.

Engines propose, the texts decide: a chain only says where to look. **No text is read but those of documents
that the snapshot found, with the filter `only`**; and how much is read is bounded, postings and texts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.arrays import Array
from indexer.derived.chains import MAX_PLACES
from indexer.engine.fields import Record
from indexer.engine.protocol import Snapshot
from indexer.errors import DeadlineExceeded, PassageRefused
from indexer.query.nodes import Node
from indexer.repair import repair_text
from indexer.repair.pinyin import remove_annotations
from indexer.repair.steps import advance, origins, replay
from indexer.text.units import Mark
from indexer.trace.alignment import Band, Run, aligned
from indexer.trace.evidence import Evidence, evidence_of
from indexer.trace.holding import LEAST, changes, cut_down, extent, holds, overlap
from indexer.trace.parallels import Difference, Parallel, Traced
from indexer.trace.regions import Region, regions
from indexer.trace.symbols import Symbols, symbols_of

MAX_PASSAGE = 5_000
"""A passage has at most so many characters."""
MAX_MATCHES = 100
"""So many parallels are given at most."""
_CHAINS = 64
_MOST_POSTINGS = 200_000
_MOST_CHARACTERS = 4_000_000
# Chains are of ever less weight: after so many documents without a parallel there is none to be expected.
_IN_VAIN = 24
AROUND, BESIDE = 256, 20
"""What may belong to a region: so many places before and after it, so many diagonals beside it."""


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage as it is compared: its symbols after repair, what they say, where they came from."""

    symbols: Symbols
    evidence: Evidence
    origins: Sequence[Mark]
    """Of each character of the repaired text what it came from in the text as given."""

    @classmethod
    def of(cls, text: str, snapshot: Snapshot) -> PreparedPassage:
        """A text that is to be traced in a state. Raises `PassageRefused`."""
        if not text.strip():
            raise PassageRefused("empty", "the passage is empty; give some lines of Chinese text")
        if len(text) > MAX_PASSAGE:
            raise PassageRefused(
                "long", f"the passage has {len(text):,} characters; trace at most {MAX_PASSAGE:,} at a time"
            )
        repair = repair_text(text)
        # A few lines are too little evidence of damage; but a reading in brackets is nothing to be traced.
        steps = advance(text, repair.steps, remove_annotations(repair.text))
        symbols = symbols_of(replay(text, steps))
        if not symbols.is_chinese:
            raise PassageRefused(
                "no_chinese", "there is no Chinese in the passage; only Chinese text is traced"
            )
        return cls(symbols, evidence_of(symbols, snapshot), origins(len(text), steps))

    @property
    def terms(self) -> list[str]:
        """Its pairs, and words that are not CJK, by their places; empty where there is none."""
        found = [""] * (int(self.symbols.positions[-1]) + 1)
        for number, place in enumerate(self.symbols.positions.tolist()):
            if pair := self.symbols.pair(number):
                found[place - 1] = pair
            elif self.symbols.is_word(number):
                found[place] = self.symbols.term(number)
        return found[: MAX_PLACES - 1]

    def mark(self, start: int, end: int) -> Mark:
        """Where symbols `start:end` stand in the text as given; between two others where they are none."""
        if start == end:
            after = self.mark(start - 1, start)[1]
            return after, after
        first, last = self.symbols.span(start, end)
        return self.origins[first][0], self.origins[last - 1][1]


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it is compared: what is stored of it, its symbols, what to add to their positions."""

    record: Record
    symbols: Symbols
    shift: int
    """The positions that the title takes."""

    @classmethod
    def of(cls, record: Record) -> Source:
        """A document by what is stored of it."""
        title = symbols_of(record["title"] or "").positions
        # Between title and text a sentence ends.
        return cls(record, symbols_of(record["text"]), int(title[-1]) + 2 if len(title) else 0)

    def mark(self, start: int, end: int) -> Mark:
        """Where symbols `start:end` stand in the stored text; between two others where they are none."""
        if start == end:
            after = self.symbols.span(start - 1, start)[1]
            return after, after
        return self.symbols.span(start, end)


def trace(
    text: str,
    snapshot: Snapshot,
    *,
    limit: int = MAX_MATCHES,
    only: Node | None = None,
    seconds: float | None = None,
) -> Traced:
    """Where a passage, or part of it, stands in a state: at most `limit` parallels, of documents of `only`.

    Raises `PassageRefused` for one that is empty, too long or has no Chinese, `DeadlineExceeded`.
    """
    started = time.perf_counter()
    passage = PreparedPassage.of(text, snapshot)
    terms = passage.terms
    chains = snapshot.chains(
        "grams", terms, limit=_CHAINS + len(terms) // 20, most=_MOST_POSTINGS, only=only, seconds=seconds
    )
    until = None if seconds is None else started + seconds
    found, complete = _found(passage, snapshot, regions(chains), until)
    found.sort(key=lambda match: (-match.score, match.id, match.passage, match.document))
    took = round((time.perf_counter() - started) * 1000, 3)
    return Traced(tuple(found[:limit]), complete and len(found) <= limit, took)


def _found(
    passage: PreparedPassage, snapshot: Snapshot, places: Mapping[int, Sequence[Region]], until: float | None
) -> tuple[list[Parallel], bool]:
    """The parallels of documents, and whether all of these were looked at."""
    found: list[Parallel] = []
    read, in_vain = 0, 0
    for number, own in places.items():
        late = until is not None and time.perf_counter() > until
        if late and not found:
            raise DeadlineExceeded("tracing took too long; give a shorter passage")
        if late or read > _MOST_CHARACTERS:
            return found, False
        source = Source.of(snapshot.records([number])[0])
        parallels = _parallels(passage, source, own)
        found += parallels
        read += len(source.record["text"])
        in_vain = 0 if parallels else in_vain + 1
        if in_vain == _IN_VAIN:
            break
    return found, True


def _parallels(passage: PreparedPassage, source: Source, own: Sequence[Region]) -> list[Parallel]:
    """The parallels in a document; of those that overlap on both sides the one that says most."""
    scored: list[tuple[float, Sequence[Run]]] = []
    for region in own:
        for runs in alignments(passage.symbols.codes, source.symbols.codes, _band(passage, source, region)):
            score = passage.evidence.score(runs, changes(runs))
            if score > 0:
                scored.append((score, runs))
    kept: list[Sequence[Run]] = []
    found = []
    for score, runs in sorted(scored, key=lambda each: (-each[0], each[1])):
        if not any(overlap(runs, other) for other in kept):
            kept.append(runs)
            found.append(_parallel(passage, source, runs, score))
    return found


def _band(passage: PreparedPassage, source: Source, region: Region) -> Band:
    """What is looked at around a region, in symbols instead of places and positions."""
    places, positions = passage.symbols.positions, source.symbols.positions
    ends = np.searchsorted(places, [region.first, region.last])
    behind = [
        int(np.searchsorted(positions, place + step - source.shift) - end)
        for place, end in zip((region.first, region.last), ends, strict=True)
        for step in (region.low, region.high)
    ]
    first, last = max(int(ends[0]) - AROUND, 0), min(int(ends[1]) + 1 + AROUND, len(places))
    return Band(first, last, min(behind) - BESIDE, max(behind) + BESIDE)


def alignments(passage: Array, document: Array, band: Band, deeper: int = 3) -> Iterator[Sequence[Run]]:
    """The alignments in a band that hold: the best, then the best before and behind it."""
    runs = cut_down(aligned(passage, document, band))
    if not runs or min(extent(runs)) < LEAST:
        return
    if holds(runs):
        yield runs
    start, end = runs[0].place, runs[-1].place + runs[-1].length
    for part in (band._replace(last=start), band._replace(first=end)):
        if deeper and part.last - part.first >= LEAST:
            yield from alignments(passage, document, part, deeper - 1)


def _parallel(passage: PreparedPassage, source: Source, runs: Sequence[Run], score: float) -> Parallel:
    """An alignment as it is given back."""
    record, whole = source.record, extent(runs)
    first, (place, at, length) = runs[0], runs[-1]
    document = source.mark(first.at, at + length)
    differences = tuple(
        Difference(
            passage.mark(run.place + run.length, after.place), source.mark(run.at + run.length, after.at)
        )
        for run, after in pairwise(runs)
    )
    return Parallel(
        id=record["id"],
        coverage=whole[0] / len(passage.symbols),
        changed=changes(runs) / max(whole),
        score=score,
        passage=passage.mark(first.place, place + length),
        document=document,
        text=record["text"][slice(*document)],
        differences=differences,
        title=record["title"],
        source=record["source"],
        date=record["date"],
        lang=record["lang"],
    )
