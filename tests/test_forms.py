"""What is written in two ways is found in either, ranked below what stands as typed, and marked whole."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer import Searcher

CASES = tomllib.loads((Path(__file__).parent / "cases/forms.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_forms(open_index: Any, case: dict[str, Any]) -> None:
    """Each query finds the documents named, the one that has it as typed before the others."""
    searcher: Searcher = open_index(case["documents"])
    for query in case["queries"]:
        hits = searcher.search(query, size=100, collapse=False).hits
        found = [int(hit.id) for hit in hits]
        first = case.get("first", {}).get(query, case["hits"][0])
        assert {*case["hits"]} <= {*found}, query
        assert not {*case.get("misses", ())} & {*found}, query
        if len(case["queries"]) == 1 or "first" in case:
            assert found[0] == first, query
        if "marks" in case:
            hit = next(hit for hit in hits if hit.id == str(case["hits"][0]))
            assert [text.text[a:b] for text in hit.snippets for a, b in text.marks] == case["marks"], query
