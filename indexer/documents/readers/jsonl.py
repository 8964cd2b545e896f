"""What does a .jsonl file hold? One JSON object a line, read one line at a time.

A line states its fields: `text` (needed), `id`, `title`, `url`, `date`, `source`, `author`. Nothing is
taken from the text, and a bad line costs that line alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents import Document
from indexer.documents.outcomes import Skipped
from indexer.documents.readers import files
from indexer.documents.readers.dates import iso_date, iso_number
from indexer.documents.readers.encoding import clean, decode
from indexer.errors import ReadError


def read_jsonl(name: str, stream: BinaryIO) -> Iterator[Document | Skipped]:
    """The documents of a .jsonl file; a line without an `id` is named `name:17`.

    Memory is one line. Raises `ReadError` for a file whose lines cannot be told apart.
    """
    number = 0
    while line := stream.readline(files.MAX_BYTES + 1):
        number += 1
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
            raise ReadError("a .jsonl file must be UTF-8; this one is UTF-16 or UTF-32")
        if len(line) > files.MAX_BYTES:
            raise ReadError(f"line {number} is longer than {files.MAX_BYTES // 1024 // 1024} MB")
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            yield _document(_parse(line), where)
        except ReadError as error:
            yield Skipped(where, str(error))


def _parse(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(decode(line)[0])
    except json.JSONDecodeError as error:
        raise ReadError(f"not valid JSON: {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise ReadError("not usable JSON: nested too deeply or a number too long") from error
    if not isinstance(fields, dict):
        raise ReadError("not a JSON object")
    return fields


def _document(fields: dict[str, Any], where: str) -> Document:
    text = _string(fields, "text")
    if text is None:
        raise ReadError("no text")
    return Document(
        id=_id(fields) or where,
        text=text,
        title=_string(fields, "title"),
        url=_string(fields, "url"),
        date=_date(fields),
        source=_string(fields, "source"),
        author=_string(fields, "author"),
    )


def _date(fields: dict[str, Any]) -> str | None:
    """A date, which may be a number: a year, or seconds since 1970."""
    number = fields.get("date")
    if isinstance(number, int | float) and not isinstance(number, bool):
        return iso_number(number)
    date = _string(fields, "date")
    return iso_date(date) if date else None


def _id(fields: dict[str, Any]) -> str | None:
    number = fields.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number)
    return _string(fields, "id")


def _string(fields: dict[str, Any], field: str) -> str | None:
    value = fields.get(field)
    if value is not None and not isinstance(value, str):
        raise ReadError(f"{field} must be a string, not {type(value).__name__}")
    return clean(value).strip() or None if value else None
