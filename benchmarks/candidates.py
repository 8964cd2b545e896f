"""What does the first phase hand on for each question of a set, and how do parameters order it?

The first phase is asked of the engine once; whatever is scored again is arithmetic over what was kept, so
many parameters of that are tried in no time. **The order is that of `indexer.results.ranked`.**
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from judged_sets import TEN, JudgedSet
from numpy.typing import NDArray

from indexer.config import RankingSettings
from indexer.query.syntax import parse
from indexer.results.ranked import Shares, shares, worths
from indexer.states import States

Values = NDArray[np.float64]
HUNDRED = 100
AGAIN = ("closeness", "closeness_characters", "answered")
"""The parameters that act on candidates; all others decide which these are."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The first `depth` documents of each question, best first; a row of 0 has none left.

    `relevant` says which are, `scores` are shares of the best score, `kept` has the shares of `Shares` one
    after the other; `recall` is the share of relevant documents among the first hundred.
    """

    relevant: NDArray[np.bool_]
    scores: Values
    kept: Values
    recall: Values

    def reciprocal_ranks(self, ranking: RankingSettings) -> Values:
        """MRR@10 of each question when candidates are scored again."""
        # Row by row: the shares of a question's candidates go through the formula together.
        again = np.array(worths(Shares(*self.kept), ranking)).reshape(self.scores.shape)
        order = np.argsort(-(self.scores + again), axis=1, kind="stable")[:, :TEN]
        hits = np.take_along_axis(self.relevant, order, axis=1)
        found: Values = np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)
        return found


def candidates(judged: JudgedSet, ranking: RankingSettings) -> Candidates:
    """The candidates of each question of a set under the parameters of `ranking`."""
    depth, count = ranking.depth, len(judged.questions)
    relevant = np.zeros((count, depth), np.bool_)
    scores, kept = np.full((count, depth), -np.inf), np.zeros((3, count, depth))
    recall = np.zeros(count)
    state = States(replace(judged.config, ranking=ranking)).live()
    snapshot, planner = state.snapshot, state.planner
    with closing(snapshot):
        for row, question in enumerate(judged.questions):
            plan = planner.plan(parse(question.text))
            found = snapshot.search(plan.query, limit=max(depth, HUNDRED))
            right = {snapshot.number(document) for document in question.relevant}
            recall[row] = len(right.intersection(found.documents[:HUNDRED])) / max(len(right), 1)
            if head := found.documents[:depth]:
                relevant[row, : len(head)] = [document in right for document in head]
                top = found.scores[0] or 1.0
                scores[row, : len(head)] = np.array(found.scores[: len(head)]) / top
                kept[:, row, : len(head)] = shares(snapshot, plan.terms, head, ranking)
    return Candidates(relevant, scores, kept, recall)
