"""What holds is long enough and little enough of it differs; what does not is cut down until it does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.trace.alignment import Run
from indexer.trace.holding import CHANGED, changes, cut_down, extent, holds, overlap

steps = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


def laid(rows: list[tuple[int, int, int]]) -> list[Run]:
    """Runs of such lengths with such gaps behind them."""
    runs, place, at = [], 3, 5
    for length, here, there in rows:
        runs.append(Run(place, at, length))
        place, at = place + length + max(here, 0), at + length + there + (here == there == 0)
    return runs


@settings(max_examples=80, deadline=None, derandomize=True)
@given(rows=steps)
def test_what_is_left_holds_but_for_its_length(rows: list[tuple[int, int, int]]) -> None:
    """Of any alignment a part is left, in order, of which no more differs than may."""
    runs = laid(rows)
    left = [*cut_down(runs)]
    assert left and left == runs[runs.index(left[0]) : runs.index(left[-1]) + 1]
    assert changes(left) <= CHANGED * max(extent(left))


def test_holding() -> None:
    """Eight characters are enough, seven are not, and of twenty no more than seven may differ."""
    assert holds([Run(0, 0, 8)]) and not holds([Run(0, 0, 7)]) and not holds([])
    assert holds([Run(0, 0, 7), Run(14, 14, 6)]) and not holds([Run(0, 0, 6), Run(14, 14, 6)])


def test_overlap() -> None:
    """The same on both sides is the same; the same passage elsewhere is another place."""
    one = [Run(0, 10, 10)]
    assert overlap(one, [Run(2, 12, 8)])
    assert not overlap(one, [Run(0, 40, 10)]) and not overlap(one, [Run(8, 18, 10)])
