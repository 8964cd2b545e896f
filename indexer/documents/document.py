"""Which documents are there? The value that travels the pipeline, before and after repair.

A reader makes a `Document` of a file's bytes; every later stage returns a new one (`_replace`) and
changes no field that is not its own. A field that the source does not state is None: nothing is invented.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import msgspec


class PartStart(NamedTuple):
    """Where a part of a document begins that a hit can name.

    `start` is a code point of the text, `kind` is "page", "slide", "sheet" or "chapter", and `name` is
    what the original calls it: the number of a page or slide, counted from 1, else its heading.
    """

    start: int
    kind: str
    name: str


class Captures(NamedTuple):
    """How often a crawl met the same page with the same content: the times, and the first and last date."""

    times: int
    first: str
    last: str


class FileOrigin(NamedTuple):
    """Where a document was read from: a key of its source, and file or member as the ledger names it."""

    source: str
    path: str


class Former(NamedTuple):
    """What an index has already of a document that has only another name: its record, as it was stored.

    `digest` is that of the document as it was read, `added` and `changed` say when it came and changed;
    `added` is None where it stays under its former name too. `row` is the digest of the row that it was read
    from.
    """

    record: Mapping[str, Any]
    digest: bytes
    added: str | None
    changed: str | None
    row: bytes | None


class Document(msgspec.Struct, frozen=True, array_like=True):
    """One document. A struct: there are as many as the corpus has, and each is made four times.

    `id` is unique within an index: the `id` of a .jsonl line, else the POSIX path relative to the source
    behind its prefix, with `!/` before a member of a container. `text` is the body, lines separated by
    U+000A. `date` is ISO 8601 as stated (YYYY-MM-DD, with time where the source states one). `lang` is
    "zh-Hans" or "zh-Hant", or None before it has been determined. `plain` marks running text, whose head
    lines may state title, date, source and author (`indexer.documents.metadata` reads them there).
    `parts` ascend and are empty where the original has none; `captures` is of pages of a crawl that met
    them more than once; `collection` is the name of the source, and `origin` says where it was read.
    `added_at` and `changed_at` are when it came into the archive, and when it was last found to have changed.
    `named` is whether its source gave it its id; `former` is for a document that is not read again.
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    lang: str | None = None
    plain: bool = False
    parts: tuple[PartStart, ...] = ()
    captures: Captures | None = None
    collection: str | None = None
    origin: FileOrigin | None = None
    added_at: str | None = None
    changed_at: str | None = None
    named: bool = False
    former: Former | None = None

    def _replace(self, **changes: Any) -> Self:
        """The document with other values for some fields, as named tuples have it."""
        return msgspec.structs.replace(self, **changes)


_NOT_STORED = ("plain", "named", "former")
_STORED_WHERE_STATED = ("parts", "captures", "collection", "origin", "added_at", "changed_at")


def record_of(document: Document) -> dict[str, Any]:
    """What is stored of a document: its fields, of those that few documents have the ones that are stated.

    >>> sorted(record_of(Document("1", "夜市")))
    ['author', 'date', 'id', 'lang', 'source', 'text', 'title', 'url']
    """
    record = msgspec.structs.asdict(document)
    for name in _NOT_STORED:
        del record[name]
    for name in _STORED_WHERE_STATED:
        if not record[name]:
            del record[name]
    return record


def document_of(record: Mapping[str, Any]) -> Document:
    """The document that `record_of` gave a record of, also after it has been JSON.

    >>> document_of(record_of(Document("1", "夜市"))) == Document("1", "夜市")
    True
    """
    document = Document(**{name: record[name] for name in Document.__struct_fields__ if name in record})
    return document._replace(
        parts=tuple(PartStart(*part) for part in document.parts),
        captures=Captures(*document.captures) if document.captures else None,
        origin=FileOrigin(*document.origin) if document.origin else None,
    )


def record_renamed(document: Document, former: Former) -> dict[str, Any]:
    """The record of a document that an index has under another name.

    >>> former = Former({"id": "a.txt", "text": "夜市", "changed_at": "2026"}, b"", None, None, None)
    >>> record_renamed(Document("b.txt", "夜市", added_at="2027"), former)
    {'id': 'b.txt', 'text': '夜市', 'added_at': '2027'}
    """
    names = "id", "collection", "origin", "added_at", "changed_at"
    new = {name: getattr(document, name) for name in names}
    return {name: value for name, value in {**former.record, **new}.items() if value or name not in new}


def part_at(parts: Iterable[PartStart], offset: int) -> PartStart | None:
    """The part that a code point of the text lies in; None before the first.

    >>> pages = (PartStart(0, "page", "1"), PartStart(40, "page", "2"))
    >>> part_at(pages, 39).name, part_at(pages, 40).name
    ('1', '2')
    """
    listed = list(parts)
    found = bisect_right([part.start for part in listed], offset)
    return listed[found - 1] if found else None


def moved(
    parts: Iterable[PartStart], spans: Iterable[tuple[int, int, int]], start: int, length: int
) -> tuple[PartStart, ...]:
    """Parts after repair and the reading of head lines have changed their text.

    `spans` are (start, end, new length) of what was replaced in the old text, ascending; of what that gave
    the text is `length` code points from `start` on.

    >>> moved([PartStart(0, "page", "1"), PartStart(9, "page", "2")], [(2, 6, 1)], 0, 50)
    (PartStart(start=0, kind='page', name='1'), PartStart(start=6, kind='page', name='2'))
    """
    found: list[PartStart] = []
    changes = iter([*spans, (1 << 62, 1 << 62, 0)])
    first, last, new = next(changes)
    shift = 0
    for part in parts:
        while last <= part.start:
            shift += new - (last - first)
            first, last, new = next(changes)
        at = (min(part.start, first) if part.start >= first else part.start) + shift - start
        found.append(part._replace(start=min(max(0, at), length)))
    return tuple(found)
