"""What do tables hold? A document a row: .csv and .tsv, .json with a list of records, .parquet.

Which column is which field is `indexer.documents.readers.columns`'s to say. A bad row costs that row alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from indexer.documents.document import Document
from indexer.documents.limits import seekable
from indexer.documents.outcomes import Skipped, Unchanged
from indexer.documents.readers import files
from indexer.documents.readers.columns import BY_NAME, Columns, document_of, flat, require_text
from indexer.documents.readers.encoding import decode
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.jsonl import parsed, read_jsonl
from indexer.documents.readers.row_ids import RowIds, Rows
from indexer.documents.reading import NoReader
from indexer.errors import ReadError

_DELIMITERS = ",\t;|"
_BATCH = 500
_DEEPEST = 6
"""Objects within one another in which a list of records is looked for."""
# A field may be a whole text.
csv.field_size_limit(files.MAX_BYTES)


def read_csv(
    name: str, stream: BinaryIO, columns: Columns = BY_NAME, rows: Rows | None = None
) -> Iterator[Document | Skipped | Unchanged]:
    """A document for each row of a .csv or .tsv file whose first row names the columns."""
    ids = RowIds(name, rows)
    return ids.among(_rows(name, stream, columns, ids))


def _rows(name: str, stream: BinaryIO, columns: Columns, ids: RowIds) -> Iterator[Document | Skipped]:
    lines = _lines(stream)
    head = next(lines, "")
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(_again(head, lines), delimiter=delimiter)
    try:
        names = [cell.strip() for cell in next(rows)]
        found = columns.found(names)
        require_text(found, names)
        for row in rows:
            if any(row) and not ids.passes(repr((names, row)).encode("utf-8", "surrogatepass")):
                record = dict(zip(names, row, strict=False))
                yield _document(record, found, f"{name}:{rows.line_num}", ids)
    except csv.Error as error:
        raise ReadError(f"not a sound table: line {rows.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"not text in {error.encoding} after line {rows.line_num}") from error


def _again(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a table; one that is too large for memory is judged by its beginning."""
    content = stream.read(files.MAX_BYTES + 1)
    if len(content) <= files.MAX_BYTES:
        yield from io.StringIO(decode(content)[0], newline="")
        return
    _, encoding = decode(content[: content.rfind(b"\n") + 1])
    whole = io.BufferedReader(_Joined(content, stream))
    yield from io.TextIOWrapper(whole, "utf-8-sig" if encoding == "utf-8" else encoding, newline="")


class _Joined(io.RawIOBase):
    """Bytes that were read already, and after them those of the stream they came from."""

    def __init__(self, content: bytes, stream: BinaryIO) -> None:
        super().__init__()
        self._content = io.BytesIO(content)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a part of the buffer; 0 at the end."""
        chunk = self._content.read(len(buffer)) or self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def read_json(
    name: str, stream: BinaryIO, columns: Columns = BY_NAME
) -> Iterator[Document | Skipped | Unchanged]:
    """A document for each record of a .json file: a list of objects, one in an object, or one object.

    A file with an object on each line is read like .jsonl.
    """
    content = read_whole(stream)
    try:
        whole = parsed(decode(content)[0])
    except ReadError as error:
        lines = content.strip().split(b"\n")
        if len(lines) > 1 and all(line.strip()[:1] == b"{" for line in lines[:2]):
            yield from read_jsonl(name, io.BytesIO(content), columns)
            return
        raise error
    records = _records(whole, columns)
    if not records:
        raise NoReader("JSON without records that have a text")
    single = len(records) == 1 and records[0] is whole
    ids = RowIds(name, alone=single)
    for number, record in enumerate(records, 1):
        flattened = flat(record)
        where = name if single else f"{name}:{number}"
        yield _document(flattened, columns.found(flattened), where, ids)


def _records(whole: object, columns: Columns) -> Sequence[Mapping[str, object]]:
    """The objects of the first list that has any with a text, from the outside in; or the object with one."""
    level: list[object] = [whole]
    for _ in range(_DEEPEST):
        for candidate in level:
            listed = candidate if isinstance(candidate, list) else []
            records = [item for item in listed if isinstance(item, dict)]
            if any("text" in columns.found(flat(record)) for record in records[:100]):
                return records
        if isinstance(whole, dict) and "text" in columns.found(whole):
            return [whole]
        level = [value for item in level if isinstance(item, dict) for value in item.values()]
    return [whole] if isinstance(whole, dict) and "text" in columns.found(flat(whole)) else ()


def read_parquet(name: str, stream: BinaryIO, columns: Columns = BY_NAME) -> Iterator[Document | Skipped]:
    """A document for each row of a .parquet file; only the columns that are fields are read."""
    try:
        import pyarrow  # an extra, and 170 MB
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise NoReader("a .parquet file; pip install 'hansou[parquet]' reads it") from None
    with seekable(stream) as file:
        try:
            table = ParquetFile(file)
            names = table.schema_arrow.names
            found = columns.found(names)
            require_text(found, names)
            number, ids = 0, RowIds(name)
            for batch in table.iter_batches(_BATCH, columns=list(found.values()), use_threads=False):
                for record in batch.to_pylist():
                    number += 1
                    yield _document(record, found, f"{name}:{number}", ids)
        except (pyarrow.ArrowException, OSError) as error:
            raise ReadError(f"not a sound .parquet file: {error}") from error


def _document(
    record: Mapping[str, object], found: Mapping[str, str], where: str, ids: RowIds
) -> Document | Skipped:
    try:
        return document_of(record, found, ids)
    except ReadError as error:
        return Skipped(where, str(error))
