"""How well and how fast does it rank? A judged set in, measures with intervals out.

Documents of the set's own are indexed privately with the configured analysis, and **nothing of the live index
is touched**; a set without documents asks the live index. Queries without judgments are asked and timed, and
count in no measure.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indexer.config import Config, SourceSettings
from indexer.documents.intake import Progress
from indexer.errors import DocumentNotFound, IndexMissing, ReadError
from indexer.measure.judgments import JudgedSet, Judgment, Topic
from indexer.measure.measures import DEPTH, MEASURES, measured
from indexer.measure.report import percentile
from indexer.measure.runs import Hits
from indexer.measure.significance import Interval, intervals
from indexer.pipeline import rebuild
from indexer.searcher import Searcher

PerQuery = Mapping[str, Mapping[str, float]]
"""Query id → name of a measure → its value."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a judged set measures.

    `queries` were asked and `judged` of them count; `measures` are means over those with their intervals, by
    name. `zero_results` is the share of queries that found nothing; times are milliseconds of a whole search
    with ten snippets. `unknown` are judgments of documents that the index does not have, which count as not
    found. `fingerprint` stands for what was asked and judged.
    """

    documents: int
    skipped: int
    queries: int
    judged: int
    measures: Mapping[str, Interval]
    zero_results: float
    build_s: float
    index_bytes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_query: PerQuery
    unknown: tuple[Judgment, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """The evaluation as `hansou evaluate --json` prints it."""
        timed = ("zero_results", "build_s", "index_bytes", "p50_ms", "p95_ms", "p99_ms")
        return {
            **{name: getattr(self, name) for name in ("documents", "skipped", "queries", "judged")},
            **{name: round(found.mean, 5) for name, found in self.measures.items()},
            **{name: getattr(self, name) for name in timed},
            "intervals": {
                name: [round(found.low, 5), round(found.high, 5)] for name, found in self.measures.items()
            },
            "fingerprint": self.fingerprint,
            "per_query": {
                query: {name: round(value, 5) for name, value in values.items()}
                for query, values in self.per_query.items()
            },
        }


def evaluate(
    config: Config,
    judged: JudgedSet,
    progress: Progress = lambda indexed, skipped: None,
    each: Callable[[int], None] = lambda done: None,
) -> tuple[Evaluation, Mapping[str, Hits]]:
    """Ask the queries of a set and measure; also gives the hits of each query, at most 1,000.

    `each` is called with the number of queries that are done. Raises `ReadError` where the index has none of
    the documents that are judged, `IndexMissing` where the live index is to be asked and is not there.
    """
    with indexed(config, judged, progress) as own, Searcher.open(own) as searcher:
        unknown = unknown_judgments(searcher, judged)
        asked = {topic.id: _asked(searcher, topic.text) for topic in counted(judged.topics, each)}
        stats = searcher.stats()
    grades = judged.grades()
    per_query = {
        query: measured([document for document, _ in found.hits], grades[query])
        for query, found in asked.items()
        if query in grades
    }
    times = sorted(found.ms for found in asked.values())
    evaluation = Evaluation(
        documents=stats["documents"],
        skipped=stats["skipped"],
        queries=len(asked),
        judged=len(per_query),
        measures=averages(per_query),
        zero_results=round(sum(not found.hits for found in asked.values()) / len(asked), 5),
        build_s=stats["seconds"],
        index_bytes=stats["bytes"],
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        per_query=per_query,
        unknown=unknown,
        fingerprint=judged.fingerprint(),
    )
    return evaluation, {query: found.hits for query, found in asked.items()}


def averages(per_query: PerQuery) -> dict[str, Interval]:
    """The mean of each measure over queries, with its interval."""
    table = [[values[name] for name in MEASURES] for values in per_query.values()]
    return dict(zip(MEASURES, intervals(table), strict=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one query found, and how long a page of it took."""

    hits: Hits
    ms: float


def _asked(searcher: Searcher, text: str) -> _Asked:
    started = time.perf_counter()
    # Judgments name documents, so near-identical ones are not folded into one.
    searcher.search(text, size=10, collapse=False)
    ms = (time.perf_counter() - started) * 1000
    return _Asked(searcher.scored(text, DEPTH), ms)


@contextmanager
def indexed(config: Config, judged: JudgedSet, progress: Progress) -> Iterator[Config]:
    """A configuration whose live index is the one to ask; one of the set's own goes at the end.

    Raises `IndexMissing` where the set has no documents of its own and there is no live index.
    """
    if judged.documents is None:
        try:
            Searcher.open(config).close()
        except IndexMissing:
            raise IndexMissing(
                f"{judged.directory} has no docs.jsonl, and there is no live index to ask instead;"
                " run `hansou rebuild`, or write the documents into docs.jsonl"
            ) from None
        yield config
        return
    with tempfile.TemporaryDirectory(prefix="hansou-evaluate-") as private:
        index = replace(config.index, directory=Path(private))
        own = replace(config, index=index, sources=(SourceSettings(judged.documents),))
        rebuild(own, progress)
        yield own


def unknown_judgments(searcher: Searcher, judged: JudgedSet) -> tuple[Judgment, ...]:
    """The judgments of relevant documents that the index does not have.

    Raises `ReadError` where it has none at all.
    """
    grades = judged.grades()
    relevant = [each for each in judged.judgments if each.grade > 0 and each.query in grades]
    known = {each.document: _holds(searcher, each.document) for each in relevant}
    if relevant and not any(known.values()):
        raise ReadError(
            f"{relevant[0].place}: the index has no document {relevant[0].document!r}, nor any other that is"
            " judged relevant; the id of a document is what `hansou search` shows below its title"
        )
    return tuple(each for each in relevant if not known[each.document])


def _holds(searcher: Searcher, document: str) -> bool:
    try:
        searcher.document(document)
    except DocumentNotFound:
        return False
    return True


def counted(topics: Sequence[Topic], each: Callable[[int], None]) -> Iterator[Topic]:
    """The topics, telling `each` how many are done."""
    for done, topic in enumerate(topics):
        each(done)
        yield topic
