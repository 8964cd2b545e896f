"""The fields of an index, and dates as numbers that sort."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict

from indexer import Document
from indexer.derived.duplicates import sketched
from indexer.engine.embedded.whoosh.schema import make_schema
from indexer.engine.fields import index_fields
from indexer.query.filters import day_number
from indexer.text.analyzer import Analyzer
from indexer.text.units import STOP


@pytest.mark.parametrize(
    ("date", "number"),
    [
        ("2023-03-11T16:31:37", 20230311),
        ("2023-03-11", 20230311),
        ("2023-07", 20230700),
        ("1949", 19490000),
        (None, 0),
        ("", 0),
        ("三月", 0),
    ],
)
def test_dates_as_numbers(date: str | None, number: int) -> None:
    """Whole or cut short, dates keep their order; what is no date is 0."""
    assert day_number(date) == number


def test_every_field_of_a_document_has_a_place(analyzer: Analyzer) -> None:
    """A full record fills every field of the schema, with its fingerprint; a bare one only fields of it."""
    document = Document("甲.txt", "無錫", "軟件園★", "https://a.example", "2023", "新華社", "李明", "zh-Hant")
    full = asdict(document) | {
        "collection": "舊報",
        "added_at": "2026-11-29T08:00:00Z",
        "steps": [{"kind": "pinyin"}],
    }
    bare = asdict(Document("乙", ""))
    found = sketched(index_fields(each, analyzer) for each in (full, bare))
    names = {*make_schema().names()}
    assert {*found[0]} == names
    assert {*found[1]} == names - {
        name for name in names if name.startswith(("title", "source", "author", "collection"))
    } - {
        "added",
        "day",
        "kind",
        "repairs",
    }


def test_title_and_text_form_no_pair(analyzer: Analyzer) -> None:
    """The last character of a title and the first of the text are no neighbors."""
    text, spans = index_fields(asdict(Document("甲", "園區", "湖")), analyzer)["grams"]
    assert [text[spans[at] >> 1 : spans[at + 1]] for at in (0, 2, 4)] == ["湖", STOP, "园区"]
    assert len(spans) == 6
