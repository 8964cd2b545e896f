"""What is found? A query against the live state of an index, as a page of marked hits.

A call sees one state from beginning to end; `refresh` moves to a new one between calls. A blank query lists
documents. What a call may read at all is said in one place, `ReadingRoom._only`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from indexer.documents.document import document_of
from indexer.engine.fields import indexed_text
from indexer.engine.protocol import Sort
from indexer.errors import DocumentNotFound
from indexer.live import answered
from indexer.query import nodes
from indexer.query.filters import Narrowing, narrowed_fields
from indexer.query.likeness import telling_terms
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.query.syntax import Tree, parse
from indexer.query.terms import Terms
from indexer.reading import COUNTED, MAX_WINDOW, ReadingRoom, ordered_by, planned
from indexer.results.analysis import analyze
from indexer.results.explanation import explained, understood
from indexer.results.facets import facets_of
from indexer.results.hits import as_typed, hit, marking_of, worth_to
from indexer.results.ranked import Match, Matches, first_of_each, ranked, shares
from indexer.results.results import DocumentView, Explanation, Hit, Mode, ResultPage, Total
from indexer.results.timeline import timeline
from indexer.states import State
from indexer.text.display import convert
from indexer.text.normalize import folded_query, normalize
from indexer.text.units import Mark

if TYPE_CHECKING:
    from indexer.trace import Reuse, Traced

# With fewer hits than this, or where a short string is nowhere as typed, a correction is looked for.
_FEW = 3
# The beginning of a document says what it is about.
_TELLING_LENGTH = 2_000


class Searcher(ReadingRoom):
    """Searches the live state of an index. May be shared between threads.

    with Searcher.open(load_config()) as searcher:
        page = searcher.search("无锡 高新区")
    """

    @answered
    def search(
        self,
        text: str,
        *,
        page: int = 1,
        size: int = 10,
        mode: Mode = "smart",
        sort: Sort = "relevance",
        collapse: bool = True,
        explain: bool = False,
        around: bool = False,
        **narrowing: Unpack[Narrowing],
    ) -> ResultPage:
        """Search; `page` counts from 1, and `page * size` is at most 1,000.

        `mode="exact"` takes the whole text as one phrase. A blank text lists documents, the newest first
        where they are to be in order of relevance. Of near-identical documents only the best is a hit, unless
        `collapse` is False or documents are listed; with `near`, the id of a document, all that are
        near-identical to it are searched, each a hit. `explain` says of each hit where its score comes from,
        and of the page how the query was understood. With `around` a facet that narrows is counted as if it
        did not, so that its other values are there to be chosen.
        Raises `QueryTooLong` for more than 256 characters, ValueError for a page beyond the first 1,000 hits.
        """
        if page * size > MAX_WINDOW:
            raise ValueError(f"page {page} of {size} hits: a query reaches its first {MAX_WINDOW:,} hits")
        started = time.perf_counter()
        live = self._live
        tree = parse(text, exact=mode == "exact")
        plan = planned(live, tree)
        only, order = self._only(live, narrowing), ordered_by(tree, sort)
        once = collapse and tree is not None and not narrowing.get("near")
        matches = self._matches(live, tree, plan, only, order, once, page * size)
        shown = matches.best[(page - 1) * size :]
        accounts = self._explained(live, plan, shown, matches) if explain else [None] * len(shown)
        hits = _hits(live, tree, plan, shown, accounts)
        ask = bool(tree) and mode == "smart" and only is None and not _heard(live, plan.terms, matches)
        folded = folded_query(text)
        counts = {**matches.facets, **(self._around(live, plan, narrowing) if around else {})}
        facets = facets_of(counts)
        return ResultPage(
            query=text,
            normalized_query=folded,
            page=page,
            size=size,
            total=Total(matches.total, "eq" if matches.exact else "gte"),
            hits=hits,
            generation=live.name,
            built_at=live.snapshot.generation.built_at,
            suggestion=self._suggestion(live, text) if ask else None,
            facets=facets.counts,
            values=facets.values,
            timeline=timeline(counts["day"], matches.total),
            distinct=matches.distinct,
            plan=understood(plan, folded, self._config.ranking) if explain else None,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
        )

    def _matches(
        self,
        live: State,
        tree: Tree | None,
        plan: Plan,
        only: Node | None,
        order: Sort,
        once: bool,
        limit: int,
    ) -> Matches:
        """The first matches of a plan; what the last searches found is not looked for again."""
        return ranked(
            live.snapshot,
            plan,
            limit=limit,
            only=only,
            sort=order,
            facets=COUNTED,
            seconds=self._config.search.deadline_s,
            collapse=once,
            ranking=self._config.ranking,
            keep=lambda fetched, find: live.searches.of((tree, only, order, once, fetched), find),
        )

    def _around(self, live: State, plan: Plan, narrowing: Narrowing) -> dict[str, Mapping[str | int, int]]:
        """The counts of each field that narrows, as if it alone did not."""
        seconds = self._config.search.deadline_s
        return {
            field: live.snapshot.search(
                plan.query,
                limit=0,
                only=self._only(live, narrowing, field),
                sort="id",
                facets=(field,),
                seconds=seconds,
            ).facets[field]
            for field in narrowed_fields(narrowing)
        }

    def _explained(
        self, live: State, plan: Plan, shown: Sequence[Match], matches: Matches
    ) -> list[Explanation | None]:
        """Where the scores of matches come from, which are those of `matches` where it is by relevance."""
        numbers = [match.number for match in shown]
        if not matches.head:
            return [Explanation(()) for _ in numbers]
        accounts = live.snapshot.explain(plan.query, numbers)
        again = zip(*shares(live.snapshot, plan.terms, numbers, self._config.ranking), strict=True)
        return [
            explained(
                account,
                plan.terms,
                share if number in matches.head else (0.0, 0.0, 0.0),
                matches.top,
                self._config.ranking,
            )
            for number, account, share in zip(numbers, accounts, again, strict=True)
        ]

    def _suggestion(self, live: State, text: str) -> str | None:
        """What was probably meant, where the index has it: Han for pinyin, or the query put right."""
        if spelled := live.lexicon.from_pinyin(text, 1):
            return spelled[0]
        words = live.analyzer.word_terms
        correction = live.lexicon.correct(text, live.frequency, live.holds, words, live.frequencies)
        return as_typed(correction.text, text) if correction else None

    @answered
    def suggest(self, prefix: str, size: int = 8, script: str = "orig") -> list[str]:
        """Titles and frequent terms that continue what is typed: Han in either script, pinyin, initials.

        They come in the script that was typed; where that says nothing, in `script`, or as they are. What
        differs in nothing but its script comes once.
        """
        found = self._live.lexicon.complete(prefix, 2 * size)
        once = {normalize(each): as_typed(each, prefix, script) for each in reversed(found)}
        return [*reversed(once.values())][:size]

    def initial(self, name: str) -> str:
        """The letter, A to Z, that a name is filed under by its pinyin or its own first letter; else "#"."""
        return self._live.lexicon.initial(name)

    @answered
    def typical(self, size: int, script: str = "orig") -> list[str]:
        """Words that say what this archive is about, in a script to show them in.

        Of those that are in many documents the ones that are least usual in the language.
        """
        live = self._live
        words = live.lexicon.typical(12 * size)
        telling = sorted(words, key=live.analyzer.surprise, reverse=True)[:size]
        return [as_typed(each, "", script) for each in telling]

    @answered
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

    @answered
    def scored(self, text: str, size: int = 100) -> list[tuple[str, float]]:
        """Ids and scores of the best `size` documents, near-identical ones too, without snippets."""
        live = self._live
        matches = ranked(live.snapshot, live.plan(parse(text)), limit=size, ranking=self._config.ranking)
        ids = live.snapshot.ids([match.number for match in matches.best])
        return list(zip(ids, (match.score for match in matches.best), strict=True))

    def rank(self, text: str, size: int = 100) -> list[str]:
        """The ids of the best `size` documents, near-identical ones too: for evaluation."""
        return [document for document, _ in self.scored(text, size)]

    @answered
    def document(self, document_id: str, query: str = "", mode: Mode = "smart") -> DocumentView:
        """A stored document with the marks of `query`. Raises `DocumentNotFound`."""
        live = self._live
        number = live.snapshot.number(document_id)
        if number is None:
            raise DocumentNotFound(f"no document has the id {document_id!r}")
        (record,) = live.snapshot.records([number])
        tree = parse(query, exact=mode == "exact")
        marking = marking_of(tree, live.analyzer, live.plan(tree).terms.expansions)
        return DocumentView(
            document=document_of(record),
            marks=marking.body.marks(record["text"]),
            title_marks=marking.title.marks(record["title"] or ""),
            original=record.get("original"),
            steps=tuple(record.get("steps", ())),
        )

    @answered
    def trace(self, text: str, **narrowing: Unpack[Narrowing]) -> Traced:
        """Where a passage of at most 5,000 characters, or part of it, stands. Raises `PassageRefused`."""
        # A search needs neither repair nor alignment: who traces loads them.
        from indexer.trace import trace

        live = self._live
        only, seconds = self._only(live, narrowing), self._config.search.deadline_s
        return trace(text, live.snapshot, only=only, seconds=seconds)

    def reuses(self, **narrowing: Unpack[Narrowing]) -> Iterator[Reuse]:
        """The passages that documents share with one another, near-identical ones as one."""
        from indexer.trace import reuses

        live = self._live
        return reuses(live.snapshot, self._only(live, narrowing))

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
            return nodes.Bag(field, told)
    return nodes.Nothing()


def _heard(live: State, terms: Terms, matches: Matches) -> bool:
    """Whether there is enough of what was typed, and each short string somewhere as typed."""
    if matches.total < _FEW:
        return False
    (record,) = live.snapshot.records([matches.best[0].number]) if matches.best else ({"text": ""},)
    first = normalize(record["text"])
    missing = [sequence for string, sequence in terms.exact.items() if string not in first]
    return all(live.snapshot.hold("grams", missing))
