"""Rows without an id are called after their content."""

from __future__ import annotations

import io

import pytest

from indexer import Document
from indexer.documents.readers.jsonl import read_jsonl
from indexer.documents.readers.tables import read_csv, read_json


def ids(*rows: str) -> list[str]:
    """The ids of rows of a .jsonl file."""
    lines = "".join(f'{{"text": "{row}"}}\n' for row in rows)
    return [
        item.id for item in read_jsonl("a.jsonl", io.BytesIO(lines.encode())) if isinstance(item, Document)
    ]


def test_a_row_put_in_renames_no_other() -> None:
    """What stands before a row plays no part; equal rows are told apart by their number."""
    first, second = ids("夜市", "渡輪")
    assert ids("燈籠", "夜市", "渡輪")[1:] == [first, second]
    assert ids("夜市", "夜市", "夜市") == [first, f"{first}-2", f"{first}-3"]
    assert first.startswith("a.jsonl#") and first != second


@pytest.mark.parametrize("other", ["text,title\n夜市,甲\n", "text,date\n夜市,2024-01-02\n"])
def test_every_field_counts(other: str) -> None:
    """Rows that differ in anything that is indexed have different ids."""
    plain, stated = (next(read_csv("a.csv", io.BytesIO(raw.encode()))) for raw in ("text\n夜市\n", other))
    assert isinstance(plain, Document) and isinstance(stated, Document)
    assert plain.id != stated.id


def test_a_file_with_one_record_is_called_by_its_name() -> None:
    """There is nothing to tell it from."""
    (found,) = read_json("a.json", io.BytesIO('{"text": "夜市"}'.encode()))
    assert isinstance(found, Document) and found.id == "a.json"
