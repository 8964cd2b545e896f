"""Chains of a document that go on where another leaves off are one region; others stay apart."""

from __future__ import annotations

from indexer.derived.chains import GAP, STRIP
from indexer.engine.answers import Chain
from indexer.trace.regions import Region, regions


def chain(document: int, first: int, last: int, behind: int) -> Chain:
    """A chain on one diagonal."""
    return Chain(document, (first, last), (first + behind, last + behind), 1.0)


def test_what_goes_on_is_joined() -> None:
    """Behind, before or beside, on diagonals that are near."""
    around = [chain(1, 40, 60, 100), chain(1, 62, 80, 105), chain(1, 10, 35, 97), chain(1, 41, 44, 120)]
    assert regions(around) == {1: [Region(10, 80, 97, 120, 105)]}


def test_diagonals_may_move_on() -> None:
    """Much is put in by the end of a long passage, little at a time."""
    moving = [chain(1, 50 * number, 50 * number + 30, 20 * number) for number in range(12)]
    assert regions(moving[::-1]) == {1: [Region(0, 580, 0, 220, 220)]}


def test_what_is_elsewhere_stays_apart() -> None:
    """Another document, far diagonals, or a gap; documents keep the order of their first chain."""
    apart = [chain(2, 0, 9, 50), chain(1, 0, 9, 50), chain(2, 0, 9, 50 + 2 * STRIP)]
    gap = chain(1, 10 + GAP, 90 + GAP, 50)
    found = regions([*apart, gap])
    assert [*found] == [2, 1] and [len(own) for own in found.values()] == [2, 2]
