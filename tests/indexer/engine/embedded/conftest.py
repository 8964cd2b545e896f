"""What the index tests share: fields with a bulk protocol, corpora, and two truths to hold against.

`ExactSearcher` is stock Whoosh without its rounding of lengths; `Model` is set algebra and the formula
over plain rows.
"""

from __future__ import annotations

import fnmatch
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from whoosh import fields, formats, query
from whoosh.analysis import Token
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.kernel import kernel
from indexer.engine.embedded.kernel.sorting import spans_of
from indexer.engine.embedded.search.spacing import Spaced

HAN_OR_WORD = re.compile(
    "([\u3400-\u9fff\U00020000-\U0002a6df]+)|([^\\s\u3400-\u9fff\U00020000-\U0002a6df]+)"
)
LETTERS = "天地玄黃日月"


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


class UnitsField(GramsField):
    """As `GramsField`, but hands out units."""

    @staticmethod
    def bulk_units(value: str) -> tuple[str, Sequence[int]]:
        """Runs of Han characters, and anything else as words."""
        return value, spans_of(HAN_OR_WORD.finditer(value))

    def bulk(self, value: str) -> tuple[list[str], list[int]]:
        """What the units stand for."""
        terms, positions, at = [], [], 0
        for run, word in HAN_OR_WORD.findall(value):
            size = len(run)
            terms += [*run, *map("".join, pairwise(run))] if run else [word]
            positions += [*range(at, at + size), *range(at, at + size - 1)] if run else [at]
            at += size or 1
        return terms, positions


class _WithoutUnits(GramsField):
    """The terms of a `UnitsField`, by `bulk` alone."""

    def __init__(self, field: UnitsField) -> None:
        super().__init__()
        self._field = field

    def bulk(self, value: str) -> tuple[list[str], list[int]]:  # type: ignore[override]
        """What the units stand for."""
        return self._field.bulk(value)


def without_units(field: UnitsField) -> GramsField:
    """A field with the same terms, but without `bulk_units`."""
    return _WithoutUnits(field)


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


FIELDS = ("body_words", "body_grams", "title_grams")
B, K1 = 0.75, 1.2
Found = dict[str, float]


def stands_for(wanted: str | query.Query, term: str) -> bool:
    """Whether a term is the wanted one, or one that the pattern stands for."""
    if isinstance(wanted, query.Prefix):
        return term.startswith(wanted.text)
    if isinstance(wanted, query.Wildcard):
        return fnmatch.fnmatchcase(term, wanted.text)
    return term == wanted


class Model:
    """Evaluates queries over the rows of some steps; deleted rows count in the statistics."""

    def __init__(self, steps: Sequence[Any], schema: Any) -> None:
        self.live: dict[str, dict[str, Any]] = {}
        every: list[dict[str, Any]] = []
        for rows, deletions in steps:
            for name in deletions:
                self.live.pop(name, None)
            for row in rows:
                entry = {"row": row} | {name: schema[name].bulk(row[name]) for name in FIELDS}
                self.live[row["id"]] = entry
                every.append(entry)
        self.count = len(every)
        self.frequency = {name: Counter(t for e in every for t in set(e[name][0])) for name in FIELDS}
        self.average = {name: sum(len(e[name][0]) for e in every) / self.count or 1 for name in FIELDS}

    def term(self, name: str, text: str | query.Query) -> Found:
        """Documents and scores of one term, or of all that a pattern stands for as if they were one."""
        frequency = sum(count for term, count in self.frequency[name].items() if stands_for(text, term))
        idf = math.log(self.count / (frequency + 1)) + 1
        found = {}
        for key, entry in self.live.items():
            tf, length = sum(stands_for(text, term) for term in entry[name][0]), len(entry[name][0])
            if tf:
                norm = K1 * (1 - B + B * length / self.average[name])
                found[key] = idf * tf * (K1 + 1) / (tf + norm)
        return found

    def phrase(self, question: query.Phrase) -> Found:
        """Documents where each word follows the last at 1 to `slop` positions."""
        found = {}
        for key, entry in self.live.items():
            terms, positions = entry[question.fieldname]
            places = [{p for t, p in zip(terms, positions, strict=True) if t == w} for w in question.words]
            ends = places[0]
            for spots in places[1:]:
                ends = {p for p in spots if any(1 <= p - e <= question.slop for e in ends)}
            if ends:
                found[key] = sum(self.term(question.fieldname, word)[key] for word in question.words)
        return found

    def spaced(self, question: Spaced) -> Found:
        """Documents where each place follows the last at a distance of its own."""
        found = {}
        for key, entry in self.live.items():
            pairs = [*zip(*entry[question.fieldname], strict=True)]
            ends = {at for term, at in pairs if stands_for(question.places[0].term, term)}
            for place in question.places[1:]:
                reach = {end + step for end in ends for step in range(place.least, place.most + 1)}
                ends = {at for term, at in pairs if at in reach and stands_for(place.term, term)}
            if ends:
                found[key] = sum(self.term(question.fieldname, p.term)[key] for p in question.places)
        return found

    def holding(self, name: str, wanted: Callable[[str], bool]) -> Found:
        """Documents with any term that is wanted, score 1."""
        return {key: 1.0 for key, entry in self.live.items() if any(map(wanted, entry[name][0]))}

    def evaluate(self, question: query.Query) -> Found:
        """Documents and scores of any query of the tests."""
        boost = getattr(question, "boost", 1.0)
        return {key: score * boost for key, score in self._plain(question).items()}

    def _plain(self, question: Any) -> Found:
        if isinstance(question, query.Term):
            return self.term(question.fieldname, question.text)
        if isinstance(question, query.Phrase):
            return self.phrase(question)
        if isinstance(question, Spaced):
            return self.spaced(question)
        if isinstance(question, query.Prefix):
            return self.holding(question.fieldname, lambda term: term.startswith(question.text))
        if isinstance(question, query.Wildcard):
            return self.holding(question.fieldname, lambda term: fnmatch.fnmatchcase(term, question.text))
        if isinstance(question, query.NumericRange):
            start, end = question.start, question.end
            rows = {key: entry["row"].get("year") for key, entry in self.live.items()}
            return {key: 1.0 for key, year in rows.items() if year is not None and start <= year <= end}
        if isinstance(question, query.Every):
            return dict.fromkeys(self.live, 1.0)
        return self._compound(question)

    def _compound(self, question: Any) -> Found:
        if isinstance(question, query.Not):
            inner = self.evaluate(question.query)
            return {key: 1.0 for key in self.live if key not in inner}
        if isinstance(question, query.ConstantScoreQuery):
            return dict.fromkeys(self.evaluate(question.child), question.score)
        parts = [self.evaluate(child) for child in question.subqueries]
        if isinstance(question, query.Or | query.DisjunctionMax):
            keys = set().union(*parts)
            kind = sum if isinstance(question, query.Or) else max
            return {key: kind([part[key] for part in parts if key in part]) for key in keys}
        first, second = parts[0], parts[-1]
        if isinstance(question, query.AndNot):
            return {key: score for key, score in first.items() if key not in second}
        if isinstance(question, query.Require):
            return {key: score for key, score in first.items() if key in second}
        if isinstance(question, query.AndMaybe):
            return {key: score + second.get(key, 0.0) for key, score in first.items()}
        keys = set(first).intersection(*parts)
        return {key: sum(part[key] for part in parts) for key in keys}


@pytest.fixture(scope="session")
def corpus() -> Any:
    """This module: its fields, rows, writers and the model."""
    return sys.modules[__name__]


@pytest.fixture(params=sorted(kernel.KERNELS))
def any_kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every kernel that can be used here, one after the other."""
    with kernel.using(request.param):
        yield request.param
