"""Evaluation: the measures are what their definitions say, and nothing of the live index is touched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, ReadError
from indexer.measure.evaluate import evaluate

DOCUMENTS = [
    {"id": "a", "text": "無錫的園區。"},
    {"id": "b", "text": "無錫的園區，園區的湖。湖邊的路很長，走到頭是碼頭。"},
    {"id": "c", "text": "北京的胡同。"},
]


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A judged set: one query right at once, one second, one that finds nothing, one without judgments."""
    path = tmp_path / "set"
    path.mkdir()
    lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in DOCUMENTS)
    (path / "docs.jsonl").write_text(lines, encoding="utf-8")
    (path / "queries.tsv").write_text("1\t胡同\n2\t無錫\n3\t鯨魚\n4\t湖\n", encoding="utf-8")
    (path / "qrels.tsv").write_text("1\tc\n2\tb\n3\ta\n", encoding="utf-8")
    return path


@pytest.fixture
def config(make_config: Any) -> Config:
    """A configuration without an index."""
    made: Config = make_config()
    return made


def test_measures(config: Config, judged: Path) -> None:
    """Mean reciprocal rank, recall and the share of empty answers, over all queries."""
    measured = evaluate(config, judged)
    assert (measured.documents, measured.queries) == (3, 4)
    assert measured.mrr_10 == pytest.approx((1 + 1 / 2 + 0 + 0) / 4)
    assert measured.recall_10 == measured.recall_100 == pytest.approx(2 / 4)
    assert measured.zero_results == pytest.approx(1 / 4)
    assert measured.index_bytes > 0 and measured.build_s > 0
    assert 0 < measured.p50_ms <= measured.p95_ms <= measured.p99_ms


def test_live_index_is_not_touched(config: Config, judged: Path) -> None:
    """The set is indexed privately: no index appears where the configuration has one."""
    evaluate(config, judged)
    assert not (config.index.directory / "generations").exists()


def test_compressed_documents_and_other_queries(config: Config, judged: Path) -> None:
    """`docs.jsonl.gz` will do, and a query file can be named."""
    plain = judged / "docs.jsonl"
    (judged / "docs.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    other = judged / "other.tsv"
    other.write_text("1\t北京\n", encoding="utf-8")
    measured = evaluate(config, judged, other)
    assert (measured.queries, measured.mrr_10) == (1, 1.0)


def test_several_query_files_are_one_run(config: Config, judged: Path) -> None:
    """Where there is no queries.tsv, all queries.*.tsv are asked."""
    (judged / "queries.tsv").rename(judged / "queries.same.tsv")
    (judged / "queries.cross.tsv").write_text("1\t胡同\n", encoding="utf-8")
    assert evaluate(config, judged).queries == 5


def test_several_relevant_documents(config: Config, judged: Path) -> None:
    """Recall counts all relevant documents, reciprocal rank the first of them."""
    (judged / "queries.tsv").write_text("2\t無錫\n", encoding="utf-8")
    (judged / "qrels.tsv").write_text("2\ta\n2\tb\n2\tc\n", encoding="utf-8")
    measured = evaluate(config, judged)
    assert measured.mrr_10 == 1.0 and measured.recall_10 == pytest.approx(2 / 3, abs=1e-4)


@pytest.mark.parametrize("file", ["docs.jsonl", "queries.tsv", "qrels.tsv"])
def test_missing_file_is_named(config: Config, judged: Path, file: str) -> None:
    """Without one of its files a set is refused, and the message says which."""
    (judged / file).unlink()
    with pytest.raises(ReadError, match=file):
        evaluate(config, judged)


def test_line_without_a_tab_is_named(config: Config, judged: Path) -> None:
    """A malformed line is given with its number."""
    (judged / "queries.tsv").write_text("1\t胡同\n無錫\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"queries\.tsv:2"):
        evaluate(config, judged)


def test_command(config: Config, judged: Path, hansou: Callable[..., Any]) -> None:
    """`hansou evaluate DIR --json` prints one object with the promised keys."""
    result = hansou(config, "evaluate", str(judged), "--json", "--quiet")
    assert result.code == 0
    promised = (
        "documents queries mrr_10 recall_10 recall_100 zero_results build_s index_bytes p50_ms p95_ms p99_ms"
    )
    assert [*result.json()] == promised.split()
