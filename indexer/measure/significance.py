"""Is it more than chance? Intervals of means, and a test of paired differences, over queries.

The queries that were asked stand for all that could have been: an interval says how far the mean may be off
for that reason alone, a test how often a difference as large would come about if nothing had changed.
**The same values and the same seed give the same figures**, and neither the sign nor the order of what is
compared decides a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEED = 7
LEVEL = 0.95
RESAMPLES = 10_000
"""How often queries are drawn anew for an interval, and signs for a test."""
_EXACT = 16
"""Up to so many differences every pattern of signs is looked at."""
_AT_ONCE = 1_000_000
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and between which bounds it lies with a probability of `LEVEL`."""

    mean: float
    low: float
    high: float


def intervals(values: ArrayLike, seed: int = SEED) -> list[Interval]:
    """The mean of each column of `values` (queries × measures) with its percentile bootstrap interval.

    All columns are resampled together. Without queries every figure is 0.

    >>> intervals([[1.0], [0.5], [0.5], [1.0]])
    [Interval(mean=0.75, low=0.5, high=1.0)]
    """
    table = np.asarray(values, np.float64)
    if not len(table):
        return [Interval(0.0, 0.0, 0.0)] * (table.shape[1] if table.ndim > 1 else 1)
    means = np.concatenate([counts @ table for counts in _draws(len(table), seed)]) / len(table)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return [Interval(*map(float, each)) for each in zip(table.mean(axis=0), low, high, strict=True)]


def _draws(queries: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each of the queries is drawn, in batches of resamples."""
    random = np.random.default_rng(seed)
    for size in _batches(queries):
        rows = np.arange(size)[:, None] * queries
        drawn = (random.integers(queries, size=(size, queries)) + rows).ravel()
        yield np.asarray(np.bincount(drawn, minlength=size * queries).reshape(size, queries), np.float64)


def _batches(width: int) -> Iterator[int]:
    """Sizes that make `RESAMPLES` in all, each with at most `_AT_ONCE` values of `width`."""
    most = max(_AT_ONCE // width, 1)
    for start in range(0, RESAMPLES, most):
        yield min(most, RESAMPLES - start)


def randomization_test(differences: Sequence[float] | NDArray[np.float64], seed: int = SEED) -> float:
    """The two-sided p of the paired randomization (sign-flip) test: the mean difference is 0.

    Differences of 0 say nothing and are left out. Up to 16 others every pattern of signs is counted, so p is
    exact; beyond, `RESAMPLES` random ones are, the observed one among them. For a mean over groups of
    different sizes (sets of queries), weigh each difference by what it contributes to that mean.

    >>> randomization_test([0.5, 0.5, 0.5, 0.0]), randomization_test([0.5, -0.5]), randomization_test([])
    (0.25, 1.0, 1.0)
    """
    # Sorted by size, so that neither order nor sign of what is compared matters to random signs.
    found = np.asarray(differences, np.float64)
    sizes = np.sort(np.abs(found[found != 0]))
    if not len(sizes):
        return 1.0
    observed = abs(float(found.sum())) - _EPSILON * float(sizes.sum())
    if len(sizes) <= _EXACT:
        patterns = 1 - 2 * ((np.arange(1 << len(sizes))[:, None] >> np.arange(len(sizes))) & 1)
        return float(np.mean(np.abs(patterns @ sizes) >= observed))
    random = np.random.default_rng(seed)
    as_large = sum(
        int(np.count_nonzero(np.abs(signs @ sizes) >= observed)) for signs in _signs(len(sizes), random)
    )
    return (as_large + 1) / (RESAMPLES + 1)


def _signs(width: int, random: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    for size in _batches(width):
        yield np.asarray(random.integers(2, size=(size, width), dtype=np.int8) * 2 - 1, np.float64)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired values before and after: how many queries fare better, worse and alike, by how much, and p."""

    before: float
    after: float
    difference: Interval
    better: int
    worse: int
    equal: int
    p: float

    @property
    def is_more_than_chance(self) -> bool:
        """Whether a difference as large would come about by chance less than once in twenty times."""
        return self.p < 1 - LEVEL


def compare(before: ArrayLike, after: ArrayLike, seed: int = SEED) -> Comparison:
    """Compare values of the same queries in the same order.

    >>> found = compare([0.5, 1.0, 0.0], [1.0, 1.0, 0.25])
    >>> found.better, found.worse, found.equal, found.difference.mean, found.p
    (2, 0, 1, 0.25, 0.5)
    """
    old, new = np.asarray(before, np.float64), np.asarray(after, np.float64)
    change = new - old
    (interval,) = intervals(change[:, None], seed)
    better, worse = int((change > _EPSILON).sum()), int((change < -_EPSILON).sum())
    mean_before, mean_after = (float(each.mean()) if len(each) else 0.0 for each in (old, new))
    equal = len(change) - better - worse
    p = randomization_test(change, seed)
    return Comparison(mean_before, mean_after, interval, better, worse, equal, p)
