"""Runs: read in the order of trec_eval, written so that every tool reads the order that was meant."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest
from ir_measures import AP, RR, Qrel

from indexer.errors import ReadError
from indexer.measure.measures import measured
from indexer.measure.runs import read_run, run_lines


def write(path: Path, text: str) -> Path:
    """A file of a run."""
    (path / "run.txt").write_text(text, encoding="utf-8")
    return path / "run.txt"


def order(tmp_path: Path, *scores: tuple[str, str]) -> str:
    """The order in which documents with these scores are read."""
    lines = [f"1 Q0 {id} {rank} {score} other\n" for rank, (id, score) in enumerate(scores, 1)]
    return "".join(read_run(write(tmp_path, "".join(lines)), [])["1"])


def test_order_is_by_score_then_by_id_backwards(tmp_path: Path) -> None:
    """Scores count, not ranks or lines; equal ones are read from the last id to the first."""
    assert order(tmp_path, ("a", "1"), ("b", "3"), ("c", "2.5e0")) == "bca"
    assert order(tmp_path, ("a", "1"), ("漢", "1"), ("z", "1"), ("Z", "1")) == "漢zaZ"


def test_scores_are_of_single_precision(tmp_path: Path) -> None:
    """What trec_eval cannot tell apart is equal: 1.00000001 and 1."""
    assert order(tmp_path, ("a", "1.00000001"), ("z", "1")) == "za"
    assert order(tmp_path, ("a", "2e39"), ("z", "1e39")) == "za"


def test_ties_measure_as_in_trec_eval(tmp_path: Path) -> None:
    """Of a run full of ties the measures are trec_eval's."""
    lines = [f"1 Q0 {id} 1 {score} x\n" for id, score in zip("fbdacegh", "33322111", strict=True)]
    path, grades = write(tmp_path, "".join(lines)), {"a": 1, "b": 1, "e": 1}
    theirs = ir_measures.pytrec_eval.calc_aggregate(
        [RR, AP], [Qrel("1", *each) for each in grades.items()], ir_measures.read_trec_run(str(path))
    )
    ours = measured(read_run(path, [])["1"], grades)
    assert (ours["mrr_10"], ours["map"]) == pytest.approx((theirs[RR], theirs[AP]))


def test_what_is_written_has_no_ties(tmp_path: Path) -> None:
    """Equal scores, and such as single precision makes equal, keep their order in every tool."""
    hits = [("b", 7.5), ("a", 7.5), ("z", 7.499999999), ("c", 1e-7), ("d", 0.0), ("e", 0.0), ("f", -1e-50)]
    path = write(tmp_path, "".join(run_lines({"1": hits})))
    ids = [id for id, _ in hits]
    assert read_run(path, notes := [])["1"] == ids and notes == []
    theirs = ir_measures.read_trec_run(str(path))
    assert [each.doc_id for each in sorted(theirs, key=lambda each: -each.score)] == ids
    assert path.read_text(encoding="utf-8").splitlines()[0] == "1 Q0 b 1 7.5 hansou"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 Q0 a 1 2.0", r"run\.txt:2: has 5 columns"),
        ("1 Q0 a b 1 2.0 x", r"run\.txt:2: has 7 columns"),
        ("1 Q0 a 1 nan x", r"run\.txt:2: the score of 'a' is 'nan'"),
        ("1 Q0 a 1 -inf x", r"run\.txt:2: the score of 'a' is '-inf'"),
        ("1 Q0 a 1 high x", r"run\.txt:2: the score of 'a' is 'high'"),
        ("1 Q0 a first 2 x", r"run\.txt:2: a rank is a whole number, not 'first'"),
        ("1 Q0 z 2 2 x", r"run\.txt:2: document 'z' is a hit of query '1' at .*run\.txt:1 already"),
    ],
)
def test_bad_lines_are_said_where_they_stand(tmp_path: Path, line: str, message: str) -> None:
    """File, line, and what is wrong with it."""
    with pytest.raises(ReadError, match=message):
        read_run(write(tmp_path, f"1 Q0 z 1 9 x\n{line}\n"), [])


def test_an_empty_run(tmp_path: Path) -> None:
    """A file without hits is refused."""
    with pytest.raises(ReadError, match=r"run\.txt: holds no hit"):
        read_run(write(tmp_path, "\n"), [])


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("1 Q0 a 1 9 x\n1 Q0 b 1 8 x\n", 2),
        ("1 Q0 a 2 9 x\n1 Q0 b 1 8 x\n", 2),
        ("1 Q0 a 2 9 x\n1 Q0 b 1 9 x\n", 0),
    ],
)
def test_ranks_that_contradict_are_noted(tmp_path: Path, lines: str, place: int) -> None:
    """A rank given twice, or a better one for a lower score, is said; how ties are broken is not."""
    notes: list[str] = []
    assert {*read_run(write(tmp_path, lines), notes)["1"]} == {"a", "b"}
    assert [note.partition(": ")[0] for note in notes] == (
        [f"{tmp_path / 'run.txt'}:{place}"] if place else []
    )


def test_ids_may_hold_white_space(tmp_path: Path) -> None:
    """What would divide an id is written as %20 and the like, and read back."""
    hits = [("a b", 2.0), ("最高人民法院\u3000第一條", 1.0)]
    path = write(tmp_path, "".join(run_lines({"q 1": hits})))
    assert path.read_text(encoding="utf-8").startswith("q%201 Q0 a%20b 1 2 hansou\n")
    assert read_run(path, []) == {"q 1": [id for id, _ in hits]}
    assert next(each.doc_id for each in ir_measures.read_trec_run(str(path))) == "a%20b"
