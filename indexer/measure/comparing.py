"""Which of two rankings is better, for which queries, and is it more than chance?

The other one is a TREC run, of any engine, or what `hansou evaluate --json` printed. **Both are measured on
the same queries with the same judgments**: a saved result of others is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexer.errors import ReadError
from indexer.measure.evaluate import PerQuery
from indexer.measure.judgments import JudgedSet, Topic
from indexer.measure.measures import DECIDING, MEASURES, measured
from indexer.measure.runs import read_run
from indexer.measure.significance import Comparison, compare


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A query, and nDCG@10 of its answer before and after."""

    id: str
    text: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Each measure compared over all judged queries, and the queries by what they gained, most first."""

    name: str
    measures: Mapping[str, Comparison]
    changes: tuple[QueryChange, ...]

    @property
    def better(self) -> list[QueryChange]:
        """The queries that fare better, most first."""
        return [change for change in self.changes if change.after > change.before]

    @property
    def worse(self) -> list[QueryChange]:
        """The queries that fare worse, most first."""
        return [change for change in reversed(self.changes) if change.after < change.before]

    def to_json(self) -> dict[str, Any]:
        """The comparison as `hansou evaluate --compare --json` prints it."""
        return {
            "with": self.name,
            "measures": {
                name: asdict(found) | {"more_than_chance": found.is_more_than_chance}
                for name, found in self.measures.items()
            },
            "queries": [asdict(change) for change in self.changes],
        }


def compare_results(name: str, before: PerQuery, after: PerQuery, topics: Sequence[Topic]) -> RunComparison:
    """Compare two results for the same queries; `name` is that of the one before."""
    texts = {topic.id: topic.text for topic in topics}
    changes = [
        QueryChange(query, texts.get(query, ""), before[query][DECIDING], values[DECIDING])
        for query, values in after.items()
    ]
    return RunComparison(
        name,
        {
            measure: compare(
                [before[query][measure] for query in after], [values[measure] for values in after.values()]
            )
            for measure in MEASURES
        },
        tuple(sorted(changes, key=lambda change: change.before - change.after)),
    )


def read_result(path: Path, judged: JudgedSet, notes: list[str]) -> PerQuery:
    """The measures of another ranking for every judged query of the set.

    A query that a run does not have found nothing; what else is strange is put into `notes`. Raises
    `ReadError` for a file that is neither a run nor a result, and for one of other queries.
    """
    try:
        with path.open("rb") as file:
            is_result = file.read(64).lstrip().startswith(b"{")
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error}") from error
    return _saved(path, judged) if is_result else _run(path, judged, notes)


def _run(path: Path, judged: JudgedSet, notes: list[str]) -> PerQuery:
    run, grades = read_run(path, notes), judged.grades()
    missing = [query for query in grades if query not in run]
    if len(missing) == len(grades):
        raise ReadError(
            f"{path}: has hits for none of the judged queries: its first is for {next(iter(run))!r}, and"
            f" asked is {missing[0]!r}"
        )
    if missing:
        notes.append(f"{path}: has no hits for {len(missing):,} queries, the first {missing[0]!r}")
    return {query: measured(run.get(query, []), judgments) for query, judgments in grades.items()}


def _saved(path: Path, judged: JudgedSet) -> PerQuery:
    try:
        saved = json.loads(path.read_text(encoding="utf-8-sig"))
        per_query = {
            str(query): {name: float(values[name]) for name in MEASURES}
            for query, values in saved["per_query"].items()
        }
        fingerprint = saved["fingerprint"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReadError(
            f"{path}: is no result of `hansou evaluate --json`, nor a TREC run ({error!r})"
        ) from error
    if fingerprint != judged.fingerprint():
        raise ReadError(
            f"{path}: was measured with other queries or judgments; measure it anew, or compare with a run"
            " (--run-out), which can be measured with any"
        )
    return per_query
