"""Numbers are in the order of ids, stay what they are, and leave room for what comes."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Array
from indexer.engine.opensearch import numbering
from indexer.engine.opensearch.numbering import SPAN, filled, spread
from indexer.errors import IndexCrowded


def grown(count: int, times: int, place: Callable[[int, int], int], each: int = 1) -> Array:
    """The numbers of so many documents after others have come as often, before the one at `place`."""
    numbers = spread(count)
    for time in range(times):
        at = place(time, len(numbers))
        numbers = filled(np.concatenate([numbers[:at], np.full(each, -1), numbers[at:]]))
    return numbers


def is_in_order(numbers: Array) -> bool:
    """Whether numbers ascend, within what there is of them."""
    return bool((np.diff(numbers) > 0).all() and numbers[0] >= 0 and numbers[-1] < SPAN)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 60))
def test_what_comes_is_numbered_between_what_was(new: list[bool], seed: int) -> None:
    """Wherever it comes; what was keeps its numbers."""
    numbers = spread(new.count(False))
    mixed = np.full(len(new), -1)
    mixed[[not each for each in new]] = numbers
    found = filled(mixed)
    assert is_in_order(found)
    assert set(numbers.tolist()) <= set(found.tolist())


@pytest.mark.parametrize(
    ("place", "each"),
    [
        (lambda time, size: size, 1),
        (lambda time, size: size, 50),
        (lambda time, size: 0, 1),
        (lambda time, size: 500 + 20 * time, 20),
        (lambda time, size: 500, 20),
    ],
    ids=[
        "behind the last",
        "many behind the last",
        "before the first",
        "behind one another",
        "the newest first",
    ],
)
def test_what_comes_in_an_order_has_room_for_long(place: Callable[[int, int], int], each: int) -> None:
    """Dates and counters, in either direction and anywhere: a thousand updates and more."""
    assert is_in_order(grown(1000, 1000, place, each))


def test_what_comes_anywhere() -> None:
    """An index grows to several times its size."""
    chance = random.Random(1)
    assert is_in_order(grown(300, 900, lambda time, size: chance.randrange(size + 1)))


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said; where there is some it is used to the last."""
    monkeypatch.setattr(numbering, "SPAN", 16)
    assert filled(np.array([4, -1, -1, 7])).tolist() == [4, 5, 6, 7]
    with pytest.raises(IndexCrowded):
        filled(np.array([4, -1, -1, -1, 7]))


def test_an_index_of_nothing() -> None:
    """What comes first is spread."""
    assert filled(np.full(4, -1)).tolist() == spread(4).tolist()
    assert filled(spread(0)).tolist() == []
