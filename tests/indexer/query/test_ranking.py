"""What stands above what: the whole word, the title, the rare word, the shorter text."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from indexer import Searcher
from indexer.query.ranking import WEIGHTS

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


def test_weights_are_frozen() -> None:
    """Parameters are constants of one place."""
    with pytest.raises(FrozenInstanceError):
        WEIGHTS.word = 1.0  # type: ignore[misc]
