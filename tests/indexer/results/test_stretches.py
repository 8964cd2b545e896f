"""What is typed and stands is marked whole, and every mark is a piece of what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench_marks import draw, judge, marker_of, read
from indexer.results.stretches import Tier, Typed, joined
from indexer.text.analyzer import Analyzer

ROOT = Path(__file__).parents[3]
FOLDERS = ("mainland", "taiwan", "hongkong")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The sample documents in the scripts and words of three regions."""
    return read([ROOT / "seeds" / folder for folder in FOLDERS])


def test_drawn_strings_are_marked_whole(analyzer: Analyzer, texts: list[str]) -> None:
    """Each of 400 strings of the samples is one mark wherever it stands, and no mark is anything else."""
    for drawn in draw(texts, 400, seed=14):
        found = judge(drawn, marker_of(drawn, analyzer))
        assert found.stands and found.whole == found.stands, drawn.string
        assert not found.alien, drawn.string


def pieces(analyzer: Analyzer, typed: str, text: str) -> set[tuple[str, str]]:
    """The candidates of a typed string in a text: tier and what is there."""
    return {
        (tier.name, text[start:end]) for tier, _, start, end in Typed.of(typed, analyzer).candidates(text)
    }


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        ("软件园", "软件园", {("WHOLE", "软件园")}),
        ("软件园", "软件", {("PARTS", "软件")}),
        ("苹果手机", "吃苹果", {("WORDS", "苹果")}),
        ("苹果手机", "果手", {("ACROSS", "果手")}),
        ("苹果手机", "果和手", set()),
        ("A座", "b座", set()),
        ("c++程序", "c 程序 c++", {("WORDS", "程序"), ("WORDS", "c++")}),
        ("2024年", "12024年", set()),
    ],
)
def test_candidates(analyzer: Analyzer, typed: str, text: str, expected: set[tuple[str, str]]) -> None:
    """The longest stretches that were typed, in whole words where there are any; no unit is cut."""
    assert pieces(analyzer, typed, text) == expected


def test_tiers_ascend() -> None:
    """Of candidates that overlap, what is more of the query comes first."""
    assert sorted(Tier) == [Tier.WHOLE, Tier.WORDS, Tier.PARTS, Tier.ACROSS]


def test_one_character_over_and_over_is_bounded_work(analyzer: Analyzer) -> None:
    """The longest query of one character in a long text of it ends, in time that grows with the text."""
    typed = Typed.of("哈" * 256, analyzer)
    assert len([*typed.candidates("哈" * 20_000)]) > 0


def test_joined_takes_what_lies_inside() -> None:
    """A range inside another adds nothing."""
    assert joined([(0, 5), (1, 2), (5, 6), (8, 9)]) == [(0, 6), (8, 9)]
