"""Which parameters of the ranking serve these judgments best, and would they serve other queries too?

One parameter after the other is tried at a few values, and what gains is kept: once on all queries, which is
what is proposed, and once for each fold without its queries. **What is reported was measured on queries that
the choice had not seen**: each under the parameters that were chosen without its fold.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from indexer.config import Config, RankingSettings, ranges
from indexer.errors import ReadError
from indexer.measure.evaluate import unknown_judgments
from indexer.measure.judgments import Grades, JudgedSet, Topic
from indexer.measure.measures import DECIDING, measured
from indexer.measure.significance import SEED, Comparison, compare
from indexer.searcher import Searcher

Values = NDArray[np.float64]
"""The deciding measure of each query."""

TUNED = ("b", "k1", "word", "character", "exact", "answered", "closeness")
"""What depends on an archive and its readers; the more is tuned, the less fifty judgments can say of each."""

LEAST_QUERIES = 20
FOLDS = 5
_ROUNDS = 2
_DEPTH = 10
# In the second round the square roots of these.
_FACTORS = (0.5, 0.7, 1.4, 2.0)
# Where a parameter is 0, multiples lead nowhere.
_FROM_ZERO = (0.1, 0.3, 1.0)
# What gains less is noise whatever the queries, and one more line to paste.
_GAIN = 0.001
# So many candidates should fit into the time; where all queries take too long, some are drawn.
_CANDIDATES = 80


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found: how the chosen parameters fare beside the present ones on queries they were not
    chosen with, how many queries that was and of how many, how many candidates were tried, and the choice.

    `finished` is whether there was time for all.
    """

    compared: Comparison
    queries: int
    judged: int
    tried: int
    finished: bool
    chosen: RankingSettings

    @property
    def is_recommended(self) -> bool:
        """Whether the choice is better on unseen queries, and by more than chance."""
        return self.compared.difference.mean > 0 and self.compared.is_more_than_chance

    def to_json(self) -> dict[str, Any]:
        """The result as `hansou evaluate --tune --json` prints it."""
        return {
            "measure": DECIDING,
            "queries": self.queries,
            "judged": self.judged,
            "tried": self.tried,
            "finished": self.finished,
            "held_out": asdict(self.compared),
            "recommended": self.is_recommended,
            "ranking": changed(self.chosen),
        }


def changed(ranking: RankingSettings) -> dict[str, float | int]:
    """The parameters that are not as shipped.

    >>> changed(replace(RankingSettings(), b=0.25))
    {'b': 0.25}
    """
    shipped = asdict(RankingSettings())
    return {name: value for name, value in asdict(ranking).items() if value != shipped[name]}


def tune(
    config: Config,
    judged: JudgedSet,
    seconds: float,
    each: Callable[[int], None] = lambda tried: None,
) -> Tuning:
    """Look for better parameters on the live index of `config`, for about so many seconds.

    `each` is called with the number of candidates that were tried. Raises `ReadError` for fewer than 20
    judged queries, and where the index has none of the judged documents.
    """
    grades = judged.grades()
    topics = [
        topic for topic in judged.topics if any(grade > 0 for grade in grades.get(topic.id, {}).values())
    ]
    if len(topics) < LEAST_QUERIES:
        raise ReadError(
            f"{judged.directory}: {len(topics)} queries have a relevant document; to tune on fewer than"
            f" {LEAST_QUERIES} would be to guess"
        )
    until = time.monotonic() + seconds
    with Searcher.open(config) as searcher:
        unknown_judgments(searcher, judged)
    chosen_from = _affordable(config, topics, grades, seconds)

    @cache
    def values(ranking: RankingSettings) -> Values:
        each(values.cache_info().misses)
        return _asked(replace(config, ranking=ranking), chosen_from, grades)

    folds = np.array([fold_of(grades[topic.id]) for topic in chosen_from])
    everywhere, *without = climb(config.ranking, values, folds, lambda: time.monotonic() < until)
    held_out = np.select([folds == fold for fold in range(FOLDS)], [values(each) for each in without])
    return Tuning(
        compared=compare(values(config.ranking), held_out),
        queries=len(chosen_from),
        judged=len(topics),
        tried=values.cache_info().currsize,
        finished=time.monotonic() < until,
        chosen=everywhere,
    )


def _affordable(config: Config, topics: Sequence[Topic], grades: Grades, seconds: float) -> Sequence[Topic]:
    """As many of the topics, drawn by seed, as can be asked often enough; as they are, if all can."""
    drawn = random.Random(SEED).sample(topics, len(topics))
    first = drawn[:LEAST_QUERIES]
    _asked(config, first, grades)
    started = time.monotonic()
    _asked(config, first, grades)
    took = (time.monotonic() - started) / len(first)
    most = max(int(seconds / _CANDIDATES / max(took, 1e-6)), LEAST_QUERIES)
    return topics if most >= len(topics) else drawn[:most]


def _asked(config: Config, topics: Sequence[Topic], grades: Grades) -> Values:
    with Searcher.open(config) as searcher:
        return np.array(
            [measured(searcher.rank(topic.text, _DEPTH), grades[topic.id])[DECIDING] for topic in topics]
        )


def fold_of(judged: Mapping[str, int]) -> int:
    """The fold of a query: the same for all that one document answers.

    >>> fold_of({"無錫": 1, "甲": 0}) == fold_of({"無錫": 2})
    True
    """
    relevant = min(document for document, grade in judged.items() if grade > 0)
    return crc32(f"{SEED} {relevant}".encode("utf-8", "replace")) % FOLDS


def climb(
    start: RankingSettings,
    values: Callable[[RankingSettings], Values],
    folds: NDArray[np.int_],
    goes_on: Callable[[], bool],
) -> list[RankingSettings]:
    """The best parameters for all queries, then those for the queries outside of each fold.

    All are at the same parameter at any time, so that what is tried for one is known for the others, and
    nothing is favored where there is no time for more. What does not gain stays as it is.
    """
    masks = [np.ones(len(folds), np.bool_), *(folds != fold for fold in range(FOLDS))]
    best = [start] * len(masks)
    for turn in range(1, _ROUNDS + 1):
        for name in TUNED:
            for at, mask in enumerate(masks):
                for value in values_to_try(best[at], name, turn):
                    if not goes_on():
                        return best
                    candidate = RankingSettings(**asdict(best[at]) | {name: value})
                    if _mean(values(candidate), mask) > _mean(values(best[at]), mask) + _GAIN:
                        best[at] = candidate
    return best


def _mean(values: Values, mask: NDArray[np.bool_]) -> float:
    return float(values[mask].mean()) if mask.any() else 0.0


def values_to_try(ranking: RankingSettings, name: str, turn: int) -> list[float]:
    """The values to try instead of that of a parameter in round `turn`, counted from 1, as far as allowed.

    >>> values_to_try(replace(RankingSettings(), b=0.8), "b", 1)
    [0.4, 0.56, 1.0]
    """
    present: float = getattr(ranking, name)
    wanted = [present * factor ** (1 / turn) for factor in _FACTORS] if present else _FROM_ZERO
    lowest, highest = ranges(RankingSettings)[name]
    kept = [min(max(float(f"{value:.3g}"), lowest), highest) for value in wanted]
    return sorted({round(value) if isinstance(present, int) else value for value in kept} - {present})
