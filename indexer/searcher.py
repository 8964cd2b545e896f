"""What is found? A query against the live state of an index, as a page of marked hits.

A call sees one state from beginning to end; `refresh` moves to a new one between calls.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from indexer.config import Config
from indexer.derived.suggest import LEXICON, Lexicon
from indexer.documents.document import document_of
from indexer.engine import open_engine
from indexer.engine.fields import indexed_text
from indexer.engine.protocol import Engine, Snapshot, Sort
from indexer.errors import DocumentNotFound, IndexCorrupt
from indexer.query import nodes
from indexer.query.alternatives import Alternatives
from indexer.query.filters import Names, filters
from indexer.query.likeness import telling_terms
from indexer.query.nodes import Node
from indexer.query.plan import Plan, Planner
from indexer.query.ranking import WEIGHTS, Weights
from indexer.query.syntax import parse
from indexer.query.terms import Terms
from indexer.results.analysis import analyze
from indexer.results.explanation import explained, understood
from indexer.results.hits import as_typed, by_year, hit, markers
from indexer.results.ranked import Match, Matches, closeness, first_of_each, ranked
from indexer.results.results import DocumentView, Explanation, Hit, Mode, ResultPage, Total
from indexer.results.statistics import statistics
from indexer.text.analyzer import Analyzer, grams, load_analyzer, phrase
from indexer.text.display import convert
from indexer.text.normalize import folded_query, normalize
from indexer.text.units import Mark
from indexer.text.vocabulary import Vocabulary, load_vocabulary, synonyms_stamp

MAX_WINDOW = 1_000
"""A query reaches its first so many hits: page × size stays within it."""
_NAMED = ("source", "collection")
_FACETS = (*_NAMED, "lang", "day")
# With fewer hits than this, or where a short string is nowhere as typed, a correction is looked for.
_FEW = 3
# The beginning of a document says what it is about.
_TELLING_LENGTH = 2_000


@dataclass(frozen=True)
class _Live:
    """One state: its snapshot, how queries are planned for it, what it can suggest, its token."""

    snapshot: Snapshot
    planner: Planner
    lexicon: Lexicon
    synonyms_stamp: tuple[int, ...]
    state: str

    @cached_property
    def names(self) -> Names:
        """The sources and collections as documents write them, by their folded form."""
        found: dict[str, dict[str, list[str]]] = {field: {} for field in _NAMED}
        for field, named in found.items():
            for name in self.snapshot.values(field):
                named.setdefault(normalize(name), []).append(name)
        return found

    def frequency(self, gram: str) -> int:
        """How many documents hold a folded gram."""
        return self.snapshot.frequencies("grams", [gram])[0]

    def holds(self, folded: str) -> bool:
        """Whether some document has a folded text as it stands."""
        return self.snapshot.hold("grams", [phrase(grams(folded))])[0]


class Searcher:
    """Searches the live state of an index. May be shared between threads.

    with Searcher.open(load_config()) as searcher:
        page = searcher.search("无锡 高新区")
    """

    def __init__(self, config: Config, weights: Weights = WEIGHTS) -> None:
        self._config, self._weights = config, weights
        self._engine: Engine = open_engine(config)
        # Where there is no index nothing is loaded: a server that waits for one asks again and again.
        self._engine.live()
        self._analyzer: Analyzer = load_analyzer(config)
        self._live = self._open()

    @classmethod
    def open(cls, config: Config) -> Self:
        """Open the live state. Raises `IndexUnusable`, or `ConfigError` for a broken word list."""
        return cls(config)

    def _open(self) -> _Live:
        while True:
            snapshot = self._engine.open(self._analyzer.fingerprint, self._weights)
            try:
                return self._read(snapshot)
            except OSError as error:
                # Pruned meanwhile: another is live.
                if self._engine.live() == snapshot.generation.name:
                    raise IndexCorrupt(f"{LEXICON} cannot be read ({error}); run `hansou rebuild`") from error

    def _read(self, snapshot: Snapshot) -> _Live:
        stamp = synonyms_stamp(self._config.search.synonyms)
        vocabulary = load_vocabulary(self._config.search.synonyms)
        count = snapshot.generation.counts.documents
        planner = Planner(self._analyzer, Alternatives(vocabulary, snapshot), count, self._weights)
        lexicon = Lexicon.open(snapshot.attachment(LEXICON))
        return _Live(snapshot, planner, lexicon, stamp, self._state(snapshot.generation.name, vocabulary))

    def _state(self, generation: str, vocabulary: Vocabulary) -> str:
        search = self._config.search
        settings = self._analyzer.fingerprint, search.page_size, search.deadline_s, self._weights
        parts = generation, vocabulary.fingerprint, *settings
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        self._live.snapshot.close()

    def refresh(self) -> bool:
        """Move to the live state, or to changed synonyms, if there are; whether there were.

        Raises what `open` raises; the state before stays then, and answers as if nothing had changed. It goes
        when the last search in it is done.
        """
        live = self._engine.live(), synonyms_stamp(self._config.search.synonyms)
        if live == (self._live.snapshot.generation.name, self._live.synonyms_stamp):
            return False
        self._live = self._open()
        return True

    @property
    def state(self) -> str:
        """A token of everything that determines an answer: generation, synonyms, settings of the search.

        Two searchers of one release, in whatever process, answer alike where their tokens are equal.
        """
        return self._live.state

    @property
    def generation(self) -> str:
        """The name of the generation being searched."""
        return self._live.snapshot.generation.name

    @property
    def built_at(self) -> str:
        """When it was built, ISO 8601 in UTC."""
        return self._live.snapshot.generation.built_at

    def search(
        self,
        text: str,
        *,
        page: int = 1,
        size: int = 10,
        mode: Mode = "smart",
        sort: Sort = "relevance",
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        collection: str | None = None,
        lang: str | None = None,
        near: str | None = None,
        collapse: bool = True,
        explain: bool = False,
    ) -> ResultPage:
        """Search; `page` counts from 1, and `page * size` is at most 1,000.

        `mode="exact"` takes the whole text as one phrase. Dates are ISO, whole or cut short, both ends
        included. Of near-identical documents only the best is a hit, unless `collapse` is False; `near`
        is the id of a document, and all that are near-identical to it are searched, each a hit.
        `explain` says of each hit where its score comes from, and of the page how the query was understood.
        Raises `QueryTooLong` for more than 256 characters, ValueError for a page beyond the first 1,000 hits.
        """
        if page * size > MAX_WINDOW:
            raise ValueError(f"page {page} of {size} hits: a query reaches its first {MAX_WINDOW:,} hits")
        started = time.perf_counter()
        live = self._live
        tree = parse(text, exact=mode == "exact")
        plan = live.planner.plan(tree)
        named = {"source": source, "collection": collection}
        only = filters(live.names, named, lang, (date_from, date_to), near)
        matches = ranked(
            live.snapshot,
            plan,
            limit=page * size,
            only=only,
            sort=sort,
            facets=_FACETS,
            seconds=self._config.search.deadline_s,
            collapse=collapse and not near,
            weights=self._weights,
        )
        shown = matches.best[(page - 1) * size :]
        accounts = self._explained(live, plan, shown, matches) if explain else [None] * len(shown)
        marking = markers(tree, self._analyzer, plan.terms.expansions)
        records = live.snapshot.records([match.number for match in shown])
        hits = tuple(
            hit(match, record, marking, account)
            for match, record, account in zip(shown, records, accounts, strict=True)
        )
        ask = mode == "smart" and only is None and not _heard(live, plan.terms, matches)
        folded = folded_query(text)
        return ResultPage(
            query=text,
            normalized_query=folded,
            page=page,
            size=size,
            total=Total(matches.total, "eq" if matches.exact else "gte"),
            hits=hits,
            generation=live.snapshot.generation.name,
            built_at=live.snapshot.generation.built_at,
            suggestion=self._suggestion(live, text) if ask else None,
            facets=by_year(matches.facets),
            distinct=matches.distinct,
            plan=understood(plan, folded, self._weights) if explain else None,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
        )

    def _explained(
        self, live: _Live, plan: Plan, shown: Sequence[Match], matches: Matches
    ) -> list[Explanation | None]:
        """Where the scores of matches come from, which are those of `matches` where it is by relevance."""
        numbers = [match.number for match in shown]
        if not matches.head:
            return [Explanation(()) for _ in numbers]
        accounts = live.snapshot.explain(plan.query, numbers)
        close = closeness(live.snapshot, plan.terms, numbers, self._weights)
        near = [
            shares if number in matches.head else (0, 0)
            for number, shares in zip(numbers, close, strict=True)
        ]
        return [
            explained(account, plan.terms, shares, matches.top, self._weights)
            for account, shares in zip(accounts, near, strict=True)
        ]

    def _suggestion(self, live: _Live, text: str) -> str | None:
        """What was probably meant, where the index has it: Han for pinyin, or the query put right."""
        if spelled := live.lexicon.from_pinyin(text, 1):
            return spelled[0]
        correction = live.lexicon.correct(text, live.frequency, live.holds, self._analyzer.word_terms)
        return as_typed(correction.text, text) if correction else None

    def suggest(self, prefix: str, size: int = 8) -> list[str]:
        """Titles and frequent terms that continue what is typed: Han in either script, pinyin, initials."""
        return self._live.lexicon.complete(prefix, size)

    def similar(self, document_id: str, size: int = 5) -> tuple[Hit, ...]:
        """The documents most like one, best first, without near-identical ones; none for an unknown id."""
        snapshot = self._live.snapshot
        if (number := snapshot.number(document_id)) is None:
            return ()
        text = indexed_text(snapshot.records([number])[0])[:_TELLING_LENGTH]
        query = nodes.Without(self._telling(snapshot, text), nodes.Alike(document_id))
        found = snapshot.search(query, limit=size * 4)
        places = list(first_of_each(range(len(found.documents)), found.leaders))[:size]
        records = snapshot.records([found.documents[place] for place in places])
        marking = markers(None, self._analyzer)
        return tuple(
            hit(Match(found.documents[place], round(found.scores[place], 6)), record, marking)
            for place, record in zip(places, records, strict=True)
        )

    def _telling(self, snapshot: Snapshot, text: str) -> Node:
        """What finds documents about the same: a text's words, or where those lead nowhere its pairs."""
        documents = snapshot.generation.counts.documents
        for field, terms in (
            ("words", self._analyzer.word_terms(text)),
            ("grams", self._analyzer.grams(text).terms),
        ):
            different = list(dict.fromkeys(terms))
            holding = dict(zip(different, snapshot.frequencies(field, different), strict=True))
            if told := telling_terms(terms, holding.__getitem__, documents):
                return nodes.AnyOf(tuple(nodes.Term(field, term, weight) for term, weight in told.items()))
        return nodes.Nothing()

    def scored(self, text: str, size: int = 100) -> list[tuple[str, float]]:
        """Ids and scores of the best `size` documents, near-identical ones too, without snippets."""
        live = self._live
        matches = ranked(live.snapshot, live.planner.plan(parse(text)), limit=size, weights=self._weights)
        records = live.snapshot.records([match.number for match in matches.best])
        return [(record["id"], match.score) for record, match in zip(records, matches.best, strict=True)]

    def rank(self, text: str, size: int = 100) -> list[str]:
        """The ids of the best `size` documents, near-identical ones too: for evaluation."""
        return [document for document, _ in self.scored(text, size)]

    def document(self, document_id: str, query: str = "", mode: Mode = "smart") -> DocumentView:
        """A stored document with the marks of `query`. Raises `DocumentNotFound`."""
        live = self._live
        number = live.snapshot.number(document_id)
        if number is None:
            raise DocumentNotFound(f"no document has the id {document_id!r}")
        (record,) = live.snapshot.records([number])
        tree = parse(query, exact=mode == "exact")
        body, title = markers(tree, self._analyzer, live.planner.plan(tree).terms.expansions)
        return DocumentView(
            document=document_of(record),
            marks=body.marks(record["text"]),
            title_marks=title.marks(record["title"] or ""),
            original=record.get("original"),
            steps=tuple(record.get("steps", ())),
        )

    def analyze(self, text: str) -> dict[str, Any]:
        """How a text is repaired, folded and divided: what to look at when a result is missing."""
        return analyze(text, self._analyzer)

    def convert(self, text: str, marks: Sequence[Mark], script: str) -> tuple[str, Sequence[Mark]]:
        """A text to show in "hans", "hant", "hant-hk", or as it is ("orig"); its marks stay exact."""
        return (text if script == "orig" else convert(text, script)), marks

    def stats(self) -> dict[str, Any]:
        """What is in the index and how it came to be."""
        return statistics(self._live.snapshot.generation)


def _heard(live: _Live, terms: Terms, matches: Matches) -> bool:
    """Whether there is enough of what was typed, and each short string somewhere as typed."""
    if matches.total < _FEW:
        return False
    (record,) = live.snapshot.records([matches.best[0].number]) if matches.best else ({"text": ""},)
    first = normalize(record["text"])
    missing = [sequence for string, sequence in terms.exact.items() if string not in first]
    return all(live.snapshot.hold("grams", missing))
