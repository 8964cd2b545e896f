"""A set of numbers of files is a set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.numbers import FileNumbers

NUMBERS = st.lists(st.integers(0, 3000))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_set_like_others(first: list[int], added: list[int], gone: list[int]) -> None:
    """It has what a set of Python has, whatever is put in and taken out, and in ascending order."""
    expected, found = {*first}, FileNumbers(first)
    for number in added:
        expected.add(number)
        found.add(number)
    for number in gone:
        expected.discard(number)
        found.discard(number)
    assert [*found] == sorted(expected) and len(found) == len(expected)
    assert [number in found for number in range(3002)] == [number in expected for number in range(3002)]
    found -= FileNumbers(added)
    assert {*found} == expected - {*added}


def test_what_is_no_number_of_a_file() -> None:
    """Nothing below 0 is in it, or can be."""
    numbers = FileNumbers([0, 1])
    assert -1 not in numbers and "1" not in numbers
    with pytest.raises(ValueError, match="-1"):
        numbers.add(-1)
