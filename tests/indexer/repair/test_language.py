"""Costs are read out of packed rows exactly as out of unpacked ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.repair.language_model import UNSEEN, LanguageModel, language_model

KNOWN = sorted(language_model().single)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """The shipped model."""
    return language_model()


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_a_pair_costs_what_its_row_says(before: str, character: str) -> None:
    """What was seen has its own cost; anything else costs itself and what the row adds."""
    model = language_model()
    row = model.row(before)
    seen = character in row.seen
    ((cost, _),) = row.likeliest([character], 1) if seen else [(row.backoff + model.single[character], "")]
    assert model.pair(before, character) == cost


@pytest.mark.parametrize("before", ["无", "的", "国", "\x00", "0", "a", "，"])
def test_every_pair_of_a_row_is_found(model: LanguageModel, before: str) -> None:
    """No character is taken for a separator or for a cost."""
    row = model.row(before)
    assert len(set(row.seen)) == len(row.seen)
    every = row.likeliest(row.seen, len(row.seen))
    assert [character for _, character in every] == list(row.seen)
    assert all(model.pair(before, character) == cost for cost, character in every)


@given(st.sampled_from("无的国不人，0"), st.sets(st.sampled_from(KNOWN), max_size=400), st.integers(1, 20))
def test_the_likeliest_of_some(before: str, among: set[str], most: int) -> None:
    """However many are looked for, few or many: those that cost least, in that order."""
    row = language_model().row(before)
    expected = sorted(
        (language_model().pair(before, character), character) for character in among & {*row.seen}
    )
    assert row.likeliest(among, most) == expected[:most]


def test_what_no_source_has(model: LanguageModel) -> None:
    """An unknown character is as costly as can be, wherever it stands."""
    assert model.pair("无", "𰻝") >= UNSEEN <= model.pair("𰻝", "𰻞")
    assert model.row("𰻝").seen == ""


def test_a_run_costs_the_sum_of_its_pairs(model: LanguageModel) -> None:
    """Costs add up, from the character before; what is usual costs less than what is not."""
    assert model.run("无", "锡市") == model.pair("无", "锡") + model.pair("锡", "市")
    assert model.run("", "無錫") == model.run("", "无锡") < model.run("", "锡无")
