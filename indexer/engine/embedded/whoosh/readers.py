"""How does Whoosh read a segment? Its two codec readers, over one mapped file.

Both are safe to use from several threads: they hold read-only arrays and caches that are only added to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from indexer.arrays import ArrayFile
from indexer.engine.embedded.arrays.columns import ArrayColumn
from indexer.engine.embedded.arrays.postings import FieldPostings, empty_postings, open_postings
from indexer.engine.embedded.arrays.stored import StoredReader
from indexer.engine.embedded.whoosh.matcher import PostingsMatcher


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """Walks the terms of one field in byte order."""

    def __init__(self, terms: ArrayTerms, field: FieldPostings, fieldobj: Any) -> None:
        self._terms, self._field, self._type = terms, field, fieldobj
        self._at = 0

    def first(self) -> Any:
        """To the first term."""
        self._at = 0
        return self.text()

    def find(self, term: Any) -> Any:
        """To the first term not less than `term` (text or bytes)."""
        self._at = self._field.lower_bound(term if isinstance(term, bytes) else self._type.to_bytes(term))
        return self.text()

    def next(self) -> Any:
        """To the next term."""
        self._at += 1
        return self.text()

    def text(self) -> Any:
        """The current term as the field decodes it, or None at the end."""
        return self._type.from_bytes(self._field.term(self._at)) if self.is_valid() else None

    def term_info(self) -> Any:
        """Statistics of the current term."""
        return self._terms.info_at(self._field, self._at) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a current term."""
        return self._at < self._field.term_count


class ArrayTerms(base.TermsReader):  # type: ignore[misc]
    """The inverted index of one segment."""

    def __init__(self, file: ArrayFile) -> None:
        names = file.metadata["indexed"]
        self._fields = {name: open_postings(file, name) for name in sorted(names)}

    def field(self, name: str) -> FieldPostings:
        """The arrays of field `name`; an empty field where the segment has none."""
        found = self._fields.get(name)
        return found if found is not None else empty_postings(name)

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self.field(term[0]).find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """Names of the fields that have terms."""
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: Any) -> ArrayCursor:
        """A cursor at the first term of a field."""
        return ArrayCursor(self, self.field(fieldname), fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """All (field, term) pairs in order."""
        for name, field in self._fields.items():
            yield from ((name, field.term(number)) for number in range(field.term_count))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """(field, term) pairs from the first not less than (fieldname, prefix) on."""
        for name, field in self._fields.items():
            if name >= fieldname:
                first = field.lower_bound(prefix) if name == fieldname else 0
                yield from ((name, field.term(number)) for number in range(first, field.term_count))

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """As `terms`, with statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """As `terms_from`, with statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _number(self, fieldname: str, text: bytes) -> int:
        number = self.field(fieldname).find(text)
        if number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return number

    def info_at(self, field: FieldPostings, number: int) -> Any:
        """Statistics of term `number` of a field."""
        start, end = field.span(number)
        docs, freqs = field.docs(start, end), field.freqs(start, end)
        lengths = None if field.lengths is None else field.lengths[docs]
        return TermInfo(
            weight=float(freqs.sum(dtype="u8")),
            df=end - start,
            minlength=1 if lengths is None else int(lengths.min()),
            maxlength=1 if lengths is None else int(lengths.max()),
            maxweight=float(freqs.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """Statistics of a term; raises `TermNotFound`."""
        return self.info_at(self.field(fieldname), self._number(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """How often a term occurs; 0 where it does not."""
        field = self.field(fieldname)
        number = field.find(text)
        return 0.0 if number < 0 else float(field.freqs(*field.span(number)).sum(dtype="u8"))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many documents hold a term, deleted ones included; 0 where there is none."""
        field = self.field(fieldname)
        number = field.find(text)
        if number < 0:
            return 0
        start, end = field.span(number)
        return end - start

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> PostingsMatcher:
        """A matcher over the postings of a term; raises `TermNotFound`."""
        number = self._number(fieldname, text)
        return PostingsMatcher(self.field(fieldname), number, format_, (fieldname, text), scorer)

    def close(self) -> None:
        """Nothing to close: the mapping ends with the last array that uses it."""


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """What a segment keeps per document: stored fields, lengths, columns, deletions."""

    def __init__(self, file: ArrayFile, segment: Any) -> None:
        self._file, self._segment = file, segment
        self._stored = StoredReader(file)
        self._columns: dict[str, ArrayColumn] = {}

    def doc_count(self) -> int:
        """Documents that are not deleted."""
        return self.doc_count_all() - int(self._segment.deleted_count())

    def doc_count_all(self) -> int:
        """All documents."""
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        """The deleted documents."""
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        """Always."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether this segment has the column."""
        return fieldname in self._file.metadata["columns"]

    def column(self, fieldname: str) -> ArrayColumn:
        """The column as arrays, shared and remembered; KeyError where the segment has none."""
        found = self._columns.get(fieldname)
        if found is None:
            found = self._columns.setdefault(fieldname, ArrayColumn(self._file, f"column:{fieldname}"))
        return found

    def column_reader(self, fieldname: str, column: Any) -> ArrayColumn:
        """The column as Whoosh reads it (its direction may be reversed, so it is not shared)."""
        return ArrayColumn(self._file, f"column:{fieldname}")

    def _lengths(self, fieldname: str) -> Any:
        return self._file.get(f"{fieldname}/lengths")

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The exact number of terms of a field in a document."""
        lengths = self._lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """The number of terms of a field in all documents, deleted ones included."""
        return int(self._file.metadata["field_lengths"].get(fieldname, 0))

    def min_field_length(self, fieldname: str) -> int:
        """The least length of a field."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """The greatest length of a field."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored values of a document."""
        return self._stored.values(docnum)

    def stored_row(self, docnum: int) -> bytes:
        """The stored values of a document as they were written."""
        return self._stored.row(docnum)
