"""`hansou concordance` and `hansou search --format`: what the searcher says, on a terminal and in files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from indexer import Config, rebuild

DOCUMENTS = (
    {
        "id": "甲",
        "title": "無錫",
        "text": "無錫的軟件園。軟件園很大。",
        "date": "2021-03-05",
        "source": "日報",
    },
    {"id": "乙", "text": "软件园在这里。", "author": "李明"},
)


@pytest.fixture(scope="module")
def config(make_config: Any) -> Config:
    """A configuration whose index is built."""
    made: Config = make_config(DOCUMENTS)
    rebuild(made)
    return made


def test_concordance(hansou: Callable[..., Any], config: Config) -> None:
    """Lines with the keyword in the middle; as JSON, the object of the API; and how it is used."""
    shown = hansou(config, "concordance", "软件园", "--sort", "right").out.splitlines()
    assert shown[0] == "3 places in 2 documents" and " 軟件園 很大" in shown[3]
    found = hansou(config, "concordance", "软件园", "--json", "--source", "日報").json()
    assert found["total"] == 2 and found["lines"][0]["start"] == 3
    usage = hansou(config, "concordance", "软件园", "--usage", "--json").json()
    assert usage["years"] == [{"year": "2021", "count": 2, "characters": 13, "per_million": 153846.154}]


def test_all_of_it(hansou: Callable[..., Any], config: Config) -> None:
    """All hits, all lines, or all documents, in each format; lines are no bibliography."""
    rows = [
        json.loads(line) for line in hansou(config, "search", "软件园", "--format", "jsonl").out.splitlines()
    ]
    assert [row["id"] for row in rows] == ["甲", "乙"] and rows[1]["title"] == "软件园在这里。"
    table = [*csv.DictReader(StringIO(hansou(config, "concordance", "软件园", "--format", "csv").out))]
    assert [(row["id"], row["start"], row["keyword"]) for row in table][1:] == [
        ("甲", "3", "軟件園"), ("甲", "7", "軟件園")
    ]  # fmt: skip
    assert "TI  - 無錫\n" in hansou(config, "search", "", "--format", "ris").out
    assert "  title = {無錫},\n" in hansou(config, "search", "", "--format", "bibtex", "--sort", "title").out
    assert hansou(config, "concordance", "软件园", "--format", "ris").code == 2
