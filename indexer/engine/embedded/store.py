"""How does an index get onto disk, and how is it asked? The one place that opens Whoosh indexes.

Everything here works on a directory that `generations` vouches for; the schema is always given,
so nothing of it is unpickled. A `Reader` may be shared between threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from whoosh import query as whoosh
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from indexer.config import IndexSettings
from indexer.derived.duplicates import Groups, fingerprints, grouped, write_groups
from indexer.engine.embedded.building.parallel import Prepare, build_segments
from indexer.engine.embedded.search.closeness import closeness
from indexer.engine.embedded.search.collection import collection_of
from indexer.engine.embedded.search.coverage import evaluate_covered
from indexer.engine.embedded.search.frequencies import document_frequencies, document_frequency
from indexer.engine.embedded.search.selection import Evaluation, evaluate
from indexer.engine.embedded.whoosh.schema import day_number, indexed_text, make_schema
from indexer.engine.embedded.whoosh.searcher import ArraySearcher
from indexer.engine.embedded.whoosh.weighting import Ranking
from indexer.query.likeness import telling_terms
from indexer.query.plan import Plan, sequence_query
from indexer.query.ranking import WEIGHTS, Weights
from indexer.query.terms import Terms
from indexer.results.explanation import Head, explain
from indexer.results.results import Explanation
from indexer.text.analyzer import Analyzer
from indexer.text.normalize import normalize

# A prefix or pattern stands for at most so many terms of each segment: those in most documents.
MAX_EXPANSIONS = 500
_NAME = "MAIN"
_ODD, _LAST = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF
# The beginning of a document says what it is about.
_TELLING_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Match:
    """One matching document: its number in the index, its score, its stored record.

    `near` is how many others, near-identical to it, match too.
    """

    number: int
    score: float
    record: Mapping[str, Any]
    near: int = 0


@dataclass(frozen=True, slots=True)
class Matches:
    """The best matches, how many documents match, whether that is exact, and counts by field.

    `distinct` is how many remain where near-identical ones count once.
    """

    best: tuple[Match, ...]
    total: int
    exact: bool
    facets: Mapping[str, Mapping[Any, int]]
    distinct: int


def write(path: Path, settings: IndexSettings, batches: Iterable[Any], prepare: Prepare) -> int:
    """Build a new index in `path`; returns how many documents it has.

    `prepare` turns a batch into the fields of its documents (`whoosh.schema.index_fields`); with more than
    one worker it runs in their processes.
    """
    index = FileIndex.create(FileStorage(str(path)), make_schema(), _NAME)
    setup = partial(_setup, prepare)
    return build_segments(index, batches, setup, workers=settings.workers, memory_mb=settings.memory_mb)


def group(path: Path, analyzer: Analyzer) -> None:
    """Find the near-duplicates in the index in `path`, and keep them beside it."""
    reader = Reader(path)
    try:
        sketches, lengths = reader.fingerprints()
        found = grouped(sketches, lengths, lambda number: analyzer.gram_units(reader.text(number)))
        write_groups(path, found)
    finally:
        reader.close()


def _setup(prepare: Prepare) -> tuple[Schema, Prepare]:
    return make_schema(), prepare


def unpickled(files: Iterable[str]) -> list[str]:
    """The files that Whoosh unpickles on opening: their content is to be verified first."""
    return [name for name in files if name.endswith(".toc")]


class Reader:
    """Asks the index in `path`."""

    def __init__(self, path: Path, weights: Weights = WEIGHTS) -> None:
        self._index = FileIndex(FileStorage(str(path)), make_schema(), _NAME)
        self._weights = weights
        self._searcher = ArraySearcher(self._index.reader(), weighting=Ranking(weights))
        self._groups = Groups(path)

    def search(
        self,
        plan: Plan,
        *,
        limit: int,
        only: whoosh.Query | None = None,
        sort: str = "relevance",
        facets: Sequence[str] = (),
        seconds: float | None = None,
        collapse: bool = False,
    ) -> Matches:
        """The best `limit` matches, and how many there are. Raises `DeadlineExceeded` after `seconds`.

        With `collapse` (and `facets`) only the best of near-identical documents is given.
        """
        ranked = sort == "relevance"
        options: dict[str, Any] = {
            "filter": only,
            "sort": () if ranked else (("day", sort == "date_desc"),),
            "facets": facets,
            "deadline": None if seconds is None else time.monotonic() + seconds,
        }
        fetched = max(limit, self._weights.near_depth) if ranked else limit
        while True:
            found = self._evaluated(plan, limit=fetched, **options)
            pairs = list(zip(found.docnums, found.scores, strict=True))
            if ranked:
                pairs = self._by_closeness(pairs, plan.terms)
            if not collapse:
                return self._matches(found, pairs[:limit], {}, found.total)
            # Whatever is fetched, the order is the same: so is what remains of it, and pages do not repeat.
            pairs = [pairs[place] for place in self._groups.collapsed([number for number, _ in pairs])]
            counts = self._groups.counts(found.matching)
            distinct = found.total - sum(counts.values()) + len(counts)
            if len(pairs) >= min(limit, distinct):
                return self._matches(found, pairs[:limit], counts, distinct)
            fetched *= 4

    def _evaluated(self, plan: Plan, **options: Any) -> Evaluation:
        """What a plan finds; `options` are those that `evaluate` and `evaluate_covered` share."""
        searcher, terms = self._searcher, plan.terms
        if not plan.covering:
            return evaluate(searcher, plan.query, max_expansions=MAX_EXPANSIONS, **options)
        least = self._weights.least
        return evaluate_covered(
            searcher, plan.query, "grams", terms.pairs, least, others=terms.others, **options
        )

    def _matches(
        self, found: Evaluation, pairs: list[tuple[int, float]], counts: Mapping[int, int], distinct: int
    ) -> Matches:
        leaders = self._groups.leaders([number for number, _ in pairs]) if counts else []
        near = [counts.get(leader, 1) - 1 for leader in leaders] or [0] * len(pairs)
        best = tuple(
            Match(number, round(score, 6), self._record(number), others)
            for (number, score), others in zip(pairs, near, strict=True)
        )
        return Matches(best, found.total, found.exact, found.facets, distinct)

    def explain(
        self, plan: Plan, numbers: Sequence[int], only: whoosh.Query | None, sort: str
    ) -> list[Explanation]:
        """Where the scores of documents come from that `search` gave for the same plan, filter and order."""
        ranked = sort == "relevance"
        if plan.covering and not ranked:
            return [Explanation(()) for _ in numbers]
        found = self._evaluated(plan, limit=self._weights.near_depth, filter=only)
        head = Head(frozenset(found.docnums if ranked else ()), max(found.scores, default=0.0))
        return explain(self._searcher, plan, numbers, head, self._weights, MAX_EXPANSIONS)

    def near(self, document_id: str) -> whoosh.Query:
        """The documents that are near-identical to one, itself among them; none for an unknown id."""
        number = self._searcher.document_number(id=document_id)
        return self._documents([] if number is None else self._groups.members(number))

    def _documents(self, numbers: Sequence[int]) -> whoosh.Query:
        ids = collection_of(self._searcher.reader()).keys_of("id", numbers)
        return whoosh.Or([whoosh.Term("id", each) for each in ids])

    def similar(self, document_id: str, analyzer: Analyzer, size: int) -> tuple[Match, ...]:
        """The `size` documents most like one, without it and what is near-identical to it or to another."""
        number = self._searcher.document_number(id=document_id)
        if number is None:
            return ()
        found = evaluate(
            self._searcher,
            self._telling(self.text(number)[:_TELLING_LENGTH], analyzer),
            limit=size * 4,
            mask=self._documents(self._groups.members(number)),
            count=False,
        )
        pairs = list(zip(found.docnums, found.scores, strict=True))
        places = self._groups.collapsed(found.docnums)[:size]
        return self._matches(found, [pairs[place] for place in places], {}, len(places)).best

    def _telling(self, text: str, analyzer: Analyzer) -> whoosh.Query:
        """A query for what a text is about: its words, or where those lead nowhere its pairs."""
        reader = self._searcher.reader()
        for field, terms in (("words", analyzer.word_terms(text)), ("grams", analyzer.grams(text).terms)):
            told = telling_terms(terms, partial(reader.doc_frequency, field), reader.doc_count_all())
            if told:
                return whoosh.Or([whoosh.Term(field, term, boost=weight) for term, weight in told.items()])
        return whoosh.NullQuery

    def _by_closeness(self, pairs: list[tuple[int, float]], terms: Terms) -> list[tuple[int, float]]:
        """Order the first matches anew by score and closeness; the rest, which scored less, follows."""
        weights = self._weights
        head, rest = pairs[: weights.near_depth], pairs[weights.near_depth :]
        close = closeness(self._searcher, terms, [number for number, _ in head], weights.near_width)
        top = head[0][1] if head else 0.0
        scored = [
            (number, score + top * (weights.near * pairs + weights.near_characters * characters))
            for (number, score), (pairs, characters) in zip(head, close, strict=True)
        ]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0])) + rest

    def source_is(self, name: str) -> whoosh.Query:
        """Documents whose source is `name`, in whichever script and width they write it."""
        return whoosh.Or([whoosh.Term("source", each) for each in self._sources.get(normalize(name), ())])

    @cached_property
    def _sources(self) -> Mapping[str, Sequence[str]]:
        """The sources as documents write them, by their folded form."""
        found: dict[str, list[str]] = {}
        for name in self.values("source"):
            found.setdefault(normalize(name), []).append(name)
        return found

    def record(self, document_id: str) -> Mapping[str, Any] | None:
        """The stored record of a document, or None."""
        number = self._searcher.document_number(id=document_id)
        return None if number is None else self._record(number)

    def _record(self, number: int) -> Mapping[str, Any]:
        record: Mapping[str, Any] = self._searcher.stored_fields(number)["stored"]
        return record

    def frequency(self, gram: str) -> int:
        """How many documents have a folded gram."""
        return document_frequency(self._searcher.reader(), "grams", gram)

    def text(self, number: int) -> str:
        """The indexed text of the document with a number."""
        return indexed_text(self._record(number))

    def sample(self, characters: int) -> Iterator[str]:
        """The indexed texts of some documents, at most so many characters in all, or of all documents.

        Which they are depends on what they say alone, not on how the index was built.
        """
        sketches, lengths = self.fingerprints()
        # Alike texts have alike fingerprints; times an odd number they are far apart.
        scattered = sketches[:, 0].astype("u8") * _ODD
        scattered[scattered == 0] = _LAST  # short notes have no fingerprint
        order = scattered.argsort(kind="stable")
        # A character and the pair it opens are two grams. Of equal fingerprints all are in, or none.
        over = lengths[order].cumsum().searchsorted(2 * characters, "right")
        chosen = scattered < scattered[order[over]] if over < len(order) else lengths > 0
        return map(self.text, chosen.nonzero()[0].tolist())

    def fingerprints(self) -> tuple[Any, Any]:
        """The fingerprint and the length of every document, as `duplicates.grouped` takes them."""
        return fingerprints(self._searcher.reader())

    def count(self, field: str | None = None) -> int:
        """How many documents there are, or how many have anything in `field`."""
        return evaluate(self._searcher, whoosh.Every(field), limit=1).total

    def values(self, field: str) -> dict[str, int]:
        """Each value of a sortable field, and how many documents have it."""
        found = evaluate(self._searcher, whoosh.Every(), limit=1, facets=(field,))
        return dict(found.facets[field])

    def document_frequencies(
        self, field: str, *, longest: int | None = None, most: int | None = None
    ) -> dict[str, int]:
        """Each term of a field of at most `longest` bytes, and how many documents hold it.

        Of more than `most` terms those of the most documents.
        """
        return document_frequencies(self._searcher.reader(), field, longest=longest, most=most)

    def holds(self, text: Sequence[str]) -> bool:
        """Whether some document has these grams one after the other."""
        return evaluate(self._searcher, sequence_query("grams", list(text), 1.0), limit=1).total > 0

    def terms(self, field: str) -> dict[str, tuple[int, int]]:
        """Each term of a field: how many documents have it, and how often it occurs in all."""
        reader = self._searcher.reader()
        infos = ((term, reader.term_info(field, term)) for term in reader.lexicon(field))
        return {term.decode(): (info.doc_frequency(), int(info.weight())) for term, info in infos}

    def close(self) -> None:
        """Close the index files."""
        self._searcher.close()
        self._index.close()


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
