"""What stands above what, and by which figures: the whole word, the title, the rare word, the short text."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from indexer import Searcher
from indexer.query.ranking import LENGTHS, Scale
from indexer.query.syntax import parse
from indexer.query.terms import terms_of
from indexer.text.analyzer import Analyzer

FILLER = "湖邊的清晨十分安靜，只有送早餐的車聲。"
DOCUMENTS = (
    {"id": "whole", "text": f"高新技術企業。{FILLER}"},
    {"id": "half", "text": f"新技術的企業，高的牆。{FILLER}"},
    {"id": "title", "title": "夜市", "text": FILLER},
    {"id": "body", "title": "街市", "text": f"夜市。{FILLER}"},
    {"id": "short", "text": "燈籠。"},
    {"id": "long", "text": f"燈籠。{FILLER * 20}"},
    {"id": "twice", "text": f"渡輪與渡輪。{FILLER}"},
    {"id": "once", "text": f"渡輪與碼頭。{FILLER}"},
    {"id": "rare", "text": "麒麟的一條路。"},
    *({"id": f"common{number}", "text": "一條路的一條路。"} for number in range(20)),
)


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Searcher:
    """An index of pairs of documents to compare."""
    opened: Searcher = open_index(DOCUMENTS)
    return opened


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("高新技術", "whole", "half"),
        ("夜市", "title", "body"),
        ("燈籠", "short", "long"),
        ("渡輪", "twice", "once"),
        ("麒麟 一條路", "rare", "common3"),
        ("渡輪 碼頭", "once", "twice"),
    ],
)
def test_order(searcher: Searcher, query: str, better: str, worse: str) -> None:
    """The better document comes first, with the higher score."""
    hits = {hit.id: (rank, hit.score) for rank, hit in enumerate(searcher.search(query, size=100).hits)}
    assert hits[better][0] < hits[worse][0] and hits[better][1] > hits[worse][1]


def test_script_of_the_query_does_not_matter(searcher: Searcher) -> None:
    """The same hits, scores and order for either script."""
    traditional, simplified = (
        [(hit.id, hit.score) for hit in searcher.search(text, size=100).hits]
        for text in ("高新技術 燈籠 渡輪", "高新技术 灯笼 渡轮")
    )
    assert traditional == simplified


def test_equal_scores_have_one_order(searcher: Searcher) -> None:
    """Documents that rank alike come in the order of their ids, on every page size."""
    ids = [hit.id for hit in searcher.search("一條路", size=100).hits]
    assert ids[:20] == sorted(f"common{number}" for number in range(20))
    assert [searcher.search("一條路", page=page, size=1).hits[0].id for page in (1, 2, 3)] == ids[:3]


def test_lengths_are_those_of_lucene() -> None:
    """A byte tells lengths to 40 apart, and above four significant bits of what is over 24."""
    assert [*LENGTHS[:41]] == [*range(41)]
    assert LENGTHS[40:50] == (40, 42, 44, 46, 48, 50, 52, 54, 56, 60)
    assert len(LENGTHS) == 256 and LENGTHS[255] == 2_013_265_944
    assert all(above <= 1.125 * below for below, above in pairwise(LENGTHS[24:]))


def test_one_is_the_length_norm_of_every_engine() -> None:
    """With the exponent 1 norms are those of BM25; below it a short field is worth less."""
    scale = Scale(0.9, 0.4, 1.0, 40.0)
    assert scale.norms()[40] == 0.9 and scale.norms()[0] == 0.9 * 0.6
    assert scale.norms()[20] == pytest.approx(0.9 * (0.6 + 0.4 / 2))
    sublinear = replace(scale, beta=0.5)
    assert sublinear.norms()[40] == 0.9 and sublinear.norms()[20] > scale.norms()[20]


def test_usual_words_count_less(analyzer: Analyzer) -> None:
    """A question's words are worth less than what it is about, down to `usual`; in either script alike."""
    for text in ("請問圖書館是什麼", "请问图书馆是什么"):
        words = terms_of(parse(text), analyzer).words
        assert words["图书馆"] == 1.0 and words["是"] == 0.2 and 0.2 < words["什么"] < 0.6
    terms = terms_of(parse("圖書館是"), analyzer)
    assert terms.pairs["馆是"] == pytest.approx((1 + 0.2) / 2) and terms.characters["是"] == 0.2
    assert {*terms_of(parse("圖書館是什麼"), analyzer, usual=1.0).words.values()} == {1.0}


def test_the_whole_query_is_one_string(analyzer: Analyzer) -> None:
    """Words side by side are looked for one after the other; a long query is no string."""
    assert terms_of(parse("插入 电子表格"), analyzer).whole == ("插入", "电子", "子表", "表格")
    assert terms_of(parse("圖"), analyzer).whole == terms_of(parse("圖書館" * 4), analyzer).whole == ()


def test_a_title_that_is_the_query_comes_first(open_index: Any) -> None:
    """Of titles that hold the query the one that says little else, however often the texts say it."""
    rows = [
        {"id": "page", "title": "插入表格", "text": FILLER},
        {"id": "book", "title": "插入表格和圖片以及其他物件的各種方法", "text": f"插入表格。{FILLER}"},
        {"id": "text", "title": "其他", "text": f"插入表格，插入表格。{FILLER}"},
    ]
    searcher = open_index(rows)
    assert [hit.id for hit in searcher.search("插入表格").hits] == ["page", "book", "text"]


def test_parameters_are_configured(open_index: Any) -> None:
    """`[ranking]` is read from the configuration, and another ranking is another state for caches."""
    rows = [{"id": "short", "text": "燈籠。"}, {"id": "long", "text": f"燈籠燈籠。{FILLER}"}]
    opened = [open_index(rows, f"[ranking]\nb = {b}\n") for b in (0.0, 1.0)]
    assert [each.rank("燈籠") for each in opened] == [["long", "short"], ["short", "long"]]
    assert opened[0].state != opened[1].state
