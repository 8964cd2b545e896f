"""Marks show the query where it stands, and nothing else."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

import pytest

from indexer.query.syntax import parse, positive
from indexer.results.highlight import make_marker
from indexer.text.analyzer import Analyzer
from indexer.text.units import Mark

CASES = tomllib.loads((Path(__file__).parents[2] / "cases/highlight.toml").read_text(encoding="utf-8"))


def marks(analyzer: Analyzer, query: str, text: str, field: str = "body") -> list[Mark]:
    """The marks of a query in a text."""
    return [*make_marker(positive(parse(query)), analyzer, (), field).marks(text)]


@pytest.mark.parametrize("case", CASES["mark"], ids=itemgetter("comment"))
def test_marks(analyzer: Analyzer, case: dict[str, str]) -> None:
    """The query is marked here and nowhere else."""
    text = re.sub("[【】]", "", case["expect"])
    shown, at = "", 0
    for start, end in marks(analyzer, case["query"], text):
        shown += f"{text[at:start]}【{text[start:end]}】"
        at = end
    assert shown + text[at:] == case["expect"]


def test_field_phrases_mark_their_field_only(analyzer: Analyzer) -> None:
    """`title:` marks titles; words mark both."""
    assert marks(analyzer, "title:無錫", "無錫", "title") == [(0, 2)]
    assert marks(analyzer, "title:無錫", "無錫") == []
    assert marks(analyzer, "無錫", "無錫", "title") == marks(analyzer, "無錫", "無錫") == [(0, 2)]


def test_long_texts_and_queries_are_bounded_work(analyzer: Analyzer) -> None:
    """The longest query against a long text of its characters ends; marks ascend and never overlap."""
    text = "一二三四五六七八九十" * 5000
    ranges = marks(analyzer, "一二三四五六七八九十" * 25, text)
    assert ranges and all(a[1] <= b[0] for a, b in pairwise(ranges))
