"""What the index tests share: fields with a bulk protocol, corpora, an exact stock searcher."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from whoosh import fields, formats
from whoosh.analysis import Token
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from indexer.codec import kernel
from indexer.codec.writer import BulkWriter

LETTERS = "天地玄黃宇宙洪荒日月"


class WordsField(fields.FieldType):
    """Space-separated words, frequencies only."""

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), self.analyze, scorable=True)

    @staticmethod
    def analyze(value: str, **options: Any) -> Iterator[Token]:
        """The words as Whoosh tokens."""
        for text in value.split():
            yield Token(text=text, boost=1.0, stopped=False)

    def bulk(self, value: str) -> tuple[list[str], None]:
        """The words as a list."""
        return value.split(), None


class GramsField(fields.FieldType):
    """Characters and pairs of characters; a pair shares the position of its first character."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), self.analyze, scorable=True)

    def analyze(self, value: str, **options: Any) -> Iterator[Token]:
        """The grams as Whoosh tokens."""
        for text, position in zip(*self.bulk(value), strict=True):
            yield Token(text=text, pos=position, boost=1.0, stopped=False)

    @staticmethod
    def bulk(value: str) -> tuple[list[str], list[int]]:
        """The grams and their positions, a space leaving a gap."""
        terms, positions = [], []
        for at, char in enumerate(value):
            if char != " ":
                terms.append(char)
                positions.append(at)
                if value[at + 1 : at + 2].strip():
                    terms.append(value[at : at + 2])
                    positions.append(at)
        return terms, positions


def make_schema() -> fields.Schema:
    """The fields of the integrator's schema in small."""
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        source=fields.ID(sortable=True, stored=True),
        year=fields.NUMERIC(sortable=True, stored=True),
        body_words=WordsField(),
        body_grams=GramsField(),
        title_grams=GramsField(),
        title=fields.STORED(),
    )


Row = dict[str, Any]


def make_row(random_: random.Random, number: int, longest: int = 12) -> Row:
    """A random document over few letters, so that terms are shared."""
    body = "".join(random_.choice(LETTERS + "   ") for _ in range(random_.randint(0, longest)))
    title = "".join(random_.choice(LETTERS) for _ in range(random_.randint(0, 4)))
    row: Row = {"id": f"d{number}", "body_words": body, "body_grams": body}
    row |= {"title_grams": title, "title": title}
    if random_.random() < 0.8:
        row["source"] = random_.choice(["甲", "乙", "丙"])
    if random_.random() < 0.8:
        row["year"] = random_.randint(1900, 1930)
    return row


def create(directory: Path | None, schema: fields.Schema | None = None) -> FileIndex:
    """An empty index in a directory, or in memory."""
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    storage = RamStorage() if directory is None else FileStorage(str(directory))
    return storage.create_index(schema or make_schema(), "t")


Step = tuple[Sequence[Row], Sequence[str]]


def write_ours(index: FileIndex, steps: Sequence[Step], **options: Any) -> None:
    """One segment per step: delete by id, then add."""
    for rows, deletions in steps:
        writer = BulkWriter(index, **options)
        for name in deletions:
            writer.delete_by_term("id", name)
        for row in rows:
            writer.add_document(**row)
        writer.commit(merge=False)


def write_stock(index: FileIndex, steps: Sequence[Step]) -> None:
    """The same with Whoosh's own writer."""
    for rows, deletions in steps:
        writer = index.writer()
        for name in deletions:
            writer.delete_by_term("id", name)
        for row in rows:
            writer.add_document(**row)
        writer.commit(merge=False)


class ExactSearcher(Searcher):
    """Whoosh's searcher with exact field lengths: its codec rounds them to one byte."""

    lengths: ClassVar[dict[tuple[str, str], int]] = {}

    def __init__(self, reader: Any, **options: Any) -> None:
        super().__init__(reader, **options)
        self.doc_field_length = self.exact_length

    def exact_length(self, document: int, name: str, default: int = 0) -> int:
        """The number of terms that were indexed."""
        key = self.ixreader.stored_fields(document)["id"], name
        return self.lengths.get(key, default)


def exact_searcher(index: FileIndex, steps: Sequence[Step]) -> ExactSearcher:
    """A stock searcher that knows the lengths of the documents of `steps`."""
    schema = make_schema()
    lengths = {
        (row["id"], name): len(schema[name].bulk(row[name])[0])
        for rows, _ in steps
        for row in rows
        for name in ("body_words", "body_grams", "title_grams")
    }
    kind = type("Known", (ExactSearcher,), {"lengths": lengths})
    searcher: ExactSearcher = kind(index.reader())
    return searcher


@pytest.fixture(params=sorted(kernel.KERNELS))
def any_kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every kernel that can be used here, one after the other."""
    with kernel.using(request.param):
        yield request.param
