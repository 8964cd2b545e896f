"""Rows without an id are called after their content."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from indexer import Document
from indexer.documents.outcomes import Skipped, Unchanged
from indexer.documents.readers.jsonl import read_jsonl
from indexer.documents.readers.row_ids import Rows
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


def lines_of(chance: random.Random, name: str) -> Iterator[dict[str, str]]:
    """Some rows, of which many say the same, and some are called as a row without an id would be."""
    for _ in range(chance.randint(0, 12)):
        text = chance.choice("夜渡燈市")
        id = chance.choice(["", "", "", "1", "2", f"{name}#e44837484098a1ca"])
        yield {"id": id, "text": text} if id else {"text": text}


def as_jsonl(rows: Sequence[dict[str, str]]) -> bytes:
    """Rows as lines, one of which is none."""
    return "\n".join([*(json.dumps(row) for row in rows), "no json"]).encode()


def as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    """Rows as a table that ends in the middle of a character, as a torn download does."""
    return "".join(["id,text\n", *(f"{row.get('id', '')},{row['text']}\n" for row in rows)]).encode()


def taken(read: Iterator[Any], rows: Rows) -> tuple[dict[str, Document], dict[bytes, str]]:
    """What an index takes of what is read: the first document of each id, and the rows of these."""
    documents: dict[str, Document] = {}
    known: dict[bytes, str] = {}
    for item in read:
        if isinstance(item, Document) and documents.setdefault(item.id, item) is item:
            if row := rows.read.get(item.id):
                known[row] = item.id
    return documents, known


@pytest.mark.parametrize(
    ("name", "read", "written"), [("a.jsonl", read_jsonl, as_jsonl), ("a.csv", read_csv, as_csv)]
)
def test_known_rows_are_passed_over_and_nothing_else_is_changed(
    name: str, read: Callable[..., Iterator[Any]], written: Callable[[Sequence[dict[str, str]]], bytes]
) -> None:
    """With or without what is known of the file as it was: the same ids and faults, in the same order."""
    chance, passed = random.Random(7), 0
    for _ in range(300):
        before, after = [*lines_of(chance, name)], [*lines_of(chance, name)]
        first, known = taken(read(name, io.BytesIO(written(before)), rows=(rows := Rows())), rows)
        found: list[Document | Skipped] = []
        for item in read(name, io.BytesIO(written(after)), rows=Rows(known)):
            if isinstance(item, Unchanged):
                found += (first[id] for id in item.ids)
                passed += len(item.ids)
            else:
                found.append(item)
        assert found == [*read(name, io.BytesIO(written(after)))]
    assert passed > 300
