"""What do people do in an archive besides searching it? They see when, how a word is used, and take it along.

Nothing here is limited to the first hits. **What may be read at all is said in one place, `_only`**: every
answer about several documents passes through it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal, Unpack

from indexer.config import Config
from indexer.engine.answers import Found, Standing
from indexer.engine.protocol import Sort
from indexer.errors import TooManyPlaces
from indexer.live import OpenIndex, answered
from indexer.query import nodes
from indexer.query.filters import Narrowing, filters
from indexer.query.nodes import Node
from indexer.query.plan import Plan
from indexer.query.syntax import Tree, parse
from indexer.recent import Recent
from indexer.results import concordance as lines
from indexer.results.concordance import Concordance, KeywordLine, LineSort, Order, Unit
from indexer.results.every import Asked, every_match, listed
from indexer.results.facets import Facets, facets_of
from indexer.results.keywords import Keywords, keywords_of
from indexer.results.results import Hit, Mode
from indexer.results.timeline import Timeline, timeline
from indexer.results.usage import Usage, by_year, collocates
from indexer.states import State

MAX_WINDOW = 1_000
"""A query reaches its first so many hits: page × size stays within it."""
COUNTED = ("collection", "source", "author", "lang", "kind", "day")
"""The fields that documents are counted by."""
_ORDERS_KEPT = 4


class ReadingRoom(OpenIndex):
    """Answers about all that a search finds. State: the orders of lines that were asked for last."""

    def __init__(self, config: Config, *, fall_back: bool = False) -> None:
        super().__init__(config, fall_back=fall_back)
        self._orders = Recent[Hashable, Order](_ORDERS_KEPT)

    def _only(self, live: State, narrowing: Narrowing, apart: str = "") -> Node | None:
        """What a document must satisfy to be read at all."""
        return filters(live.names, narrowing, apart=apart)

    @answered
    def count(self, text: str, mode: Mode = "smart", **narrowing: Unpack[Narrowing]) -> int:
        """How many documents a search finds."""
        live = self._live
        plan, seconds = planned(live, parse(text, exact=mode == "exact")), self._config.search.deadline_s
        return live.snapshot.search(
            plan.query, limit=0, only=self._only(live, narrowing), sort="id", seconds=seconds
        ).total

    @answered
    def timeline(self, text: str, mode: Mode = "smart", **narrowing: Unpack[Narrowing]) -> Timeline:
        """When what a search finds is from, by years, months or days; a blank text counts all documents."""
        found = self._counts(text, mode, ("day",), narrowing)
        return timeline(found.facets["day"], found.total)

    @answered
    def facets(
        self, text: str, mode: Mode = "smart", *, apart: str = "", **narrowing: Unpack[Narrowing]
    ) -> Facets:
        """How many of what a search finds have each value of each facet, the most frequent first.

        `apart` is a facet that does not narrow meanwhile, so that its other values are counted too.
        """
        field = "day" if apart == "year" else apart
        return facets_of(self._counts(text, mode, COUNTED, narrowing, field).facets, most=None)

    def _counts(
        self, text: str, mode: Mode, fields: Sequence[str], narrowing: Narrowing, apart: str = ""
    ) -> Found:
        live = self._live
        plan, only = planned(live, parse(text, exact=mode == "exact")), self._only(live, narrowing, apart)
        seconds = self._config.search.deadline_s
        return live.snapshot.search(plan.query, limit=0, only=only, sort="id", facets=fields, seconds=seconds)

    @answered
    def concordance(
        self,
        text: str,
        *,
        sort: LineSort = "document",
        page: int = 1,
        size: int = lines.LINES_ON_A_PAGE,
        by: int = 1,
        unit: Unit = "character",
        mode: Mode = "smart",
        **narrowing: Unpack[Narrowing],
    ) -> Concordance:
        """A page of the places where what is typed stands; `page` counts from 1.

        Each word and each phrase is looked for as it is typed, in any script; a query of several, or with
        operators, says which documents are looked through. In the order of what is `left` or `right`, the
        first `by` characters or words beside it count. Raises `TooManyPlaces` for more than
        `concordance.MOST_SORTED` in such an order, `QueryTooLong`, `DeadlineExceeded`.
        """
        live = self._live
        keywords, found = self._places(live, text, mode, "date_asc" if sort == "date" else "id", narrowing)
        total, first = sum(found.times), (page - 1) * size
        if sort in ("document", "date") or not total:
            shown: Sequence[KeywordLine] = (
                lines.page_of(live.snapshot, keywords, found, first, size) if total else ()
            )
        else:
            if total > lines.MOST_SORTED:
                most = f"at most {lines.MOST_SORTED:,}; narrow the search, or take the order of documents"
                raise TooManyPlaces(f"{total:,} places are too many for this order: {most}")
            asked = live.token, text, mode, sort, by, unit, repr(sorted(narrowing.items()))
            words = live.analyzer.word_terms if unit == "word" else None
            order = self._orders.of(
                asked, lambda: lines.beside(live.snapshot, keywords, found, sort == "left", by, words)
            )
            shown = [*lines.page_in_order(live.snapshot, keywords, order, first, size)]
        return Concordance(text, total, len(found.documents), page, size, sort, tuple(shown))

    @answered
    def lines(
        self, text: str, *, most: int | None, mode: Mode = "smart", **narrowing: Unpack[Narrowing]
    ) -> Iterator[KeywordLine]:
        """The first `most` places, or all, where what is typed stands, in the order of documents."""
        live = self._live
        keywords, found = self._places(live, text, mode, "id", narrowing)
        return islice(lines.lines_of(live.snapshot, keywords, found.documents), most)

    @answered
    def usage(self, text: str, mode: Mode = "smart", **narrowing: Unpack[Narrowing]) -> Usage:
        """What stands beside what is typed more often than by chance; how often it stands in each year."""
        live = self._live
        keywords, found = self._places(live, text, mode, "id", narrowing)
        words, read = collocates(live.snapshot, keywords, found, live.analyzer.word_terms)
        years, undated = by_year(
            live.snapshot, found, live.snapshot.volumes("day", self._only(live, narrowing))
        )
        return Usage(sum(found.times), read, tuple(words), tuple(years), undated)

    def _places(
        self, live: State, text: str, mode: Mode, sort: Literal["id", "date_asc"], narrowing: Narrowing
    ) -> tuple[Keywords, Standing]:
        """What a concordance looks for, and the documents that hold it."""
        tree, only = parse(text, exact=mode == "exact"), self._only(live, narrowing)
        keywords, seconds = keywords_of(tree), self._config.search.deadline_s
        if not keywords.condition:
            return keywords, lines.places_in(live.snapshot, keywords, only, sort, seconds)
        matching = live.plan(keywords.condition).query
        if not keywords.rows:
            both = nodes.AllOf((matching, only)) if only else matching
            return keywords, lines.places_in(live.snapshot, keywords, both, sort, seconds)
        batches = live.snapshot.every(matching, only=only, sort=sort, seconds=seconds)
        read = (found.documents for found in batches)
        return keywords, lines.read_places(read, live.snapshot, keywords)

    @answered
    def every(
        self,
        text: str,
        *,
        mode: Mode = "smart",
        sort: Sort = "relevance",
        collapse: bool = True,
        **narrowing: Unpack[Narrowing],
    ) -> Iterator[Hit]:
        """All hits of a search, one by one, in its order; see `Searcher.search`."""
        live, tree = self._live, parse(text, exact=mode == "exact")
        asked = Asked(
            planned(live, tree),
            self._only(live, narrowing),
            ordered_by(tree, sort),
            collapse and tree is not None and not narrowing.get("near"),
            self._config.search.deadline_s,
        )
        return listed(live.snapshot, every_match(live.snapshot, asked, self._config.ranking))


def planned(live: State, tree: Tree | None) -> Plan:
    """The plan of a query; of a blank one that of every document."""
    plan = live.plan(tree)
    return plan if tree else replace(plan, query=nodes.Everything())


def ordered_by(tree: Tree | None, sort: Sort) -> Sort:
    """The order of what is listed is never relevance."""
    return "date_desc" if tree is None and sort == "relevance" else sort
