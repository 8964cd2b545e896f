"""The simulated shard holds what was loaded, in segments as Lucene would leave them."""

from __future__ import annotations

import pytest

from benchmarks.cluster_plan import LARGEST_MB, allowed, best_merge, filled


@pytest.mark.parametrize("size", [30.0, 2_000.0, 40_000.0])
def test_a_shard_holds_what_was_loaded(size: float) -> None:
    """No segment is larger than one may be, and what is written more is what was merged."""
    own = filled(size, 110)
    assert sum(own.segments) == pytest.approx(size)
    assert max(own.segments) <= LARGEST_MB
    assert own.written >= 1 and (own.written > 1) == (max(own.segments) > 110)
    small = [each for each in own.segments if each <= LARGEST_MB / 2]
    assert len(small) <= allowed(small)


def test_the_most_equal_are_merged() -> None:
    """Ten of a size before one large one and nine; nothing where all together are too large."""
    assert best_merge([900.0, *[50.0] * 10]) == [*range(1, 11)]
    assert best_merge([LARGEST_MB, LARGEST_MB]) is None
