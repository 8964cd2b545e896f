"""How good is a ranking? Grades in the order of hits → figures from 0 to 1, as trec_eval defines them.

A document counts as relevant from grade 1 on; grades are gains of nDCG as they are. **What was not judged is
not relevant.** A query without relevant documents measures 0 throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import log2

DEPTH = 1_000
"""So many hits of a query are looked at."""

Measure = Callable[[Sequence[int], Sequence[int]], float]
"""From the grades of the hits in order, and the grades of all judged documents, to the measure."""


def reciprocal_rank(found: Sequence[int], judged: Sequence[int], depth: int) -> float:
    """1/rank of the first relevant document among the first `depth`, 0 without one.

    >>> reciprocal_rank([0, 2, 1], [2, 1], 10)
    0.5
    """
    return next((1 / rank for rank, grade in enumerate(found[:depth], 1) if grade > 0), 0.0)


def precision(found: Sequence[int], judged: Sequence[int], depth: int) -> float:
    """The share of the first `depth` that is relevant; places without a hit count as not relevant.

    >>> precision([0, 2, 1], [2, 1], 5)
    0.4
    """
    return _relevant(found[:depth]) / depth


def recall(found: Sequence[int], judged: Sequence[int], depth: int) -> float:
    """The share of the relevant documents that is among the first `depth`.

    >>> recall([0, 2, 0, 0], [2, 1, 1, 0], 10)
    0.3333333333333333
    """
    return _relevant(found[:depth]) / max(_relevant(judged), 1)


def average_precision(found: Sequence[int], judged: Sequence[int]) -> float:
    """The precision at the rank of each relevant document, 0 for those not found, averaged.

    >>> average_precision([1, 0, 1], [1, 1])
    0.8333333333333333
    """
    ranks = [rank for rank, grade in enumerate(found, 1) if grade > 0]
    return sum(held / rank for held, rank in enumerate(ranks, 1)) / max(_relevant(judged), 1)


def ndcg(found: Sequence[int], judged: Sequence[int], depth: int) -> float:
    """The discounted gain of the first `depth`, as a share of that of the best possible order.

    >>> round(ndcg([1, 3], [3, 1], 10), 4)
    0.7967
    """
    best = _discounted(sorted(judged, reverse=True)[:depth])
    return _discounted(found[:depth]) / best if best else 0.0


def _relevant(grades: Sequence[int]) -> int:
    return sum(grade > 0 for grade in grades)


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1) if grade > 0)


MEASURES: Mapping[str, tuple[str, Measure]] = {
    "mrr_10": ("MRR@10", partial(reciprocal_rank, depth=10)),
    "ndcg_10": ("nDCG@10", partial(ndcg, depth=10)),
    "p_5": ("P@5", partial(precision, depth=5)),
    "recall_10": ("recall@10", partial(recall, depth=10)),
    "recall_100": ("recall@100", partial(recall, depth=100)),
    "map": ("MAP", average_precision),
}
"""The name of each measure in JSON → how it is printed, and how it is computed."""

DECIDING = "ndcg_10"
"""The measure by which one query is answered better than another time, and by which weights are chosen."""


def measured(documents: Sequence[str], grades: Mapping[str, int]) -> dict[str, float]:
    """All measures of the ids of hits in order, given the judged documents of the query.

    >>> measured(["b", "a"], {"a": 1})["mrr_10"]
    0.5
    """
    found = [grades.get(document, 0) for document in documents[:DEPTH]]
    return {name: measure(found, [*grades.values()]) for name, (_, measure) in MEASURES.items()}
