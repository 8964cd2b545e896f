"""Parameters of a search: parsing never fails, and addresses hold no defaults."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import MAX_WINDOW
from webapp.params import SearchParams

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/params.toml").read_text("utf-8"))["case"]
FILTERS = ("from", "to", "source", "collection", "lang")
NAMES = ("q", "page", "size", "mode", "sort", *FILTERS, "script", "verbatim")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["label"]))
def test_parse(case: dict[str, Any]) -> None:
    """A query string gives the expected fields, and a note for each that was put right."""
    params = SearchParams.parse(case["input"])
    given_fields = {
        field.name: getattr(params, field.name)
        for field in fields(SearchParams)
        if field.compare and getattr(params, field.name) != getattr(SearchParams(), field.name)
    }
    assert given_fields == case["expect"]
    assert sorted(problem.name for problem in params.problems) == sorted(case["problems"])


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_any_query_string_is_understood(args: dict[str, str]) -> None:
    """Whatever is sent, the page asked for lies within the window of hits."""
    params = SearchParams.parse(args)
    assert 1 <= params.page * params.size <= MAX_WINDOW


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_canonical_address_says_the_same(args: dict[str, str]) -> None:
    """Parsing a canonical address gives the request it was made from."""
    params = SearchParams.parse(args)
    assert SearchParams.parse(params.query(page=params.page)) == params


def test_default_size_is_the_configured_one() -> None:
    """A configured page size is used, and left out of addresses."""
    params = SearchParams.parse({"q": "園"}, default_size=25)
    assert params.size == 25
    assert params.query() == {"q": "園"}
    assert params.query(size=10) == {"q": "園", "size": "10"}


def test_a_new_choice_starts_at_page_one() -> None:
    """Another order begins again; another page or script does not."""
    params = SearchParams(q="園", page=3)
    assert "page" not in params.query(sort="date_desc")
    assert params.query(script="hans")["page"] == "3"


def test_unfiltered_drops_every_filter() -> None:
    """Without filters only the words and their mode are left."""
    filters = {"date_from": "2016-01-01", "source": "x", "lang": "zh-Hans"}
    params = replace(SearchParams(q="園", mode="exact"), **filters)
    assert params.filtered and not params.unfiltered.filtered
    assert params.unfiltered.query() == {"q": "園", "mode": "exact"}


def test_the_form_shows_what_was_typed() -> None:
    """Filters that could not be taken are not lost; those that no field is for are not kept."""
    params = SearchParams.parse({"q": "園", "from": "2017-01-01", "to": "2016-01-01", "page": "x"})
    assert params.typed == {"from": "2017-01-01", "to": "2016-01-01"} and params.mistyped
    assert (params.date_from, params.date_to) == (None, None)
    assert not SearchParams.parse({"from": "2016-01-01", "page": "x"}).mistyped
