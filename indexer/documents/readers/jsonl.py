"""What does a .jsonl file hold? One JSON object a line, read one line at a time.

A line states its fields under their own or their usual names (`indexer.documents.readers.columns`). Nothing
is taken from the text, and a bad line costs that line alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from indexer.documents import Document
from indexer.documents.outcomes import Skipped, Unchanged
from indexer.documents.readers import files
from indexer.documents.readers.columns import BY_NAME, Columns, document_of, flat
from indexer.documents.readers.encoding import decode
from indexer.documents.readers.row_ids import RowIds, Rows
from indexer.errors import ReadError

_decode = msgspec.json.Decoder().decode
_BEYOND_DOUBT = re.compile(b"[\xe0-\xf4]")
"""The first byte of a long sequence: valid UTF-8 that has one is no other encoding by chance."""


def read_jsonl(
    name: str, stream: BinaryIO, columns: Columns = BY_NAME, rows: Rows | None = None
) -> Iterator[Document | Skipped | Unchanged]:
    """The documents of a .jsonl file; a line without an `id` is named after its content.

    Memory is one line, and the ids of those that are known. Raises `ReadError` for a file whose lines cannot
    be told apart.
    """
    ids = RowIds(name, rows)
    return ids.among(_lines(name, stream, columns, ids))


def _lines(name: str, stream: BinaryIO, columns: Columns, ids: RowIds) -> Iterator[Document | Skipped]:
    number = 0
    found: dict[tuple[str, ...], dict[str, str]] = {}
    while line := stream.readline(files.MAX_BYTES + 1):
        number += 1
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
            raise ReadError("a .jsonl file must be UTF-8; this one is UTF-16 or UTF-32")
        if len(line) > files.MAX_BYTES:
            raise ReadError(f"line {number} is longer than {files.MAX_BYTES // 1024 // 1024} MB")
        if ids.passes(line) or not line.strip():
            continue
        try:
            record = flat(_parse(line))
            keys = tuple(record)
            if keys not in found:
                found = {keys: columns.found(keys)}  # lines of one file have the same names, as a rule
            yield document_of(record, found[keys], ids)
        except ReadError as error:
            yield Skipped(f"{name}:{number}", str(error))


def _parse(line: bytes) -> dict[str, Any]:
    fields = _at_once(line)
    if fields is None:
        fields = parsed(decode(line)[0])
    if not isinstance(fields, dict):
        raise ReadError("not a JSON object")
    return fields


def _at_once(line: bytes) -> Any:
    """What a line says that is beyond doubt UTF-8, and JSON without exceptions; None for any other."""
    if not _BEYOND_DOUBT.search(line):
        return None
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        return None


def parsed(text: str) -> Any:
    """What JSON says; raises `ReadError` for what is none, or cannot be used."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f" of line {error.lineno}" if error.lineno > 1 else ""
        raise ReadError(f"not valid JSON: {error.msg} at column {error.colno}{line}") from error
    except (RecursionError, ValueError) as error:
        raise ReadError("not usable JSON: nested too deeply or a number too long") from error
