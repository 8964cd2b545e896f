"""What narrows a search can be taken back, and what else could is offered: chips, facets, bars."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import g
from flask.testing import FlaskClient

from indexer import Bin, Config, Timeline
from webapp import create_app, narrowing
from webapp.language import messages
from webapp.params import SearchParams

T = messages("zh-Hans")


@pytest.fixture(autouse=True)
def inside() -> Iterator[None]:
    """A request context to make addresses in."""
    with create_app(Config()).test_request_context("/"):
        g.chosen = None
        yield


def test_each_filter_is_a_chip() -> None:
    """A chip says what it is and leads to the search without it; dates are one, values one each."""
    params = SearchParams(
        q="園",
        mode="exact",
        source=("甲", "乙"),
        lang="zh-Hant",
        date_from="2021-01-01",
        date_to="2021-12-31",
    )
    chips = narrowing.chips(params, T, lambda without: len(without.narrowing))
    assert [chip.label for chip in chips] == ["2021 年", "甲", "乙", "繁体", "一字不差"]
    assert "from=" not in chips[0].address and "source=%E4%B9%99" in chips[0].address
    assert chips[1].address.count("source=") == 1 and "mode=" not in chips[4].address
    assert [chip.hits for chip in chips] == [2, 4, 4, 3, 4]


def test_facets_show_the_first_and_what_is_chosen() -> None:
    """Eight values by count, chosen ones first, a link to all where there are more; none for one."""
    counts = {"source": {f"報{n}": 20 - n for n in range(12)}, "lang": {"zh-Hant": 3}, "year": {"2021": 2}}
    (facet,) = narrowing.facets(counts, {"source": 413, "lang": 1, "year": 1}, SearchParams(source="報11"), T)
    assert facet.name == "source" and [each.value for each in facet.entries][:2] == ["報11", "報0"]
    assert len(facet.entries) == narrowing.SHOWN and facet.entries[0].chosen
    assert facet.entries[0].address == "/search" and facet.values == 413
    assert facet.more and facet.more.startswith("/facets?") and "facet=source" in facet.more
    assert facet.entries[1].address.count("source=") == 2


def test_what_is_chosen_in_the_other_script_is_chosen() -> None:
    """A facet has a name under one spelling, whichever the filter was given in."""
    params = SearchParams(source=("报1", "报2"))
    (facet,) = narrowing.facets(
        {"source": {"報0": 3, "報1": 2, "報2": 1}}, {"source": 3}, params, T, ("source",)
    )
    assert [(each.value, each.chosen) for each in facet.entries] == [
        ("報1", True),
        ("報2", True),
        ("報0", False),
    ]
    assert "source=" in facet.entries[0].address and params.toggled("source", "報1") == "报2"


def test_bars_choose_a_time_and_take_it_back() -> None:
    """The tallest is as high as there is room; empty times have none; the chosen one leads back."""
    timeline = Timeline(
        "year", (Bin("2020-01-01", "2020-12-31", 4), Bin("2021-01-01", "2021-12-31", 0),
                 Bin("2022-01-01", "2022-12-31", 1)), 3,
    )  # fmt: skip
    params = SearchParams(q="x", date_from="2022-01-01", date_to="2022-12-31")
    first, last = narrowing.bars(timeline, params, T)
    assert (first.label, first.height, first.x, last.label, last.height) == ("2020 年", 100, 0, "2022 年", 25)
    assert first.address == "/search?q=x&from=2020-01-01&to=2020-12-31" and last.address == "/search?q=x"
    assert last.chosen and narrowing.ends(timeline, T) == ["2020", "2022"]
    assert narrowing.bars(Timeline(), params, T) == [] and narrowing.ends(Timeline(), T) == ()


def test_ends_are_written_as_the_reader_writes_dates() -> None:
    """Months and days are those of the language, not ISO 8601; early years have no zeros in front."""
    months = Timeline("month", (Bin("2022-11-01", "2022-11-30", 1), Bin("2025-04-01", "2025-04-30", 1)))
    assert narrowing.ends(months, T) == ["2022年11月", "2025年4月"]
    assert narrowing.ends(months, messages("en")) == ["Nov 2022", "Apr 2025"]
    assert narrowing.ends(Timeline("year", (Bin("0960-01-01", "0960-12-31", 1),)), T) == ["960", "960"]
    assert narrowing.period(None, "2023-02-03", messages("zh-Hant")) == "至2023年2月3日"


def test_the_order_of_a_list_is_said(client: FlaskClient) -> None:
    """Without a query the newest come first, and the switch shows that."""
    assert '" aria-current="true">最新</a>' in client.get("/search").text
    assert '" aria-current="true">最相关</a>' in client.get("/search?q=軟件園").text


def test_zero_results_say_what_each_filter_costs(client: FlaskClient) -> None:
    """With nothing found every filter is a chip with how many hits there are without it."""
    page = client.get("/search?q=軟件園&source=x").text
    assert "没有找到" in page and "去掉后有 2 条" in page and 'href="/search?q=%E8%BB%9F' in page
