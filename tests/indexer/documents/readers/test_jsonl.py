"""A .jsonl file is a document a line; a bad line costs that line alone."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from indexer.documents import Document
from indexer.documents.outcomes import Skipped
from indexer.documents.readers import files
from indexer.documents.readers.jsonl import read_jsonl
from indexer.errors import ReadError


def read(content: str | bytes) -> list[Document | Skipped]:
    """What a file of this content holds."""
    return list(read_jsonl("a.jsonl", io.BytesIO(content.encode() if isinstance(content, str) else content)))


def test_all_fields() -> None:
    """Every field is taken as stated; the date is normalized; unknown fields are passed over."""
    line = {
        "id": "1",
        "title": "夜市",
        "text": "南門外。",
        "url": "https://example.tw/1",
        "date": "2025年2月4日",
    }
    line |= {"source": "園區日報", "author": "趙小禾", "views": 3}
    assert read(json.dumps(line)) == [
        Document(
            "1", "南門外。", "夜市", "https://example.tw/1", "2025-02-04", "園區日報", "趙小禾", named=True
        )
    ]


def test_what_is_not_stated_is_none() -> None:
    """A null, empty or missing title and an ambiguous date are none; a line without an id is named."""
    texts = [
        '{"text": "甲", "title": null}',
        '{"text": "乙", "title": " ", "date": "03/04/2025"}',
        '{"text": "丙", "id": 7}',
    ]
    assert read("\n".join(texts)) == [
        Document("a.jsonl#586c794c4dec990c", "甲"),
        Document("a.jsonl#82d3a012022c52ee", "乙"),
        Document("7", "丙", named=True),
    ]


def test_a_date_may_be_a_number() -> None:
    """A year or seconds since 1970 as a number cost no document; a number that is none is no date."""
    lines = (f'{{"text": "甲", "date": {number}}}' for number in ("1995", "1614909600", "12", "1e400"))
    dates = [document.date for document in read("\n".join(lines)) if isinstance(document, Document)]
    assert dates == ["1995", "2021-03-05T02:00:00Z", None, None]


@pytest.mark.parametrize(
    ("stated", "field", "found"),
    [
        ('"title": 2046', "title", "2046"),
        ('"author": 5.5', "author", "5.5"),
        ('"title": ["夜", "市"]', "title", "夜 市"),
        ('"source": ["甲報", "乙報"]', "source", "甲報、乙報"),
        ('"title": true', "title", None),
        ('"source": [1]', "source", None),
        ('"url": ["https://a.example"]', "url", None),
        ('"author": NaN', "author", None),
        ('"date": true', "date", None),
        ('"date": [2021]', "date", None),
    ],
)
def test_a_field_of_another_type_costs_no_document(stated: str, field: str, found: str | None) -> None:
    """A number is what it is written as, a list its items; what says nothing is not stated."""
    (document,) = read(f'{{"id": "1", "text": "夜市", {stated}}}')
    assert isinstance(document, Document)
    assert (document.text, getattr(document, field)) == ("夜市", found)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "1"}', "no text"),
        ('{"text": "  "}', "no text"),
        ('{"text": 5}', "text must be a string, not int"),
        ('{"text": "夜市", "id": true}', "id must be a string, not bool"),
        ("[" * 100_000, "nested too deeply"),
        ('{"text": ' + "9" * 5000 + "}", "a number too long"),
        (b"\xff\xff\xff", "not text"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(line: str | bytes, reason: str) -> None:
    """The line before and the line after are read; the bad one is named with its number and the reason."""
    good = '{"id": "%d", "text": "夜市"}\n'
    bad = line if isinstance(line, bytes) else line.encode()
    before, skipped, after = read((good % 1).encode() + bad + b"\n" + (good % 3).encode())
    assert isinstance(skipped, Skipped)
    assert (before, after) == (Document("1", "夜市", named=True), Document("3", "夜市", named=True))
    assert skipped.path == "a.jsonl:2"
    assert reason in skipped.reason


def test_blank_lines_count_but_are_nothing() -> None:
    """Blank lines are passed over and the numbers stay those of an editor."""
    assert read('\n\n{"text": "夜市"}\r\n\n') == [Document("a.jsonl#e44837484098a1ca", "夜市")]


def test_lone_surrogates_and_control_characters() -> None:
    """What JSON can spell and no index can store is replaced or dropped, in every field."""
    (document,) = read('{"id": "\\ud800", "title": "夜\\u0000市", "text": "甲\\udfff\\ud83d\\ude00"}')
    assert document == Document("�", "甲�😀", title="夜市", named=True)


def test_other_encodings() -> None:
    """Lines in GBK are read; a UTF-8 mark is no part of the first line; UTF-16 is refused as a whole."""
    assert read('{"id": "1", "text": "地铁末班车"}'.encode("gbk")) == [
        Document("1", "地铁末班车", named=True)
    ]
    assert read('{"id": "1", "text": "夜市"}'.encode("utf-8-sig")) == [Document("1", "夜市", named=True)]
    with pytest.raises(ReadError, match="must be UTF-8"):
        read('{"id": "1", "text": "夜市"}'.encode("utf-16"))


def test_one_line_is_held_at_a_time() -> None:
    """A file of 20 MB is read in less than 2 MB of memory."""

    class Endless(io.RawIOBase):
        """Lines made as they are asked for."""

        def __init__(self) -> None:
            self.left = 20_000

        def readline(self, size: int | None = -1) -> bytes:
            self.left -= 1
            return b'{"text": "' + b"a" * 1000 + b'"}\n' if self.left >= 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read_jsonl("a.jsonl", Endless()))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000


def test_a_line_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without line ends is not read into memory."""
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    with pytest.raises(ReadError, match="line 1 is longer"):
        read("x" * 2000)
