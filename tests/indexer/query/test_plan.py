"""What makes a match, and what only ranks, told by what is found."""

from __future__ import annotations

from typing import Any

import pytest

from indexer import Searcher
from indexer.query.plan import Planner
from indexer.query.syntax import parse
from indexer.text.analyzer import Analyzer

DOCUMENTS = (
    {"id": "honda", "text": "本田汽車"},
    {"id": "local", "text": "本地新聞在田間"},
    {"id": "lamp", "text": "前大燈"},
    {"id": "park", "title": "軟件園", "text": "園區一覽。"},
    {"id": "soft", "text": "園區的軟件，園丁的園。"},
    {"id": "number", "text": "24口交換機"},
    {"id": "greek", "text": "α粒子與 да"},
    {"id": "list", "text": "貓、狗。兔、雞；鴨"},
    {"id": "and", "text": "貓、狗、兔、雞和鴨"},
)


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Searcher:
    """An index of a few short documents."""
    opened: Searcher = open_index(DOCUMENTS)
    return opened


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("本田", {"honda"}),
        ("田", {"honda", "local"}),
        ("本 田", {"honda", "local"}),
        ("燈", {"lamp"}),
        ("軟件園", {"park", "soft"}),
        ('"軟件園"', {"park"}),
        ('"貓、狗、兔、雞"', {"list", "and"}),
        ('"貓、狗、兔、雞、鴨"', {"list"}),
        ('"燈"', {"lamp"}),
        ("24口", {"number"}),
        ("α 實驗", {"greek"}),
        ("да", {"greek"}),
        ('"да"', {"greek"}),
        ("д", set()),
        ("48口", set()),
        ("不存在", set()),
        ("。！", set()),
    ],
)
def test_what_makes_a_match(searcher: Searcher, query: str, ids: set[str]) -> None:
    """Pairs, Latin words and numbers match; a single character only where it is typed alone."""
    assert {hit.id for hit in searcher.search(query).hits} == ids


@pytest.mark.parametrize(
    "text", ["無", "無錫軟件園", "甲 OR 乙", '"甲乙" -丙', "title:甲", "-(甲 乙)", "甲 -甲", "！", "\ud800"]
)
def test_every_tree_has_a_plan(analyzer: Analyzer, text: str) -> None:
    """There is a plan for whatever parses."""
    assert Planner(analyzer).plan(parse(text)) is not None


def test_exclusion_of_everything(searcher: Searcher) -> None:
    """What is asked for and excluded at once is not found."""
    assert searcher.search("本田 -本田").total.value == 0
