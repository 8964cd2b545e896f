"""Scores taken apart: the contributions add up, and each says what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer import ResultPage, Searcher, native
from indexer.results.explanation import spelled
from indexer.results.results import Contribution

DOCUMENTS = (
    {"id": "soft", "title": "軟件園的軟體", "text": "無錫國家軟件園，這裡的軟體公司很多。", "author": "李明"},
    {"id": "ware", "text": "软件在无锡开发，计算机也在无锡。"},
    {"id": "phone", "text": "iPhone和iPhones，iphone手機。", "date": "2024-01-02"},
    {"id": "other", "text": "太湖邊的夜市，明天開業。"},
)
QUERIES = (
    "無錫", "無錫軟體", "軟體 公司", "錫", "什麼軟體在無錫", '"軟件園"', '"無錫 軟件園"~3', "无*园",
    "iphone*", "title:軟件園 無錫", "無錫 -夜市", "無錫 OR iphone", "(軟體 OR 夜市) 無錫", "author:李明",
    "-夜市", "手?iphone*", "iphone*手機", "電腦 軟體", "不存在的字",
)  # fmt: skip


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Searcher:
    """An index of a few documents that say the same in different words."""
    opened: Searcher = open_index(DOCUMENTS)
    return opened


def check_sums(page: ResultPage) -> None:
    """The contributions of each hit add up to its score."""
    for hit in page.hits:
        assert hit.explanation is not None
        total = sum(each.score for each in hit.explanation.contributions)
        assert total == pytest.approx(hit.score, abs=2e-6), (page.query, hit.id)


@pytest.mark.parametrize("extensions", [False, True])
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("options", [{}, {"mode": "exact"}, {"lang": "zh-Hant"}, {"sort": "date_desc"}])
def test_contributions_add_up(
    searcher: Searcher, extensions: bool, query: str, options: dict[str, Any]
) -> None:
    """For every kind of query, with a filter, in another order, on every kernel."""
    with native.using(extensions):
        check_sums(searcher.search(query, explain=True, **options))


@pytest.mark.parametrize("extensions", [False, True])
def test_contributions_add_up_on_questions(open_index: Any, shared: Path, extensions: bool) -> None:
    """Every hit of the first pages of a sample of questions, near-identical documents and all."""
    path = shared / "eval/drcd_dev"
    lines = (path / "docs.jsonl").read_text(encoding="utf-8").splitlines()[::12]
    documents = [json.loads(line) for line in lines]
    questions = (path / "queries.tsv").read_text(encoding="utf-8").splitlines()[::120]
    searcher = open_index(documents)
    with native.using(extensions):
        for question in questions:
            check_sums(searcher.search(question.split("\t")[1], size=20, explain=True))


def by_kind(page: ResultPage, document: str) -> dict[str, list[Contribution]]:
    """The contributions of one hit by their kind."""
    hit = next(hit for hit in page.hits if hit.id == document)
    assert hit.explanation is not None
    kinds: dict[str, list[Contribution]] = {}
    for each in hit.explanation.contributions:
        kinds.setdefault(each.kind, []).append(each)
    return kinds


def test_kinds(searcher: Searcher) -> None:
    """What stands as typed, pairs, words, characters, the title and closeness are told apart."""
    kinds = by_kind(searcher.search("無錫國家軟件園", explain=True), "soft")
    assert {"pair", "word", "character", "exact string", "title", "closeness"} <= kinds.keys()
    assert {each.of for each in kinds["exact string"]} == {"无锡国家软件园"}
    assert [each.term for each in kinds["title"]] == ["title"]


def test_statistics_are_those_of_the_index(searcher: Searcher) -> None:
    """How often the document holds the term, how many documents do, and what that makes."""
    (pair,) = by_kind(searcher.search("無錫", explain=True), "ware")["pair"]
    assert (pair.term, pair.frequency, pair.documents, pair.weight) == ("无锡", 2, 2, pytest.approx(1.0))
    (pattern,) = by_kind(searcher.search("iphone*", explain=True), "phone")["word"]
    assert (pattern.term, pattern.frequency, pattern.documents) == ("iphone*", 3, 2)


def test_another_name_is_named(searcher: Searcher) -> None:
    """Where the text has another region's word, that is what counted; the plan lists all names."""
    page = searcher.search("軟體", explain=True)
    assert {each.term for each in by_kind(page, "ware")["alternative"]} >= {"软件"}
    assert page.plan is not None
    (names,) = page.plan["alternatives"]
    assert names[0]["name"] == "软体" and "软件" in [each["name"] for each in names]


def test_the_plan_says_what_counts_little(searcher: Searcher) -> None:
    """Usual words are listed, with the share a hit must hold and that it does hold."""
    page = searcher.search("什麼軟體在無錫", explain=True)
    assert page.plan is not None
    assert "什么" in page.plan["usual"] and "无锡" not in page.plan["usual"]
    for hit in page.hits:
        assert hit.explanation is not None and hit.explanation.covered is not None
        assert page.plan["least"] <= hit.explanation.covered <= 1


def test_nothing_is_explained_unasked(searcher: Searcher) -> None:
    """Without `explain` a page and its hits carry nothing of it."""
    page = searcher.search("無錫").to_json()
    assert "plan" not in page and "explanation" not in page["hits"][0]
    page = searcher.search("無錫", explain=True).to_json()
    assert page["plan"]["folded"] == "无锡" and page["hits"][0]["explanation"]["contributions"]
    assert json.loads(json.dumps(page)) == page


def test_sequences_are_spelled() -> None:
    """Overlapping pairs become the string they stand for."""
    assert spelled(("无锡", "锡高", "高新")) == "无锡高新"
    assert spelled(("在", "c++", "学")) == "在c++学"
