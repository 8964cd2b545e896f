"""Documents that other engines were reported not to find: every one must be found, among all others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer import Searcher


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[dict[str, str]]:
    """The reports: document, query, where it was reported."""
    text = (shared / "eval/missing_results.json").read_text(encoding="utf-8")
    return [dict(report) for report in json.loads(text)]


@pytest.mark.parametrize("mode", ["smart", "exact"])
def test_every_reported_document_is_found(open_index: Any, reports: list[dict[str, str]], mode: Any) -> None:
    """All documents in one index: each query finds its document, first among those without the query."""
    searcher: Searcher = open_index([report["document"] for report in reports])
    missing = [
        report
        for number, report in enumerate(reports)
        if str(number) not in {hit.id for hit in searcher.search(report["query"], size=100, mode=mode).hits}
    ]
    assert len(reports) == 39 and missing == []


def test_every_found_document_is_marked(open_index: Any, reports: list[dict[str, str]]) -> None:
    """A hit shows why it is one: something is marked in it."""
    searcher: Searcher = open_index([report["document"] for report in reports])
    bare = [
        report["report"]
        for number, report in enumerate(reports)
        if not searcher.document(str(number), report["query"]).marks
    ]
    assert bare == []
