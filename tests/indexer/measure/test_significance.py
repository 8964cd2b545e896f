"""Chance: intervals cover as often as they say, the test is exact where it can be, and the same each time."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from indexer.measure.significance import compare, intervals, randomization_test


def test_exact_test_counts_every_pattern_of_signs() -> None:
    """For few queries p is the share of sign patterns whose sum is at least as far from 0."""
    differences = [0.5, 0.25, -0.1, 1 / 3, 0.0, 0.125, -0.5]
    kept = [each for each in differences if each]
    sums = [sum(s * d for s, d in zip(signs, kept, strict=True)) for signs in product((1, -1), repeat=6)]
    share = sum(abs(each) >= abs(sum(kept)) - 1e-12 for each in sums) / len(sums)
    assert randomization_test(differences) == share


def test_equal_sums_count_whatever_their_rounding() -> None:
    """0.1 + 0.2 and 0.3 are one distance from 0, whatever binary fractions make of them."""
    assert randomization_test([0.1, 0.2, -0.3]) == 1.0
    assert randomization_test([0.1] * 10) == 2 / 1024


def test_random_signs_come_close_to_the_exact_p() -> None:
    """With 17 differences signs are drawn, and p is near that of all 131,072 patterns."""
    differences = np.random.default_rng(1).normal(0.3, 1.0, 17)
    patterns = 1 - 2 * ((np.arange(1 << 17)[:, None] >> np.arange(17)) & 1)
    exact = np.mean(np.abs(patterns @ differences) >= abs(differences.sum()))
    assert randomization_test(differences) == pytest.approx(exact, abs=0.015)


def test_neither_sign_nor_order_nor_ties_decide() -> None:
    """What is compared with what, in which order, beside how many equal queries: p is the same."""
    differences = np.random.default_rng(2).normal(0.1, 1.0, 200)
    p = randomization_test(differences)
    assert p == randomization_test(-differences) == randomization_test(differences[::-1])
    assert p == randomization_test([*differences, *[0.0] * 500])


@pytest.mark.parametrize("count", [10, 40])
def test_chance_alone_is_significant_one_time_in_twenty(count: int) -> None:
    """Where nothing differs, p is below .05 in about 5 % of comparisons, and not in more."""
    random = np.random.default_rng(count)
    found = [randomization_test(random.normal(0, 1, count)) < 0.05 for _ in range(100)]
    assert 0.0 < np.mean(found) <= 0.11


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    """Of 60 samples of 50 queries about 57 have an interval that holds the true mean."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(60):
        (found,) = intervals(random.beta(0.5, 0.5, (50, 1)))
        held += found.low <= 0.5 <= found.high
    assert 52 <= held <= 60


def test_intervals_of_several_measures() -> None:
    """Each column has the interval that it has by itself, and the seed gives the same one again."""
    table = np.random.default_rng(4).random((50, 3))
    found = intervals(table)
    assert found == intervals(table)
    (alone,) = intervals(table[:, 1:2])
    assert (found[1].low, found[1].high) == pytest.approx((alone.low, alone.high), abs=1e-12)
    assert found != intervals(table, seed=8)
    assert all(each.low < each.mean < each.high for each in found)


def test_without_queries_nothing_is_claimed() -> None:
    """No values: a mean and bounds of 0, and a p of 1."""
    assert [(each.mean, each.low, each.high) for each in intervals(np.zeros((0, 2)))] == [(0, 0, 0)] * 2
    assert compare([], []).p == 1.0


def test_comparison_counts_queries() -> None:
    """Better, worse and equal are counted, and only a difference that chance hardly makes is more than it."""
    one_up = compare([0.0] * 40, [0.5] + [0.0] * 39)
    assert (one_up.better, one_up.worse, one_up.equal, one_up.p) == (1, 0, 39, 1.0)
    assert not one_up.is_more_than_chance
    many_up = compare([0.0] * 40, [0.5] * 20 + [0.0] * 20)
    assert many_up.is_more_than_chance and many_up.difference.low > 0
    assert (many_up.before, many_up.after) == (0.0, 0.25)
