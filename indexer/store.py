"""How does an index get onto disk, and how is it asked? The one place that opens Whoosh indexes.

Everything here works on a directory that `indexer.generations` vouches for; the schema is always given,
so nothing of it is unpickled. A `Reader` may be used from several threads.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh import query as whoosh
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from indexer.config import IndexSettings
from indexer.normalize import normalize
from indexer.ranking import Ranking
from indexer.schema import day_number

_NAME = "MAIN"


@dataclass(frozen=True, slots=True)
class Match:
    """One matching document: its score and its stored record."""

    score: float
    record: Mapping[str, Any]


class Writer:
    """Adds documents to a new index."""

    def __init__(self, path: Path, schema: Schema, settings: IndexSettings) -> None:
        self._writer = FileIndex.create(FileStorage(str(path)), schema, _NAME).writer(
            limitmb=settings.memory_mb, procs=settings.workers, multisegment=True
        )

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one document: the record is stored as it is, and its fields are indexed."""
        title, source, author = record["title"], record["source"], record["author"]
        self._writer.add_document(
            id=record["id"],
            title_words=title,
            title_grams=title,
            body_words=record["text"],
            body_grams=record["text"],
            source_grams=source,
            author_grams=author,
            source=source and normalize(source),
            lang=record["lang"],
            day=day_number(record["date"]),
            stored=json.dumps(record, ensure_ascii=False, separators=(",", ":")),
        )

    def commit(self) -> None:
        """Write what is left and close the index."""
        self._writer.commit(optimize=False)

    def cancel(self) -> None:
        """Stop; what was written is left to whoever removes the directory."""
        self._writer.cancel()


@contextmanager
def write(path: Path, schema: Schema, settings: IndexSettings) -> Iterator[Writer]:
    """A writer for a new index in `path`, committed at the end."""
    writer = Writer(path, schema, settings)
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise
    writer.commit()


class Reader:
    """Asks an index. Whoosh's file readers keep a position, so each thread has its own."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self._index = FileIndex(FileStorage(str(path)), schema, _NAME)
        self._local = threading.local()
        self._opened: list[Any] = []
        _ = self._searcher

    @property
    def _searcher(self) -> Any:
        if not hasattr(self._local, "searcher"):
            self._local.searcher = self._index.searcher(weighting=Ranking())
            self._opened.append(self._local.searcher)
        return self._local.searcher

    def search(
        self,
        query: whoosh.Query,
        *,
        limit: int,
        only: whoosh.Query | None = None,
        sort: str = "relevance",
    ) -> tuple[list[Match], int]:
        """The best `limit` matches, and how many documents match in all."""
        # With a limit, Whoosh's block skipping and matcher replacement lose matches of AndMaybe, AndNot
        # and Or (measured: 57 of 1,000 first places), so all matches are scored.
        results = self._searcher.search(
            query,
            limit=None,
            filter=only,
            sortedby=None if sort == "relevance" else "day",
            reverse=sort == "date_desc",
        )
        best = range(min(limit, results.scored_length()))
        found = ((results.score(at) or 0.0, results.docnum(at)) for at in best)
        return [Match(round(score, 6), self._record(number)) for score, number in found], len(results)

    def record(self, document_id: str) -> Mapping[str, Any] | None:
        """The stored record of a document, or None."""
        number = self._searcher.document_number(id=document_id)
        return None if number is None else self._record(number)

    def _record(self, number: int) -> Mapping[str, Any]:
        record: Mapping[str, Any] = json.loads(self._searcher.stored_fields(number)["stored"])
        return record

    def close(self) -> None:
        """Close every thread's reader."""
        for searcher in self._opened:
            searcher.close()
        self._index.close()


def unpickled(files: Iterable[str]) -> list[str]:
    """The files that Whoosh unpickles on opening: their content is to be verified first."""
    return [name for name in files if name.endswith(".toc")]


def source_is(name: str) -> whoosh.Query:
    """Documents whose source is exactly `name`, in any script."""
    return whoosh.Term("source", normalize(name))


def lang_is(lang: str) -> whoosh.Query:
    """Documents in a script, "zh-Hans" or "zh-Hant"."""
    return whoosh.Term("lang", lang)


def dated(date_from: str | None, date_to: str | None) -> whoosh.Query:
    """Documents dated from … to …, both inclusive, either open; undated documents are outside."""
    last = day_number(date_to) or 99_999_999
    # A month or year as the end includes its last day.
    last += 99 if last % 100 == 0 else 0
    last += 9900 if last // 100 % 100 == 0 else 0
    return whoosh.NumericRange("day", max(day_number(date_from), 1), last)


def all_of(queries: Sequence[whoosh.Query]) -> whoosh.Query | None:
    """All filters at once; None for none."""
    return whoosh.And(list(queries)) if queries else None
