"""Comparing: a run or a saved result against this one, on the same queries and judgments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, ReadError
from indexer.measure.comparing import RunComparison, compare_results, read_result
from indexer.measure.judgments import JudgedSet, read_judged_set
from indexer.measure.measures import MEASURES, measured

GRADES = {"1": {"a": 1}, "2": {"b": 2, "c": 1}, "3": {"d": 1}}


@pytest.fixture
def judged(tmp_path: Path) -> JudgedSet:
    """Three judged queries and one without judgments."""
    lines = [f"{q}\t{d}\t{grade}\n" for q, grades in GRADES.items() for d, grade in grades.items()]
    (tmp_path / "qrels.tsv").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "queries.tsv").write_text("1\t無錫\n2\t太湖\n3\t胡同\n4\t湖\n", encoding="utf-8")
    return read_judged_set(tmp_path)


def results(**hits: str) -> dict[str, dict[str, float]]:
    """The measures of hits of the three queries."""
    return {query: measured([*hits[f"q{query}"]], grades) for query, grades in GRADES.items()}


@pytest.fixture
def compared(judged: JudgedSet) -> RunComparison:
    """One query better, one worse, one alike."""
    return compare_results(
        "old", results(q1="xa", q2="bc", q3="d"), results(q1="a", q2="xb", q3="d"), judged.topics
    )


def test_measures_are_compared_over_queries(compared: RunComparison) -> None:
    """Means, the difference, how many queries are better, worse and alike, and p of few queries."""
    found = compared.measures["mrr_10"]
    assert (found.before, found.after) == (pytest.approx(2.5 / 3), pytest.approx(2.5 / 3))
    assert (found.better, found.worse, found.equal, found.p) == (1, 1, 1, 1.0)
    assert compared.measures.keys() == MEASURES.keys()


def test_queries_are_in_order_of_what_they_gained(compared: RunComparison) -> None:
    """Which query won, by how much, with its text."""
    assert [change.id for change in compared.changes] == ["1", "3", "2"]
    assert [(change.text, change.after) for change in compared.better] == [("無錫", 1.0)]
    assert [change.id for change in compared.worse] == ["2"]


def test_a_run_is_measured_with_the_judgments_at_hand(judged: JudgedSet, tmp_path: Path) -> None:
    """Queries that a run lacks found nothing, which is noted; those that are not judged are left out."""
    (tmp_path / "run.txt").write_text("2 Q0 c 1 9 x\n2 Q0 b 2 8 x\n4 Q0 b 1 8 x\n1 Q0 a 1 1 x\n")
    notes: list[str] = []
    found = read_result(tmp_path / "run.txt", judged, notes)
    assert found == {
        "1": measured(["a"], GRADES["1"]),
        "2": measured(["c", "b"], GRADES["2"]),
        "3": measured([], {}),
    }
    assert notes == [f"{tmp_path / 'run.txt'}: has no hits for 1 queries, the first '3'"]


def test_a_run_of_other_queries_is_refused(judged: JudgedSet, tmp_path: Path) -> None:
    """Hits for none of the queries: whose they are is said."""
    (tmp_path / "run.txt").write_text("301 Q0 c 1 9 x\n")
    with pytest.raises(ReadError, match="its first is for '301', and asked is '1'"):
        read_result(tmp_path / "run.txt", judged, [])


@pytest.mark.parametrize(
    "text", ["{", '{"mrr_10": 1}', '{"per_query": {"1": {"mrr_10": 1}}, "fingerprint": ""}']
)
def test_other_json_is_refused(judged: JudgedSet, tmp_path: Path, text: str) -> None:
    """A file of JSON that is no result is named."""
    (tmp_path / "saved.json").write_text(text)
    with pytest.raises(ReadError, match=r"saved\.json: is no result"):
        read_result(tmp_path / "saved.json", judged, [])


def test_saved_results(
    make_config: Callable[..., Config], hansou: Callable[..., Any], judged: JudgedSet, tmp_path: Path
) -> None:
    """What --json printed can be compared with later, unless queries or judgments have changed since."""
    config = make_config()
    documents = [
        {"id": id, "text": text} for id, text in zip("abcd", ["無錫", "太湖", "湖", "胡同"], strict=True)
    ]
    (tmp_path / "docs.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    saved = hansou(config, "evaluate", str(tmp_path), "--json", "--quiet").out
    (tmp_path / "saved.json").write_text(saved, encoding="utf-8")
    changed = json.loads(saved)
    changed["per_query"]["1"] |= dict.fromkeys(MEASURES, 0.0)
    (tmp_path / "worse.json").write_text(json.dumps(changed), encoding="utf-8")
    out = hansou(config, "evaluate", str(tmp_path), "--compare", str(tmp_path / "worse.json"), "--quiet").out
    assert "better by nDCG@10: 1 queries\n0.0000 → 1.0000  1  無錫" in out and "may be chance" in out
    with (tmp_path / "qrels.tsv").open("a", encoding="utf-8") as file:
        file.write("4\tc\n")
    result = hansou(config, "evaluate", str(tmp_path), "--compare", str(tmp_path / "saved.json"), "--quiet")
    assert result.code == 3 and "other queries or judgments" in result.err
