"""What users of other engines report: each complaint is a case to pass."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer import Searcher

CASES = tomllib.loads((Path(__file__).parent / "cases/queries.toml").read_text(encoding="utf-8"))["case"]


def parameters() -> list[Any]:
    """The cases; what is still missing is expected to fail, and strictly so."""
    return [
        pytest.param(
            case,
            id=case["report"],
            marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else [],
        )
        for case in CASES
    ]


@pytest.fixture(scope="module")
def searcher(open_index: Any) -> Searcher:
    """One index of the documents of all cases: each must hold in the company of the others."""
    documents = [
        {"id": f"{case['report']}/{number}", "text": text}
        for case in CASES
        for number, text in enumerate(case["documents"])
    ]
    opened: Searcher = open_index(documents)
    return opened


@pytest.mark.parametrize("case", parameters())
def test_complaint(searcher: Searcher, case: dict[str, Any]) -> None:
    """What must be found is, what must not is not, and marks show the query and nothing else."""
    page = searcher.search(case["query"], size=1000)
    found = {hit.id for hit in page.hits}
    assert {f"{case['report']}/{number}" for number in case.get("hits", [])} <= found
    assert not {f"{case['report']}/{number}" for number in case.get("misses", [])} & found
    if "marks" in case:
        first = f"{case['report']}/{case['hits'][0]}"
        view = searcher.document(first, case["query"])
        assert [view.document.text[start:end] for start, end in view.marks] == case["marks"]
        snippets = next(hit for hit in page.hits if hit.id == first).snippets
        shown = [snippet.text[start:end] for snippet in snippets for start, end in snippet.marks]
        assert shown == case["marks"]
    if "suggestion" in case:
        assert page.suggestion == case["suggestion"]
