"""How does an index answer judged questions? The ranks of the right documents under given weights.

A set of documents is indexed once and asked under many weights: all of them act when a query is asked.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer import Config, Searcher, rebuild
from indexer.config import RankingSettings, SourceSettings
from indexer.measure.judgments import documents_file, query_files, read_judgments, read_topics

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
    """Questions over one index, which `config` names."""

    name: str
    config: Config
    questions: Sequence[Question]

    def answers(self, weights: RankingSettings, depth: int = TEN) -> list[Answer]:
        """The answer to each question, looked for among the best `depth`."""
        with Searcher.open(replace(self.config, ranking=weights)) as searcher:
            return [_answer(searcher.rank(question.text, depth), question) for question in self.questions]


def _answer(ids: Sequence[str], question: Question) -> Answer:
    rank = next((at for at, each in enumerate(ids, 1) if each in question.relevant), 0)
    return Answer(rank, ids[0] if ids else "")


def read_sets(config: Config, directory: Path, work: Path, sample: int, seed: int) -> list[JudgedSet]:
    """The sets of one directory, a set for each file of queries; indexed in `work` unless it is already."""
    settings = replace(config.index, directory=work / directory.name)
    if (documents := documents_file(directory)) is None:
        raise SystemExit(f"{directory}: has no docs.jsonl")
    own = replace(config, index=settings, sources=(SourceSettings(documents),))
    if not (settings.directory / "CURRENT").exists():
        print(f"indexing {directory}", file=sys.stderr, flush=True)
        rebuild(own)
    relevant: dict[str, set[str]] = defaultdict(set)
    for judgment in read_judgments(directory / "qrels.tsv"):
        if judgment.grade > 0:
            relevant[judgment.query].add(judgment.document)
    found = []
    for file in query_files(directory):
        asked = [Question(each.id, each.text, frozenset(relevant[each.id])) for each in read_topics(file)]
        if 0 < sample < len(asked):
            asked = random.Random(seed).sample(asked, sample)
        part = file.stem.removeprefix("queries").strip(".")
        found.append(JudgedSet(f"{directory.name} {part}".strip(), own, asked))
    return found
