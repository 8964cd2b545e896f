"""How does an index answer judged questions? The ranks of the right documents under given weights.

A set of documents is indexed once and asked under many weights: all of them act when a query is asked.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from indexer.config import Config, SourceSettings
from indexer.engine.embedded import generations, store
from indexer.measure.evaluate import documents_file, judgments, query_files, rows_of
from indexer.pipeline import rebuild
from indexer.query.alternatives import Alternatives
from indexer.query.plan import Planner
from indexer.query.ranking import Weights
from indexer.query.syntax import parse
from indexer.text.analyzer import load_analyzer
from indexer.text.vocabulary import load_vocabulary

TEN = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A query with the documents that answer it."""

    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rank of the first relevant document, 0 where there is none, and which document came first."""

    rank: int
    first: str

    @property
    def reciprocal(self) -> float:
        """1/rank within ten."""
        return 1 / self.rank if 0 < self.rank <= TEN else 0.0


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Questions over one index."""

    name: str
    index: Path
    planner: Planner
    questions: Sequence[Question]

    def answers(self, weights: Weights, depth: int = TEN) -> list[Answer]:
        """The answer to each question, looked for among the best `depth`."""
        planner = replace(self.planner, weights=weights)
        reader = store.Reader(self.index, weights)
        try:
            return [self._answer(reader, planner, question, depth) for question in self.questions]
        finally:
            reader.close()

    def _answer(self, reader: store.Reader, planner: Planner, question: Question, depth: int) -> Answer:
        best = reader.search(planner.plan(parse(question.text)), limit=depth).best
        ids = [match.record["id"] for match in best]
        rank = next((at for at, each in enumerate(ids, 1) if each in question.relevant), 0)
        return Answer(rank, ids[0] if ids else "")


def read_sets(config: Config, directory: Path, work: Path, sample: int, seed: int) -> list[JudgedSet]:
    """The sets of one directory, a set for each file of queries; indexed in `work` unless it is already."""
    settings = replace(config.index, directory=work / directory.name)
    analyzer = load_analyzer(config)
    if not (settings.directory / "CURRENT").exists():
        print(f"indexing {directory}", file=sys.stderr, flush=True)
        rebuild(replace(config, index=settings, sources=(SourceSettings(documents_file(directory)),)))
    name = generations.current_name(settings.directory)
    path = generations.load(settings.directory, name, analyzer.fingerprint).path
    reader = store.Reader(path)
    alternatives = Alternatives(
        load_vocabulary(config.search.synonyms), lru_cache(maxsize=None)(reader.frequency)
    )
    planner = Planner(analyzer, alternatives, reader.count())
    relevant, found = judgments(directory), []
    for file in query_files(directory):
        asked = [Question(id, text, frozenset(relevant[id])) for id, text in rows_of(file)]
        if 0 < sample < len(asked):
            asked = random.Random(seed).sample(asked, sample)
        part = file.stem.removeprefix("queries").strip(".")
        found.append(JudgedSet(f"{directory.name} {part}".strip(), path, planner, asked))
    return found
