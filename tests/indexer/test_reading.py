"""What is done in an archive besides searching: lists, times, lines in context, and all of it taken along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from indexer import QueryTooLong, Searcher, TooManyPlaces
from indexer.results import concordance as lines

DOCUMENTS = (
    {
        "id": "甲/1", "title": "無錫軟件園", "text": "無錫的軟件園離太湖不遠。軟\n件園很大，24口。軟件園",
        "date": "2023-03-11", "source": "新華社", "author": "李明",
    },
    {"id": "乙", "text": "无锡的创新。\n第二行写软件园。", "date": "2021"},
    {"id": "丙", "text": "沒有日期的軟件園。", "source": "街坊報"},
    *(
        {"id": f"丁{n}", "text": f"渡輪第{n}班準時。渡輪很好", "source": "渡輪社", "date": f"20{n}-01-01"}
        for n in range(10, 20)
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Iterator[Searcher]:
    """A searcher of these documents."""
    yield open_index(DOCUMENTS)


def ids(found: Any) -> list[str]:
    """The ids of hits."""
    return [hit.id for hit in found.hits]


def test_nothing_asked_lists_documents(searcher: Searcher) -> None:
    """All of them, the newest first unless another order is asked for, narrowed as a search is."""
    page = searcher.search("", size=3)
    assert (page.total.value, page.distinct, ids(page)) == (13, 13, ["甲/1", "乙", "丁19"])
    assert ids(searcher.search(" ", size=2, sort="date_asc")) == ["丁10", "丁11"]
    assert ids(searcher.search("", size=1, sort="title")) == ["甲/1"]
    assert ids(searcher.search("", size=20, sort="source"))[-3:] == ["丁19", "丙", "乙"]
    assert ids(searcher.search("", source="街坊報")) == ["丙"]


def test_any_of_several_values(searcher: Searcher) -> None:
    """Values of one filter are alternatives in either script, filters hold together."""
    assert searcher.search("", source=("新华社", "街坊報")).total.value == 2
    assert searcher.search("", source=("新华社", "街坊報"), author="李明").total.value == 1
    assert searcher.search("", kind="jsonl").total.value == 13 and searcher.count("", kind="pdf") == 0
    with pytest.raises(TypeError, match="no filter is called 'sourze'"):
        searcher.search("", sourze="新華社")  # type: ignore[call-arg]


def test_what_narrows_can_be_counted_around(searcher: Searcher) -> None:
    """The other values of a facet that narrows are counted where that is asked for, and others are not."""
    near, around = (searcher.search("軟件園", source="新華社", around=each) for each in (False, True))
    assert near.facets["source"] == {"新華社": 1}
    assert around.facets["source"] == {"新華社": 1, "街坊報": 1} and around.facets["author"] == {"李明": 1}
    year = searcher.search("軟件園", date_from="2021-01-01", date_to="2021-12-31", around=True)
    assert ids(year) == ["乙"] and [each.count for each in year.timeline.bins] == [1, 0, 1]


def test_when(searcher: Searcher) -> None:
    """Bins and undated documents add up to what is found."""
    found = searcher.timeline("軟件園").to_json()
    assert found["unit"] == "year" and found["undated"] == 1
    assert found["bins"][0] == {"from": "2021-01-01", "to": "2021-12-31", "count": 1}
    assert sum(each.count for each in searcher.timeline("").bins) == 12


def shown(page: Any) -> list[tuple[str, int, str]]:
    """Where each line is, and its keyword."""
    return [(line.id, line.start, line.keyword) for line in page.lines]


def test_each_place_is_a_line(searcher: Searcher) -> None:
    """In either script, over a wrapped line, as it is written; titles are not looked through."""
    page = searcher.concordance("软件园")
    assert (page.total, page.documents) == (5, 3)
    assert shown(page) == [
        ("丙", 5, "軟件園"), ("乙", 11, "软件园"), ("甲/1", 3, "軟件園"), ("甲/1", 12, "軟\n件園"),
        ("甲/1", 23, "軟件園"),
    ]  # fmt: skip
    texts = {str(each["id"]): str(each["text"]) for each in DOCUMENTS}
    for line in page.lines:
        assert texts[line.id][line.start : line.start + len(line.keyword)] == line.keyword
        assert texts[line.id][: line.start].replace("\n", " ").endswith(line.left)
    assert (page.lines[1].left, page.lines[1].right) == ("无锡的创新。 第二行写", "。")


def test_pages_of_lines_follow_one_another(searcher: Searcher) -> None:
    """In every order pages together are all lines, each once; behind the last there is none."""
    for sort in ("document", "date", "left", "right"):
        pages = [searcher.concordance("渡轮", sort=sort, page=n, size=7) for n in (1, 2, 3, 4)]  # type: ignore[arg-type]
        assert {page.total for page in pages} == {20} and [len(page.lines) for page in pages] == [7, 7, 6, 0]
        assert len({line for page in pages for line in shown(page)}) == 20


def test_lines_in_the_order_of_what_is_beside_them(searcher: Searcher) -> None:
    """By characters or words to the left or right; what is equal stays in the order of documents."""
    right = searcher.concordance("渡轮", sort="right", by=1)
    assert [line.right[0] for line in right.lines] == ["很"] * 10 + ["第"] * 10
    assert [line.id for line in right.lines][:2] == ["丁10", "丁11"]
    left = searcher.concordance("渡轮", sort="left", by=2, unit="word")
    assert [line.left[-1:] for line in left.lines] == [""] * 10 + ["。"] * 10
    by_date = searcher.concordance("软件园", sort="date")
    assert [line.id for line in by_date.lines] == ["乙", "甲/1", "甲/1", "甲/1", "丙"]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("軟件園 無錫", 7), ('"很大 24口"', 1), ("24口", 1), ("渡*班", 10), ("軟件園 -太湖", 2),
        ("author:李明 軟件園", 3), ("title:無錫", 0), ("沒有的詞", 0), ("不遠軟件園", 0), ("，", 0),
        ("軟件園 OR 渡輪", 25), ('"軟件園" "無錫"', 6),
    ],
)  # fmt: skip
def test_queries_of_a_concordance(searcher: Searcher, query: str, places: int) -> None:
    """Words and phrases are places each; operators and fields say which documents are looked through."""
    page = searcher.concordance(query)
    assert page.total == places == len(page.lines)


def test_a_concordance_is_narrowed(searcher: Searcher) -> None:
    """As a search is."""
    assert searcher.concordance("軟件園", source="街坊報").total == 1
    assert searcher.concordance("軟件園", date_to="2022").total == 1


def test_too_many_lines_are_not_sorted(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """But they are shown in the order of documents; a query that is too long is refused."""
    monkeypatch.setattr(lines, "MOST_SORTED", 19)
    with pytest.raises(TooManyPlaces, match="20 places"):
        searcher.concordance("渡輪", sort="left")
    assert searcher.concordance("渡輪").total == 20
    with pytest.raises(QueryTooLong):
        searcher.concordance("渡" * 257)


def test_usage(searcher: Searcher) -> None:
    """How often in each year, also per million characters, and beside which words."""
    found = searcher.usage("渡輪")
    assert (found.total, found.read, found.undated) == (20, 20, 0)
    year = next(each for each in found.years if each.year == "2012")
    assert (year.count, year.characters) == (2, len("渡輪第班準時渡輪很好") + 1)
    assert year.per_million == pytest.approx(2 / 11 * 1_000_000)
    assert all(each.beside >= 3 and each.likelihood > 0 for each in found.collocates)
    assert searcher.usage("軟件園").undated == 1 and searcher.usage("沒有的詞").collocates == ()


def test_every_hit(searcher: Searcher) -> None:
    """All hits come in the order of the pages, of near-identical documents one."""
    for query in ("軟件園", "渡輪 準時", ""):
        for collapse in (True, False):
            page = searcher.search(query, size=100, collapse=collapse)
            every = [*searcher.every(query, collapse=collapse)]
            assert [hit.id for hit in every] == ids(page) and len(every) == page.distinct
            assert [hit.copies for hit in every] == [hit.copies for hit in page.hits]
    assert [line.id for line in searcher.lines("軟件園", most=2)] == ["丙", "乙"]
