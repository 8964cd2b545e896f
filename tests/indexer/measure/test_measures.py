"""Measures: they are those of trec_eval, to the last digit that is printed."""

from __future__ import annotations

import random

import ir_measures
import pytest
from ir_measures import AP, RR, P, Qrel, R, ScoredDoc, nDCG

from indexer.measure.measures import DECIDING, MEASURES, measured

THEIRS = {
    "mrr_10": RR @ 10,
    "ndcg_10": nDCG @ 10,
    "p_5": P @ 5,
    "recall_10": R @ 10,
    "recall_100": R @ 100,
    "map": AP,
}


def drawn(seed: int) -> tuple[list[str], dict[str, int]]:
    """Hits in order and grades of some of them and of others, drawn by a seed."""
    chance = random.Random(seed)
    documents = [f"文{number}" for number in range(400)]
    judged = chance.sample(documents, chance.choice([1, 3, 20, 150]))
    hits = chance.sample(documents, chance.choice([0, 1, 4, 12, 130, 390]))
    return hits, {document: chance.choice([0, 1, 1, 2, 3]) for document in judged}


def test_equal_to_trec_eval() -> None:
    """Graded judgments, hits few and many, relevant documents not found: values are trec_eval's."""
    cases = {str(seed): drawn(seed) for seed in range(60)}
    qrels = [Qrel(q, d, grade) for q, (_, grades) in cases.items() for d, grade in grades.items()]
    run = [ScoredDoc(q, d, -float(at)) for q, (hits, _) in cases.items() for at, d in enumerate(hits)]
    theirs = {
        (each.query_id, each.measure): each.value
        for each in ir_measures.iter_calc([*THEIRS.values()], qrels, run)
    }
    for query, (hits, grades) in cases.items():
        ours = measured(hits, grades)
        for name, measure in THEIRS.items():
            assert ours[name] == pytest.approx(theirs[query, measure], abs=1e-9), (query, name)


def test_every_measure_is_compared() -> None:
    """No measure is without its counterpart above."""
    assert THEIRS.keys() == MEASURES.keys() and DECIDING in MEASURES


@pytest.mark.parametrize(
    ("hits", "grades", "expected"),
    [
        ("abc", {"a": 1}, {"mrr_10": 1, "ndcg_10": 1, "p_5": 0.2, "recall_10": 1, "recall_100": 1, "map": 1}),
        ("xxa", {"a": 1}, {"mrr_10": 1 / 3, "ndcg_10": 0.5, "p_5": 0.2, "recall_10": 1, "map": 1 / 3}),
        ("xab", {"a": 1, "b": 1, "c": 1, "d": 0}, {"recall_10": 2 / 3, "map": (1 / 2 + 2 / 3) / 3}),
        ("ab", {"a": 0, "b": 0}, dict.fromkeys(MEASURES, 0)),
        ("", {"a": 1}, dict.fromkeys(MEASURES, 0)),
        ("da", {"d": -2, "a": 1}, {"mrr_10": 0.5, "p_5": 0.2, "map": 0.5}),
        (
            [*"xxxxxxxxxxa"],
            {"a": 1},
            {"mrr_10": 0, "ndcg_10": 0, "recall_10": 0, "recall_100": 1, "map": 1 / 11},
        ),
    ],
)
def test_worked_by_hand(hits: str, grades: dict[str, int], expected: dict[str, float]) -> None:
    """Small cases whose values can be seen: order, several relevant, grades of 0 and below, nothing found."""
    found = measured([*hits], grades)
    assert {name: found[name] for name in expected} == pytest.approx(expected)
