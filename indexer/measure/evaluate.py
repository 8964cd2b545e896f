"""How well and how fast does it rank? Judgments in, measures out.

A judged set is a directory with `docs.jsonl` or `docs.jsonl.gz`, `queries.tsv` (or several
`queries.*.tsv`; id TAB text) and `qrels.tsv` (query id TAB id of a relevant document). It is indexed
privately with the configured analysis; nothing of the live index is touched.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.config import Config, SourceSettings
from indexer.errors import ReadError
from indexer.measure.report import percentile
from indexer.pipeline import Progress, rebuild
from indexer.searcher import Searcher


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures of one run.

    `mrr_10` is the mean of 1/rank of the first relevant document within ten, `recall_k` the mean share
    of relevant documents among the first k, `zero_results` the share of queries that found nothing;
    times are milliseconds of a whole search with ten snippets.
    """

    documents: int
    queries: int
    mrr_10: float
    recall_10: float
    recall_100: float
    zero_results: float
    build_s: float
    index_bytes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def evaluate(
    config: Config,
    directory: Path,
    queries: Path | None = None,
    progress: Progress = lambda indexed, skipped: None,
    each: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Index the set in `directory`, run its queries (or those of the file `queries`) and measure.

    Raises `ReadError` for a missing or malformed file.
    """
    documents = documents_file(directory)
    files = [queries] if queries else query_files(directory)
    asked = [row for file in files for row in rows_of(file)]
    relevant = judgments(directory)
    with tempfile.TemporaryDirectory(prefix="hansou-evaluate-") as private:
        index = replace(config.index, directory=Path(private))
        built = rebuild(replace(config, index=index, sources=(SourceSettings(documents),)), progress)
        with Searcher.open(replace(config, index=index)) as searcher:
            runs = [_run(searcher, text, relevant.get(query, set())) for query, text in _counted(asked, each)]
    return _summary(runs, built.counts.documents, built.counts.seconds, built.generation.bytes)


@dataclass(frozen=True, slots=True)
class _Run:
    """One query: reciprocal rank, shares of relevant documents found, whether nothing was, and its time."""

    reciprocal_rank: float
    found_10: float
    found_100: float
    empty: bool
    ms: float


def _run(searcher: Searcher, text: str, relevant: set[str]) -> _Run:
    started = time.perf_counter()
    # Judgments name documents, so near-identical ones are not folded into one.
    page = searcher.search(text, size=10, collapse=False)
    ms = (time.perf_counter() - started) * 1000
    first = [hit.id for hit in page.hits]
    rank = next((at for at, document in enumerate(first, 1) if document in relevant), 0)
    ten = len(relevant.intersection(first))
    hundred = ten if ten == len(relevant) else len(relevant.intersection(searcher.rank(text, 100)))
    whole = max(len(relevant), 1)
    return _Run(1 / rank if rank else 0.0, ten / whole, hundred / whole, page.total.value == 0, ms)


def _summary(runs: Sequence[_Run], documents: int, build_s: float, index_bytes: int) -> Evaluation:
    times = sorted(run.ms for run in runs)
    return Evaluation(
        documents=documents,
        queries=len(runs),
        mrr_10=_mean([run.reciprocal_rank for run in runs]),
        recall_10=_mean([run.found_10 for run in runs]),
        recall_100=_mean([run.found_100 for run in runs]),
        zero_results=_mean([float(run.empty) for run in runs]),
        build_s=build_s,
        index_bytes=index_bytes,
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 5) if values else 0.0


def _counted(rows: Sequence[tuple[str, str]], each: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    for done, row in enumerate(rows):
        each(done)
        yield row


def documents_file(directory: Path) -> Path:
    """The documents of a judged set. Raises `ReadError` where there are none."""
    names = ("docs.jsonl", "docs.jsonl.gz")
    for name in names:
        if (directory / name).is_file():
            return directory / name
    raise ReadError(f"{directory}: has no {' or '.join(names)}")


def query_files(directory: Path) -> list[Path]:
    """The query files of a judged set, at least one. Raises `ReadError` where there is none."""
    if (directory / "queries.tsv").is_file():
        return [directory / "queries.tsv"]
    if found := sorted(directory.glob("queries*.tsv")):
        return found
    raise ReadError(f"{directory}: has no queries.tsv; name a file with --queries")


def judgments(directory: Path) -> Mapping[str, set[str]]:
    """Query id → ids of the relevant documents. Raises `ReadError`."""
    relevant: dict[str, set[str]] = defaultdict(set)
    for query, document in rows_of(directory / "qrels.tsv"):
        relevant[query].add(document)
    return relevant


def rows_of(path: Path) -> list[tuple[str, str]]:
    """The first two columns of a tab-separated file. Raises `ReadError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{path}: cannot be read: {error}") from error
    rows = [line.split("\t") for line in lines if line.strip()]
    for number, row in enumerate(rows, 1):
        if len(row) < 2:
            raise ReadError(f"{path}:{number}: two columns separated by a tab are needed")
    return [(row[0], row[1]) for row in rows]
