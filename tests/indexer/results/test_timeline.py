"""Bins of time: no gap between them, no document lost, and a unit that all dates are as exact as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.results.timeline import MOST, timeline

CASES = {
    "nothing": ({}, 0, "year", []),
    "nothing dated": ({}, 3, "year", []),
    "one day": ({20210305: 2}, 2, "day", [("2021-03-05", "2021-03-05", 2)]),
    "days over a month's end": (
        {20210228: 1, 20210302: 1}, 2, "day",
        [("2021-02-28", "2021-02-28", 1), ("2021-03-01", "2021-03-01", 0), ("2021-03-02", "2021-03-02", 1)],
    ),
    "months": (
        {20201201: 1, 20210300: 2}, 3, "month",
        [("2020-12-01", "2020-12-31", 1), ("2021-01-01", "2021-01-31", 0), ("2021-02-01", "2021-02-28", 0),
         ("2021-03-01", "2021-03-31", 2)],
    ),
    "a year alone is as exact as its date": ({20210000: 1}, 1, "year", [("2021-01-01", "2021-12-31", 1)]),
    "years": ({20180101: 1, 20200101: 1}, 2, "month", None),
    "many years": ({6180000: 1, 9000000: 2}, 4, "year", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bins(name: str) -> None:
    """The unit that fits, and each bin with its first and last day."""
    days, total, unit, bins = CASES[name]
    found = timeline(days, total)
    assert found.unit == unit
    if bins is not None:
        assert [(each.first, each.last, each.count) for each in found.bins] == bins


@given(
    st.dictionaries(
        st.builds(
            lambda year, month, day: year * 10_000 + month * 100 + (day if month else 0),
            st.integers(1, 2100),
            st.integers(0, 12),
            st.integers(0, 28),
        ),
        st.integers(1, 9),
    ),
    st.integers(0, 5),
)
def test_nothing_is_lost(days: dict[str | int, int], undated: int) -> None:
    """All documents are in a bin or undated; bins ascend, and there are not too many."""
    total = sum(days.values()) + undated
    found = timeline(days, total)
    assert found.undated == undated and sum(each.count for each in found.bins) + undated == total
    edges = [edge for each in found.bins for edge in (each.first, each.last)]
    assert edges == sorted(edges) and len(found.bins) <= MOST
