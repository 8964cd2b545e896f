"""Evaluation: a set is asked and measured, what does not fit is said, and the live index is not touched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, IndexMissing, ReadError, rebuild
from indexer.measure.evaluate import Evaluation, evaluate
from indexer.measure.judgments import read_judged_set
from indexer.measure.runs import read_run

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


def evaluated(config: Config, judged: Path, queries: Path | None = None) -> Evaluation:
    """What a directory measures."""
    return evaluate(config, read_judged_set(judged, queries))[0]


def means(found: Evaluation) -> dict[str, float]:
    """The mean of each measure."""
    return {name: interval.mean for name, interval in found.measures.items()}


def test_measures(config: Config, judged: Path) -> None:
    """Means over the queries that are judged; what was found by the others counts only as found or not."""
    found = evaluated(config, judged)
    assert (found.documents, found.queries, found.judged, found.skipped) == (3, 4, 3, 0)
    assert means(found)["mrr_10"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert means(found)["recall_10"] == means(found)["recall_100"] == pytest.approx(2 / 3)
    assert [*found.per_query] == ["1", "2", "3"] and found.per_query["2"]["mrr_10"] == 0.5
    assert found.zero_results == pytest.approx(1 / 4)
    assert found.index_bytes > 0 and found.build_s > 0
    assert 0 < found.p50_ms <= found.p95_ms <= found.p99_ms


def test_live_index_is_not_touched(config: Config, judged: Path) -> None:
    """The set is indexed privately: no index appears where the configuration has one."""
    evaluated(config, judged)
    assert not (config.index.directory / "generations").exists()


def test_the_live_index_is_asked(make_config: Any, judged: Path) -> None:
    """A set without documents measures the archive itself."""
    (judged / "docs.jsonl").unlink()
    config = make_config(DOCUMENTS)
    with pytest.raises(IndexMissing, match=r"has no docs\.jsonl, and there is no live index"):
        evaluated(config, judged)
    rebuild(config)
    found = evaluated(config, judged)
    assert found.documents == 3 and means(found)["mrr_10"] == pytest.approx(1 / 2)


def test_compressed_documents_and_other_queries(config: Config, judged: Path) -> None:
    """`docs.jsonl.gz` will do, and a query file can be named."""
    plain = judged / "docs.jsonl"
    (judged / "docs.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    other = judged / "other.tsv"
    other.write_text("1\t北京\n", encoding="utf-8")
    found = evaluated(config, judged, other)
    assert (found.queries, means(found)["mrr_10"]) == (1, 1.0)


def test_several_query_files_are_one_run(config: Config, judged: Path) -> None:
    """Where there is no queries.tsv, all queries.*.tsv are asked."""
    (judged / "queries.tsv").rename(judged / "queries.same.tsv")
    (judged / "queries.cross.tsv").write_text("1\t胡同\n", encoding="utf-8")
    assert evaluated(config, judged).queries == 5


def test_several_relevant_documents(config: Config, judged: Path) -> None:
    """Grades count: the better document first is a higher gain."""
    (judged / "queries.tsv").write_text("2\t無錫\n", encoding="utf-8")
    (judged / "qrels.tsv").write_text("2\ta\t3\n2\tb\n2\tc\n", encoding="utf-8")
    better = means(evaluated(config, judged))
    assert better["mrr_10"] == 1.0 and better["recall_10"] == pytest.approx(2 / 3)
    (judged / "qrels.tsv").write_text("2\ta\t1\n2\tb\t3\n2\tc\n", encoding="utf-8")
    assert means(evaluated(config, judged))["ndcg_10"] < better["ndcg_10"]


def test_unknown_documents(config: Config, judged: Path) -> None:
    """What the index lacks counts as not found and is named; where it has nothing, that is an error."""
    (judged / "qrels.tsv").write_text("1\tc\n1\tgone\n2\tlost\t0\n", encoding="utf-8")
    found = evaluated(config, judged)
    assert [(each.document, each.place) for each in found.unknown] == [("gone", f"{judged}/qrels.tsv:2")]
    assert found.per_query["1"]["recall_10"] == 0.5
    (judged / "qrels.tsv").write_text("1\tgone\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"qrels\.tsv:1: the index has no document 'gone'"):
        evaluated(config, judged)


def test_hits_are_ids_and_scores(config: Config, judged: Path) -> None:
    """The hits of each query are given, best first, with their scores."""
    _, hits = evaluate(config, read_judged_set(judged))
    assert [document for document, _ in hits["2"]] == ["a", "b"] and hits["3"] == []
    assert hits["2"][0][1] > hits["2"][1][1] > 0


def test_command(config: Config, judged: Path, hansou: Callable[..., Any]) -> None:
    """`hansou evaluate DIR --json` prints one object with the promised keys."""
    result = hansou(config, "evaluate", str(judged), "--json", "--quiet")
    assert result.code == 0
    promised = """documents skipped queries judged mrr_10 ndcg_10 p_5 recall_10 recall_100 map zero_results
        build_s index_bytes p50_ms p95_ms p99_ms intervals fingerprint per_query"""
    found = result.json()
    assert [*found] == promised.split()
    low, high = found["intervals"]["mrr_10"]
    assert low < found["mrr_10"] == 0.5 < high
    assert found["per_query"]["1"]["map"] == 1.0
    assert result.err.startswith(f"note: {judged}/queries.tsv:4: this query has no judgment")


def test_command_in_words(config: Config, judged: Path, hansou: Callable[..., Any]) -> None:
    """Without --json each measure has a line with its interval, and it is said which that is."""
    out = hansou(config, "evaluate", str(judged), "--quiet").out
    assert "MRR@10        0.5000  [0.0000, 1.0000]\n" in out and "bootstrap over queries" in out


def test_command_with_trec_files(config: Config, judged: Path, hansou: Callable[..., Any]) -> None:
    """Topics and qrels by TREC's names in; a run and qrels out, which compare as equal."""
    (judged / "queries.tsv").rename(judged / "topics.tsv")
    (judged / "qrels.tsv").write_text("1 0 c 1\n2 0 b 2\n2 0 a 0\n", encoding="utf-8")
    (judged / "qrels.tsv").rename(judged / "qrels.txt")
    named = ("evaluate", str(judged), "--topics", str(judged / "topics.tsv"), "--quiet", "--qrels")
    run, qrels = judged / "run.txt", judged / "out.qrels"
    result = hansou(
        config, *named, str(judged / "qrels.txt"), "--run-out", str(run), "--qrels-out", str(qrels)
    )
    assert result.code == 0
    assert qrels.read_text(encoding="utf-8") == "1 0 c 1\n2 0 b 2\n2 0 a 0\n"
    assert read_run(run, []) == {"1": ["c"], "2": ["a", "b"], "4": ["b"]}
    compared = hansou(config, *named, str(qrels), "--compare", str(run), "--json").json()["comparison"]
    assert {found["p"] for found in compared["measures"].values()} == {1.0}
    assert {query["before"] - query["after"] for query in compared["queries"]} == {0.0}


def test_command_names_what_is_not_found(config: Config, judged: Path, hansou: Callable[..., Any]) -> None:
    """Judged documents that are gone, and documents that cannot be read: a note each, and exit 3."""
    with (judged / "qrels.tsv").open("a", encoding="utf-8") as file:
        file.write("1\tgone\n1\tlost\n7\ta\n")
    with (judged / "docs.jsonl").open("a", encoding="utf-8") as file:
        file.write("{\n")
    result = hansou(config, "evaluate", str(judged), "--quiet")
    assert result.code == 3
    for said in (
        "qrels.tsv:4 ('gone'): this judgment is of a document that is not in the index",
        "not found; 2 are such",
        "qrels.tsv:6: this judgment is of a query that is not asked",
        "1 documents could not be read and were skipped",
    ):
        assert said in result.err


def test_command_refuses_a_folder_that_is_not_there(
    config: Config, judged: Path, hansou: Callable[..., Any]
) -> None:
    """A mistyped name of an output is said at once, exit 2."""
    result = hansou(config, "evaluate", str(judged), "--run-out", str(judged / "runs" / "one.txt"))
    assert result.code == 2 and "there is no folder" in result.err
