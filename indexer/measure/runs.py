"""Which documents did an engine find, in which order? TREC runs, in and out.

A line is `query Q0 document rank score tag`. **The order is that of trec_eval**: by score, as a
single-precision number, and among equal scores from the last id to the first; ranks are not looked at. What
is written has no equal scores, so every tool reads the order that was meant; a space in an id is `%20`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np

from indexer.errors import ReadError
from indexer.measure.rows import Row, id_of_trec, rows_of, trec_id, whole_number

Hits = Sequence[tuple[str, float]]
"""The ids of documents with their scores, best first."""

_TAG = "hansou"


@dataclass(frozen=True, slots=True)
class _Scored:
    """A line of a run."""

    document: str
    rank: int
    score: float
    place: str


def read_run(path: Path, notes: list[str]) -> dict[str, list[str]]:
    """The ids of the documents found for each query, in order.

    What is strange but can be read is put into `notes`. Raises `ReadError` for lines that are none, scores
    that are no numbers, and a document that a query has twice.
    """
    found: dict[str, dict[str, _Scored]] = defaultdict(dict)
    for row in rows_of(path):
        query, scored = _scored(row)
        known = found[query].setdefault(scored.document, scored)
        if known is not scored:
            raise ReadError(
                f"{row.place}: document {scored.document!r} is a hit of query {query!r} at {known.place}"
                " already; keep one of them"
            )
    if not found:
        raise ReadError(f"{path}: holds no hit; a line is: query Q0 document rank score tag")
    runs = {query: sorted(hits.values(), key=_order, reverse=True) for query, hits in found.items()}
    notes += _strange_ranks(runs)
    return {query: [hit.document for hit in hits] for query, hits in runs.items()}


def _order(hit: _Scored) -> tuple[float, str]:
    return float(_single(hit.score)), hit.document


def _single(score: float) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(score)


def _scored(row: Row) -> tuple[str, _Scored]:
    fields = row.fields()
    if len(fields) != 6:
        raise ReadError(
            f"{row.place}: has {len(fields)} columns; a line of a TREC run has six: query Q0 document rank"
            " score tag"
        )
    query, _, document, rank, score, _ = map(id_of_trec, fields)
    try:
        value = float(score)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ReadError(f"{row.place}: the score of {document!r} is {score!r}, and must be a number")
    return query, _Scored(document, whole_number(rank, row, "a rank"), value, row.place)


def _strange_ranks(runs: Mapping[str, Sequence[_Scored]]) -> list[str]:
    """A note on the first rank that a query has twice, or that a hit of a lower score comes before."""
    for hits in runs.values():
        for earlier, later in pairwise(hits):
            if later.rank == earlier.rank or (later.rank < earlier.rank and later.score < earlier.score):
                said = f"rank {later.rank} is given twice or contradicts the scores"
                return [f"{later.place}: {said}; the order is by score, as trec_eval has it"]
    return []


def run_lines(runs: Mapping[str, Hits]) -> Iterable[str]:
    """Hits as a TREC run, a line each."""
    for query, hits in runs.items():
        scores = _decreasing(score for _, score in hits)
        for rank, ((document, _), score) in enumerate(zip(hits, scores, strict=True), 1):
            yield f"{trec_id(query)} Q0 {trec_id(document)} {rank} {score:.9g} {_TAG}\n"


def _decreasing(scores: Iterable[float]) -> Iterator[float]:
    """Scores in single precision, those that are not less than the one before lowered until they are."""
    last = np.float32("inf")
    for score in scores:
        last = min(_single(score), np.nextafter(last, np.float32("-inf")))
        yield float(last)
