"""Readings, look-alikes, slips of the hand."""

from __future__ import annotations

import pytest

from indexer.derived.suggest.latin import slip_of_habit
from indexer.derived.suggest.shapes import _table, lookalikes
from indexer.derived.suggest.sounds import MOST, Sounds, chunks, reading_table, splits
from indexer.text.normalize import normalize


@pytest.fixture(scope="module")
def sounds() -> Sounds:
    """The readings as an index keeps them."""
    return Sounds(*reading_table())


def test_all_readings_count(sounds: Sounds) -> None:
    """A character with several readings is found by each: 重庆 is chongqing."""
    assert "chongqing" in {"".join(spelling) for spelling in sounds.spellings("重庆")}
    assert sounds.spellings("长江")[0] in {("zhang", "jiang"), ("chang", "jiang")}


def test_spellings_are_bounded(sounds: Sounds) -> None:
    """However many readings, a word has at most MOST spellings."""
    assert len(sounds.spellings("行长都会重弹调")) == MOST


@pytest.mark.parametrize(
    ("left", "right", "expected"), [("西", "锡", 2), ("薪", "新", 2), ("林", "零", 1), ("西", "东", 0)]
)
def test_alike(sounds: Sounds, left: str, right: str, expected: int) -> None:
    """The same reading, nearly the same, or neither."""
    assert sounds.alike(left, right) == expected


def test_splits() -> None:
    """Typed pinyin falls into syllables; other words do not."""
    syllables = frozenset({"xi", "an", "xian", "gao"})
    assert splits("xiangao", syllables) == ("xian", "gao")
    assert splits("python", syllables) is None


def test_chunks() -> None:
    """Spaces and apostrophes part typed pinyin."""
    assert list(chunks("xi'an gaoxinqu")) == ["xi", "an", "gaoxinqu"]


def test_looking_alike_is_mutual() -> None:
    """The table is folded and symmetric, and nothing looks like itself."""
    table = _table()
    assert len(table) > 1000
    for character, others in table.items():
        assert character not in others
        assert normalize(character + others) == character + others
        assert all(character in lookalikes(other) for other in others)


@pytest.mark.parametrize("typed", ["kubernets", "kubernettes", "kubenretes", "kubernwtes"])
def test_slips_of_habit(typed: str) -> None:
    """Missing, doubled and swapped letters and neighboring keys are habits of the hand."""
    assert slip_of_habit(typed, "kubernetes") is True


def test_other_slips() -> None:
    """A letter from elsewhere is a slip but no habit; two slips are none."""
    assert slip_of_habit("kubernetep", "kubernetes") is False
    assert slip_of_habit("kubrnetep", "kubernetes") is None
