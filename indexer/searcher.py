"""What is found? A query against the live state of an index, as a page of marked hits.

A call sees one state from beginning to end; `refresh` moves to a new one between calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from indexer.config import Config
from indexer.documents.document import document_of
from indexer.engine.fields import indexed_text
from indexer.engine.protocol import Sort
from indexer.errors import DocumentNotFound, IndexCorrupt
from indexer.query import nodes
from indexer.query.filters import filters
from indexer.query.likeness import telling_terms
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.query.syntax import Tree, parse
from indexer.query.terms import Terms
from indexer.results.analysis import analyze
from indexer.results.explanation import explained, understood
from indexer.results.hits import as_typed, by_year, hit, marking_of, worth_to
from indexer.results.ranked import Match, Matches, first_of_each, ranked, shares
from indexer.results.results import DocumentView, Explanation, Hit, Mode, ResultPage, Total
from indexer.states import NAMED, State, States
from indexer.text.display import convert
from indexer.text.normalize import folded_query, normalize
from indexer.text.units import Mark

MAX_WINDOW = 1_000
"""A query reaches its first so many hits: page × size stays within it."""
_FACETS = (*NAMED, "lang", "day")
# With fewer hits than this, or where a short string is nowhere as typed, a correction is looked for.
_FEW = 3
# The beginning of a document says what it is about.
_TELLING_LENGTH = 2_000
P = ParamSpec("P")
R = TypeVar("R")


def _answered(ask: Callable[Concatenate[Searcher, P], R]) -> Callable[Concatenate[Searcher, P], R]:
    """Let a question be answered from the state before where the one it was put to is damaged."""

    @wraps(ask)
    def answer(searcher: Searcher, /, *args: P.args, **kwargs: P.kwargs) -> R:
        while True:
            asked = searcher._live
            try:
                return ask(searcher, *args, **kwargs)
            except IndexCorrupt as error:
                if not searcher._leave(asked, error):
                    raise

    return answer


class Searcher:
    """Searches the live state of an index. May be shared between threads.

    with Searcher.open(load_config()) as searcher:
        page = searcher.search("无锡 高新区")
    """

    def __init__(self, config: Config, *, fall_back: bool = False) -> None:
        self._config, self._ranking, self._falls_back = config, config.ranking, fall_back
        self._states = States(config)
        self._damaged: dict[str, str] = {}
        self._leaving = Lock()
        self._live = self._first()

    @classmethod
    def open(cls, config: Config, *, fall_back: bool = False) -> Self:
        """Open the live state. Raises `IndexUnusable`, or `ConfigError` for a broken word list.

        With `fall_back` a damaged state is left for the one before it, if there is one that is sound, when it
        is opened and when damage is met in a search; `refresh` says so as long as the damaged one is live.
        """
        return cls(config, fall_back=fall_back)

    def _first(self) -> State:
        try:
            return self._states.live()
        except IndexCorrupt:
            before = self._states.before_live() if self._falls_back else None
            if before is None:
                raise
            return before

    def _leave(self, damaged: State, error: IndexCorrupt) -> bool:
        """Whether another state than a damaged one is to be asked from now on."""
        with self._leaving:
            if self._live is not damaged:
                return True
            # Not the error itself: it would hold on to what was being read.
            self._damaged[damaged.name] = str(error)
            before = self._states.before(damaged.name) if self._falls_back else None
            self._live = before or damaged
            return before is not None

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
        name, stamp = self._states.current()
        if damage := self._damaged.get(name):
            raise IndexCorrupt(damage)
        if (name, stamp) == (self._live.name, self._live.synonyms_stamp):
            return False
        self._live = self._states.live()
        self._damaged.clear()
        return True

    @property
    def state(self) -> str:
        """A token of everything that determines an answer: generation, synonyms, settings of the search.

        Two searchers of one release, in whatever process, answer alike where their tokens are equal.
        """
        return self._live.token

    @property
    def generation(self) -> str:
        """The name of the generation being searched."""
        return self._live.name

    @property
    def built_at(self) -> str:
        """When it was built, ISO 8601 in UTC."""
        return self._live.snapshot.generation.built_at

    @_answered
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
            ranking=self._ranking,
        )
        shown = matches.best[(page - 1) * size :]
        accounts = self._explained(live, plan, shown, matches) if explain else [None] * len(shown)
        ask = mode == "smart" and only is None and not _heard(live, plan.terms, matches)
        folded = folded_query(text)
        return ResultPage(
            query=text,
            normalized_query=folded,
            page=page,
            size=size,
            total=Total(matches.total, "eq" if matches.exact else "gte"),
            hits=_hits(live, tree, plan, shown, accounts),
            generation=live.name,
            built_at=live.snapshot.generation.built_at,
            suggestion=self._suggestion(live, text) if ask else None,
            facets=by_year(matches.facets),
            distinct=matches.distinct,
            plan=understood(plan, folded, self._ranking) if explain else None,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
        )

    def _explained(
        self, live: State, plan: Plan, shown: Sequence[Match], matches: Matches
    ) -> list[Explanation | None]:
        """Where the scores of matches come from, which are those of `matches` where it is by relevance."""
        numbers = [match.number for match in shown]
        if not matches.head:
            return [Explanation(()) for _ in numbers]
        accounts = live.snapshot.explain(plan.query, numbers)
        again = zip(*shares(live.snapshot, plan.terms, numbers, self._ranking), strict=True)
        return [
            explained(
                account,
                plan.terms,
                share if number in matches.head else (0.0, 0.0, 0.0),
                matches.top,
                self._ranking,
            )
            for number, account, share in zip(numbers, accounts, again, strict=True)
        ]

    def _suggestion(self, live: State, text: str) -> str | None:
        """What was probably meant, where the index has it: Han for pinyin, or the query put right."""
        if spelled := live.lexicon.from_pinyin(text, 1):
            return spelled[0]
        correction = live.lexicon.correct(text, live.frequency, live.holds, live.analyzer.word_terms)
        return as_typed(correction.text, text) if correction else None

    @_answered
    def suggest(self, prefix: str, size: int = 8) -> list[str]:
        """Titles and frequent terms that continue what is typed: Han in either script, pinyin, initials."""
        return self._live.lexicon.complete(prefix, size)

    @_answered
    def similar(self, document_id: str, size: int = 5) -> tuple[Hit, ...]:
        """The documents most like one, best first, without near-identical ones; none for an unknown id."""
        live, snapshot = self._live, self._live.snapshot
        if (number := snapshot.number(document_id)) is None:
            return ()
        text = indexed_text(snapshot.records([number])[0])[:_TELLING_LENGTH]
        query = nodes.Without(_telling(live, text), nodes.Alike(document_id))
        found = snapshot.search(query, limit=size * 4)
        places = list(first_of_each(range(len(found.documents)), found.leaders))[:size]
        records = snapshot.records([found.documents[place] for place in places])
        marking = marking_of(None, live.analyzer)
        return tuple(
            hit(Match(found.documents[place], round(found.scores[place], 6)), record, marking)
            for place, record in zip(places, records, strict=True)
        )

    @_answered
    def scored(self, text: str, size: int = 100) -> list[tuple[str, float]]:
        """Ids and scores of the best `size` documents, near-identical ones too, without snippets."""
        live = self._live
        matches = ranked(live.snapshot, live.planner.plan(parse(text)), limit=size, ranking=self._ranking)
        ids = live.ids([match.number for match in matches.best])
        return list(zip(ids, (match.score for match in matches.best), strict=True))

    def rank(self, text: str, size: int = 100) -> list[str]:
        """The ids of the best `size` documents, near-identical ones too: for evaluation."""
        return [document for document, _ in self.scored(text, size)]

    @_answered
    def document(self, document_id: str, query: str = "", mode: Mode = "smart") -> DocumentView:
        """A stored document with the marks of `query`. Raises `DocumentNotFound`."""
        live = self._live
        number = live.snapshot.number(document_id)
        if number is None:
            raise DocumentNotFound(f"no document has the id {document_id!r}")
        (record,) = live.snapshot.records([number])
        tree = parse(query, exact=mode == "exact")
        marking = marking_of(tree, live.analyzer, live.planner.plan(tree).terms.expansions)
        return DocumentView(
            document=document_of(record),
            marks=marking.body.marks(record["text"]),
            title_marks=marking.title.marks(record["title"] or ""),
            original=record.get("original"),
            steps=tuple(record.get("steps", ())),
        )

    def analyze(self, text: str) -> dict[str, Any]:
        """How a text is repaired, folded and divided: what to look at when a result is missing."""
        return analyze(text, self._live.analyzer)

    def convert(self, text: str, marks: Sequence[Mark], script: str) -> tuple[str, Sequence[Mark]]:
        """A text to show in "hans", "hant", "hant-hk", or as it is ("orig"); its marks stay exact."""
        return (text if script == "orig" else convert(text, script)), marks

    def stats(self) -> dict[str, Any]:
        """What is in the index and how it came to be."""
        return dict(self._live.statistics)


def _hits(
    live: State,
    tree: Tree | None,
    plan: Plan,
    matches: Sequence[Match],
    accounts: Sequence[Explanation | None],
) -> tuple[Hit, ...]:
    """Matches with their records, marked, and where their scores come from."""
    marking = marking_of(tree, live.analyzer, plan.terms.expansions, worth_to(plan.terms, live.snapshot))
    records = live.snapshot.records([match.number for match in matches])
    return tuple(
        hit(match, record, marking, account)
        for match, record, account in zip(matches, records, accounts, strict=True)
    )


def _telling(live: State, text: str) -> Node:
    """What finds documents about the same: a text's words, or where those lead nowhere its pairs."""
    documents = live.snapshot.generation.counts.documents
    for field, terms in (
        ("words", live.analyzer.word_terms(text)),
        ("grams", live.analyzer.grams(text).terms),
    ):
        different = list(dict.fromkeys(terms))
        holding = dict(zip(different, live.snapshot.frequencies(field, different), strict=True))
        if told := telling_terms(terms, holding.__getitem__, documents):
            return nodes.AnyOf(tuple(nodes.Term(field, term, weight) for term, weight in told.items()))
    return nodes.Nothing()


def _heard(live: State, terms: Terms, matches: Matches) -> bool:
    """Whether there is enough of what was typed, and each short string somewhere as typed."""
    if matches.total < _FEW:
        return False
    (record,) = live.snapshot.records([matches.best[0].number]) if matches.best else ({"text": ""},)
    first = normalize(record["text"])
    missing = [sequence for string, sequence in terms.exact.items() if string not in first]
    return all(live.snapshot.hold("grams", missing))
