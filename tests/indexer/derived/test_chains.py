"""Chains do not depend on the order of occurrences; the heaviest come first."""

from __future__ import annotations

import numpy as np

from indexer.derived.chains import GAP, MAX_POSITION, STRIP, Chains, chained, heaviest

WEIGHTS = np.array([5, 7, 11, 13] + [1] * 200)


def chains(*spots: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """The chains of (document, place, position), as rows."""
    documents, places, positions = np.array(spots, np.int64).reshape(-1, 3).T
    found = chained(documents, places, positions, WEIGHTS)
    assert [*map(len, found)] == [len(found.weights)] * 6
    return [*zip(*(column.tolist() for column in found), strict=True)]


def test_a_diagonal_is_a_chain() -> None:
    """Places that are as far off belong together, in any order; weights add up, each place's once."""
    assert chains((3, 0, 32), (3, 1, 33), (3, 3, 36)) == [(3, 0, 3, 32, 36, 25)]
    assert chains((3, 3, 36), (3, 0, 32), (3, 1, 33), (3, 0, 34)) == [(3, 0, 3, 32, 36, 25)]


def test_what_is_no_chain() -> None:
    """One place alone, another document, another strip, a gap, or beyond all texts."""
    assert chains() == chains((3, 0, 32)) == chains((3, 0, 32), (3, 0, 33)) == []
    assert chains((3, 0, 32), (4, 1, 33)) == chains((3, 0, 32), (3, 1, 33 + STRIP)) == []
    assert chains((3, 0, 32), (3, GAP + 1, GAP + 33)) == []
    assert chains((3, 0, 32), (3, GAP, GAP + 32)) == [(3, 0, GAP, 32, GAP + 32, 6)]
    assert chains((3, 0, MAX_POSITION), (3, 1, MAX_POSITION + 1)) == []


def test_before_the_beginning() -> None:
    """A document may begin in the middle of the passage."""
    assert chains((0, 150, 0), (0, 151, 1)) == [(0, 150, 151, 0, 1, 2)]


def test_the_heaviest_come_first() -> None:
    """By weight, then by the documents' ranks, then by place and position; as many as asked for."""
    one = np.array([0, 1, 2, 3])
    found = Chains(one, one, one, one, one, np.array([5, 9, 5, 9]))
    ranks = np.array([3, 2, 1, 0])
    assert heaviest(found, 3, ranks).tolist() == [3, 1, 2]
    assert heaviest(found, 9, ranks).tolist() == [3, 1, 2, 0] and heaviest(found, 0, ranks).tolist() == []
