"""The article of a page is kept whole, whatever its elements are called, and nothing of what is around it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from indexer.documents.readers.html import page_text

CASES = tomllib.loads((Path(__file__).parents[3] / "cases/articles.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_articles(case: dict[str, Any]) -> None:
    """The lines of each page that are its article, all of them and no other."""
    assert page_text(f"<html><head><title>頁</title></head><body>{case['page']}</body></html>").split(
        "\n"
    ) == list(case["lines"])
