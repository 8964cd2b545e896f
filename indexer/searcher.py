"""What is found? A query against the live generation, as a page of marked hits.

A call sees one generation from beginning to end; `refresh` moves to a new one between calls.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from indexer.config import Config
from indexer.derived.suggest import LEXICON, Lexicon
from indexer.documents import Document
from indexer.engine.embedded import generations, store
from indexer.engine.embedded.generations import Generation
from indexer.errors import DocumentNotFound
from indexer.query.alternatives import Alternatives
from indexer.query.plan import Plan, Planner
from indexer.query.syntax import Gapped, Node, Phrase, parse, positive
from indexer.query.terms import Terms
from indexer.results.analysis import analyze
from indexer.results.explanation import understood
from indexer.results.highlight import Marker, make_marker, opening, snippets
from indexer.results.results import (
    DocumentView,
    Explanation,
    Hit,
    Mode,
    ResultPage,
    Snippet,
    Sort,
    Total,
)
from indexer.text.analyzer import Analyzer, grams, load_analyzer, phrase
from indexer.text.normalize import SIMPLIFIED_ONLY, TRADITIONAL_ONLY, convert, folded_query, normalize
from indexer.text.units import Mark
from indexer.text.vocabulary import load_vocabulary

MAX_WINDOW = 1_000
_FACETS = ("source", "lang", "day")
# With fewer hits than this, or where a short string is nowhere as typed, a correction is looked for.
_FEW = 3
_DOCUMENT_FIELDS = tuple(name for name in Document._fields if name != "plain")


@dataclass(frozen=True, slots=True)
class _Live:
    """A generation, the reader of its index, and how queries are planned for it."""

    generation: Generation
    reader: store.Reader
    planner: Planner
    lexicon: Lexicon
    synonyms_changed: int


class Searcher:
    """Searches the live generation. May be shared between threads.

    with Searcher.open(load_config()) as searcher:
        page = searcher.search("无锡 高新区")
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._analyzer: Analyzer = load_analyzer(config)
        self._live = self._open()

    @classmethod
    def open(cls, config: Config) -> Self:
        """Open the live generation. Raises `IndexMissing`, `IndexCorrupt` or `IndexOutdated`."""
        return cls(config)

    def _open(self) -> _Live:
        directory = self._config.index.directory
        name = generations.current_name(directory)
        changed = self._synonyms_changed()
        generation = generations.load(directory, name, self._analyzer.fingerprint)
        generations.verify(generation, store.unpickled(generation.files))
        reader = store.Reader(generation.path)
        alternatives = Alternatives(load_vocabulary(self._config.search.synonyms), reader.frequency)
        planner = Planner(self._analyzer, alternatives, generation.counts.documents)
        return _Live(generation, reader, planner, Lexicon.open(generation.path / LEXICON), changed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index files."""
        self._live.reader.close()

    def refresh(self) -> bool:
        """Move to the live generation, or to changed synonyms, if there are; whether there were.

        The reader of the old generation is closed when the last search in it is done (its files are
        mapped, and go with the last reference).
        """
        live = generations.current_name(self._config.index.directory), self._synonyms_changed()
        if live == (self._live.generation.name, self._live.synonyms_changed):
            return False
        self._live = self._open()
        return True

    def _synonyms_changed(self) -> int:
        """When the user's synonyms were last changed, in nanoseconds; 0 where there are none."""
        path = self._config.search.synonyms
        return path.stat().st_mtime_ns if path and path.exists() else 0

    @property
    def generation(self) -> str:
        """The name of the generation being searched."""
        return self._live.generation.name

    @property
    def built_at(self) -> str:
        """When it was built, ISO 8601 in UTC."""
        return self._live.generation.built_at

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
        node = parse(text, exact=mode == "exact")
        only = _only(live.reader, source, lang, (date_from, date_to), near)
        matches = live.reader.search(
            plan := live.planner.plan(node),
            limit=page * size,
            only=only,
            sort=sort,
            facets=_FACETS,
            seconds=self._config.search.deadline_s,
            collapse=collapse and not near,
        )
        ask = mode == "smart" and only is None and not _heard(live, plan.terms, matches)
        suggestion = self._suggestion(live, text) if ask else None
        shown = matches.best[(page - 1) * size :]
        given = live.reader.explain(plan, [match.number for match in shown], only, sort) if explain else ()
        hits = self._hits(shown, node, plan, given)
        took_ms = round((time.perf_counter() - started) * 1000, 3)
        told = {"page": page, "size": size, "hits": hits, "suggestion": suggestion, "took_ms": took_ms}
        return _page(live, text, plan, matches, explain, **told)

    def _hits(
        self, shown: Sequence[store.Match], node: Node | None, plan: Plan, given: Sequence[Explanation]
    ) -> tuple[Hit, ...]:
        """Matches as hits, each with its explanation where they are `given`."""
        body, title = self._markers(node, plan.terms.expansions)
        hits = tuple(_hit(match, body, title) for match in shown)
        if not given:
            return hits
        return tuple(replace(hit, explanation=each) for hit, each in zip(hits, given, strict=True))

    def _suggestion(self, live: _Live, text: str) -> str | None:
        """What was probably meant, where the index has it: Han for pinyin, or the query put right."""

        def holds(folded: str) -> bool:
            return live.reader.holds(phrase(grams(folded)))

        if spelled := live.lexicon.from_pinyin(text, 1):
            return spelled[0]
        correction = live.lexicon.correct(text, live.reader.frequency, holds, self._analyzer.word_terms)
        return _as_typed(correction.text, text) if correction else None

    def suggest(self, prefix: str, size: int = 8) -> list[str]:
        """Titles and frequent terms that continue what is typed: Han in either script, pinyin, initials."""
        return self._live.lexicon.complete(prefix, size)

    def similar(self, document_id: str, size: int = 5) -> tuple[Hit, ...]:
        """The documents most like one, best first, without near-identical ones; none for an unknown id."""
        matches = self._live.reader.similar(document_id, self._analyzer, size)
        nothing = make_marker((), self._analyzer)
        return tuple(_hit(match, nothing, nothing) for match in matches)

    def rank(self, text: str, size: int = 100) -> list[str]:
        """The ids of the best `size` documents, near-identical ones too, without snippets: for evaluation."""
        live = self._live
        matches = live.reader.search(live.planner.plan(parse(text)), limit=size)
        return [match.record["id"] for match in matches.best]

    def document(self, document_id: str, query: str = "", mode: Mode = "smart") -> DocumentView:
        """A stored document with the marks of `query`. Raises `DocumentNotFound`."""
        live = self._live
        record = live.reader.record(document_id)
        if record is None:
            raise DocumentNotFound(f"no document has the id {document_id!r}")
        node = parse(query, exact=mode == "exact")
        body, title = self._markers(node, live.planner.plan(node).terms.expansions)
        return DocumentView(
            document=Document(**{name: record[name] for name in _DOCUMENT_FIELDS}),
            marks=body.marks(record["text"]),
            title_marks=title.marks(record["title"] or ""),
            original=record.get("original"),
            steps=tuple(record.get("steps", ())),
        )

    def _markers(self, node: Node | None, expansions: frozenset[str]) -> tuple[Marker, Marker]:
        """What to mark in a body, and in a title."""
        leaves = positive(node)
        body = make_marker(leaves, self._analyzer, expansions)
        titled = any(isinstance(leaf, Phrase | Gapped) and leaf.field == "title" for leaf in leaves)
        return body, make_marker(leaves, self._analyzer, expansions, "title") if titled else body

    def analyze(self, text: str) -> dict[str, Any]:
        """How a text is repaired, folded and divided: what to look at when a result is missing."""
        return analyze(text, self._analyzer)

    def convert(self, text: str, marks: Sequence[Mark], script: str) -> tuple[str, Sequence[Mark]]:
        """A text to show in script "hans", "hant", or as it is ("orig"); its marks stay exact."""
        return (text if script == "orig" else convert(text, script)), marks

    def stats(self) -> dict[str, Any]:
        """What is in the index and how it came to be."""
        generation = self._live.generation
        counts = generation.counts
        return {
            "documents": counts.documents,
            "generation": generation.name,
            "built_at": generation.built_at,
            "fingerprint": generation.fingerprint,
            "bytes": generation.bytes,
            "seconds": counts.seconds,
            "skipped": counts.skipped,
            "repaired": counts.repaired,
            "repairs": dict(counts.repairs),
            "sources": dict(counts.sources),
            "langs": dict(counts.langs),
        }


def _page(
    live: _Live, text: str, plan: Plan, matches: store.Matches, explain: bool, **told: Any
) -> ResultPage:
    """What was found, with `told`: what only the search knows of itself."""
    folded = folded_query(text)
    return ResultPage(
        query=text,
        normalized_query=folded,
        total=Total(matches.total, "eq" if matches.exact else "gte"),
        facets=_by_year(matches.facets),
        distinct=matches.distinct,
        plan=understood(plan, folded, live.planner.weights) if explain else None,
        generation=live.generation.name,
        built_at=live.generation.built_at,
        **told,
    )


def _only(
    reader: store.Reader,
    source: str | None,
    lang: str | None,
    dates: tuple[str | None, str | None],
    near: str | None,
) -> Any:
    """All filters as one query; None where nothing narrows the search."""
    filters = [reader.source_is(source)] if source else []
    filters += [store.lang_is(lang)] if lang else []
    filters += [store.dated(*dates)] if any(dates) else []
    filters += [reader.near(near)] if near else []
    return store.all_of(filters)


def _by_year(facets: Mapping[str, Mapping[Any, int]]) -> dict[str, Mapping[str, int]]:
    """The facets of a result, with the days added up to years, the latest first."""
    years: Counter[str] = Counter()
    for day in sorted(facets["day"], reverse=True):
        years[f"{day // 10_000:04}"] += facets["day"][day]
    return {"source": facets["source"], "year": years, "lang": facets["lang"]}


def _heard(live: _Live, terms: Terms, matches: store.Matches) -> bool:
    """Whether there is enough of what was typed, and each short string somewhere as typed."""
    if matches.total < _FEW:
        return False
    first = normalize(matches.best[0].record["text"]) if matches.best else ""
    return all(string in first or live.reader.holds(sequence) for string, sequence in terms.exact.items())


def _as_typed(correction: str, typed: str) -> str:
    """A correction in the script that was typed, where that can be told."""
    if not TRADITIONAL_ONLY.isdisjoint(typed):
        return convert(correction, "hant")
    return correction if SIMPLIFIED_ONLY.isdisjoint(typed) else convert(correction, "hans")


def _hit(match: store.Match, body: Marker, title: Marker) -> Hit:
    record = match.record
    heading = record["title"] or opening(record["text"])
    marks = (title if record["title"] else body).marks(heading)
    return Hit(
        heading=Snippet(heading, marks),
        score=match.score,
        snippets=snippets(record["text"], body.find(record["text"])),
        repairs=len(record.get("steps", ())),
        near=match.near,
        **{name: record[name] for name in ("id", "title", "url", "date", "source", "author", "lang")},
    )
