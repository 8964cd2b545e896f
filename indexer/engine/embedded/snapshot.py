"""How is an opened generation asked? Arrays, groups and stored records behind the promises of `Snapshot`."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays import Array
from indexer.config import RankingSettings
from indexer.derived.duplicates import COLUMNS, Groups
from indexer.engine.answers import Account, Chain, Found, Standing
from indexer.engine.embedded.arrays.postings import lengths_of
from indexer.engine.embedded.search.chaining import chains
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.evaluator import Evaluator
from indexer.engine.embedded.search.explaining import explained
from indexer.engine.embedded.search.frequencies import document_frequencies, occurrences, totals
from indexer.engine.embedded.search.proximity import shares
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.selection import Search, allowed_in, facet, ordered
from indexer.engine.embedded.search.standing import characters, standing
from indexer.engine.embedded.search.statistics import UNIT, TermStatistics
from indexer.engine.embedded.search.view import View
from indexer.engine.embedded.whoosh.index import segment_files
from indexer.engine.fields import FIELDS, Record, indexed_text, is_scored
from indexer.engine.protocol import Counts, Generation, Sort
from indexer.engine.shares import Share
from indexer.errors import NotPermitted
from indexer.query.nodes import Everything, Node
from indexer.query.plan import in_sequence
from indexer.query.ranking import RANKING
from indexer.text.analysis import NAME as ANALYSIS

_BATCH = 1000
_ODD, _LAST = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF


class EmbeddedSnapshot:
    """The index in `path`; the files stay mapped as long as anything of them is used."""

    def __init__(
        self,
        path: Path,
        generation: Generation,
        ranking: RankingSettings = RANKING,
        vouch: Callable[[str], None] = lambda name: None,
    ) -> None:
        """`vouch` raises `IndexCorrupt` where a file is not as it was published."""
        self.generation = generation
        self._path, self._vouch = path, vouch
        self.collection = Collection(segment_files(path))
        self._statistics = TermStatistics(self.collection, ranking)
        self._groups = Groups(path)
        self._view: View | None = None

    def within(self, only: Node) -> EmbeddedSnapshot:
        """See `Snapshot.within`."""
        parts = (Evaluator(self._request(), at, self._alike) for at in range(len(self.collection.leaves)))
        marks = [allowed for part in parts if (allowed := allowed_in(part, only)) is not None]
        view = View(self.collection, marks)
        found = copy(self)
        found._view = view
        found._statistics = TermStatistics(self.collection, self._statistics.ranking, view)
        for name in filter(is_scored, FIELDS):
            # To add up lengths takes longer than a search may.
            found._statistics.scale(name)
        found._groups = self._groups.within(view.all_marks, self.id_ranks())
        found.generation = replace(self.generation, counts=Counts(documents=view.count), bytes=0)
        return found

    def documents(self) -> Array:
        """The numbers of all documents that there are to give, ascending: none that is deleted."""
        return self.collection.living() if self._view is None else self._view.documents

    def _has(self, number: int) -> bool:
        """Whether a document is one of those."""
        leaf = self.collection.leaf_of(number)
        if self._view is not None:
            return self._view.has(number)
        return leaf.alive is None or bool(leaf.alive[number - leaf.base])

    def search(
        self,
        query: Node,
        *,
        limit: int,
        only: Node | None = None,
        sort: Sort = "relevance",
        facets: Sequence[str] = (),
        copies: bool = False,
        again: Sequence[Share] = (),
        seconds: float | None = None,
    ) -> Found:
        """See `Snapshot.search`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        request, keep_all = self._request(deadline), copies or bool(facets)
        found = Search(request, query, limit, only, sort, self._alike, keep_all).selected()
        documents: list[int] = found.documents.tolist()
        counted: dict[str, Mapping[str | int, int]] = {}
        if found.matching is not None:
            counted = {name: facet(self.collection, name, found.matching) for name in facets}
        repeated = self._groups.counts(found.matching) if copies else {}
        scores: list[float] = (found.units / UNIT).tolist()
        leaders = self._groups.leaders(documents)
        return Found(documents, scores, found.total, found.exact, counted, leaders, repeated)

    def _request(self, deadline: float | None = None) -> Request:
        return Request(self._statistics, deadline)

    def every(
        self, query: Node, *, only: Node | None = None, sort: Sort = "id", seconds: float | None = None
    ) -> Iterator[Found]:
        """See `Snapshot.every`."""
        request = self._request(None if seconds is None else time.monotonic() + seconds)
        found = Search(request, query, self.collection.count, only, sort, self._alike).selected()
        for start in range(0, len(found.documents), _BATCH):
            documents: list[int] = found.documents[start : start + _BATCH].tolist()
            scores: list[float] = (found.units[start : start + _BATCH] / UNIT).tolist()
            yield Found(documents, scores, found.total, found.exact, {}, self._groups.leaders(documents))

    def standing(
        self,
        field: str,
        sequences: Sequence[Sequence[str]],
        *,
        only: Node | None = None,
        sort: Sort = "id",
        seconds: float | None = None,
    ) -> Standing:
        """See `Snapshot.standing`."""
        request = self._request(None if seconds is None else time.monotonic() + seconds)
        docs, times = standing(request, self._alike, field, sequences, only)
        order = ordered(self.collection, docs, sort)
        return Standing(_compact(order), _compact(times[np.searchsorted(docs, order)]))

    def numbers(self, field: str, documents: Sequence[int]) -> list[int]:
        """See `Snapshot.numbers`."""
        values, places = self.collection.ordinals(field)
        return [int(values[place]) for place in places[np.asarray(documents, np.int64)].tolist()]

    def volumes(self, by: str, only: Node | None = None) -> Mapping[str | int, int]:
        """See `Snapshot.volumes`."""
        found = Search(
            self._request(), only or Everything(), 0, alike=self._alike, all_matching=True
        ).selected()
        assert found.matching is not None
        return facet(self.collection, by, found.matching, self._characters)

    @cached_property
    def _characters(self) -> Array:
        return characters(self.collection, "grams")

    def _alike(self, document_id: str) -> Array:
        """The documents that are near-identical to one, itself among them; none for an unknown id."""
        number = self.number(document_id)
        return np.array([] if number is None else self._groups.members(number), np.int64)

    def explain(self, query: Node, documents: Sequence[int]) -> list[Account]:
        """See `Snapshot.explain`."""
        return explained(self._request(), query, self._alike, documents)

    def shares(self, asked: Sequence[Share], documents: Sequence[int]) -> list[list[float]]:
        """See `Snapshot.shares`."""
        return shares(self._statistics, asked, documents)

    def frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """See `Snapshot.frequencies`."""
        return self._statistics.frequencies(field, terms)

    def hold(self, field: str, sequences: Sequence[Sequence[str]]) -> list[bool]:
        """See `Snapshot.hold`."""
        nodes = (in_sequence(field, tuple(terms), 0.0) for terms in sequences)
        return [Search(self._request(), node, 1, count=False).selected().total > 0 for node in nodes]

    def totals(self, field: str, terms: Sequence[str]) -> tuple[list[int], int]:
        """See `Snapshot.totals`."""
        return totals(self._statistics, field, terms)

    def chains(
        self,
        field: str,
        terms: Sequence[str],
        *,
        limit: int,
        most: int,
        only: Node | None = None,
        seconds: float | None = None,
    ) -> list[Chain]:
        """See `Snapshot.chains`."""
        request = self._request(None if seconds is None else time.monotonic() + seconds)
        parts = [Evaluator(request, number, self._alike) for number in range(len(self.collection.leaves))]
        allowed = [allowed_in(part, only) for part in parts]
        return chains(request, field, terms, limit, most, allowed)

    def number(self, document_id: str) -> int | None:
        """See `Snapshot.number`."""
        for leaf, (start, end) in zip(
            self.collection.leaves, self._statistics.term("id", document_id).spans, strict=True
        ):
            if end > start:
                number = leaf.base + int(leaf.postings("id").docs(start, end)[0])
                if self._has(number):
                    return number
        return None

    def ids(self, documents: Sequence[int]) -> list[str]:
        """See `Snapshot.ids`."""
        self._permit(documents)
        return self.collection.ids(documents)

    def _permit(self, documents: Sequence[int]) -> None:
        if self._view is not None and not all(map(self._view.has, documents)):
            raise NotPermitted("a document is none of those that may be seen")

    def records(self, documents: Sequence[int]) -> list[Record]:
        """See `Snapshot.records`."""
        self._permit(documents)
        leaves = map(self.collection.leaf_of, documents)
        return [
            leaf.stored.record(number - leaf.base) for leaf, number in zip(leaves, documents, strict=True)
        ]

    def scan(self) -> Iterator[Record]:
        """See `Snapshot.scan`."""
        for number in self.documents().tolist():
            yield from self.records([number])

    def values(self, field: str) -> Mapping[str, int]:
        """See `Snapshot.values`."""
        counts = facet(self.collection, field, self.documents())
        return {str(value): count for value, count in counts.items()}

    def vocabulary(
        self, field: str, *, longest: int | None = None, most: int | None = None
    ) -> Mapping[str, int]:
        """See `Snapshot.vocabulary`."""
        return document_frequencies(self.collection, field, longest=longest, most=most, view=self._view)

    def occurrences(self, field: str) -> Mapping[str, int]:
        """See `Snapshot.occurrences`."""
        return occurrences(self.collection, field, self._view)

    def sample(self, characters: int) -> Iterator[str]:
        """See `Snapshot.sample`."""
        documents = self.documents()
        sketches, lengths = (column[documents] for column in self.fingerprints())
        # Alike texts have alike fingerprints; times an odd number they are far apart.
        scattered = sketches[:, 0].astype("u8") * _ODD
        scattered[scattered == 0] = _LAST  # short notes have no fingerprint
        order = scattered.argsort(kind="stable")
        # A character and the pair it opens are two grams. Of equal fingerprints all are in, or none.
        over = lengths[order].cumsum().searchsorted(2 * characters, "right")
        chosen = scattered < scattered[order[over]] if over < len(order) else lengths > 0
        return map(self.text, documents[chosen.nonzero()[0]].tolist())

    def text(self, number: int) -> str:
        """The indexed text of a document."""
        return indexed_text(self.records([number])[0])

    def fingerprints(self) -> tuple[Array, Array]:
        """The fingerprint of every document (int64, two columns), and how many grams each has (0: none).

        The numbers are rounded as lengths are. Deleted documents have theirs too.
        """
        count = self.collection.size
        sketches, lengths = np.zeros((count, 2), np.int64), np.zeros(count, np.int64)
        for leaf in self.collection.leaves:
            here = slice(leaf.base, leaf.base + leaf.count)
            grams = leaf.postings("grams").lengths
            if grams is not None:
                lengths[here] = lengths_of(grams)
            for place, name in enumerate(COLUMNS):
                column = leaf.column(name)
                if column is not None and column.numbers is not None:
                    sketches[here, place] = column.numbers
        return sketches, lengths

    def id_ranks(self) -> Array:
        """For each document the place of its id among all ids; deleted ones have theirs too."""
        return self.collection.ranks_of(np.arange(self.collection.size))

    def attachment(self, name: str) -> Path:
        """See `Snapshot.attachment`."""
        if self._view is not None and name != ANALYSIS:
            raise NotPermitted(f"{name}: was read off all documents, and some may not be seen")
        self._vouch(name)
        return self._path / name

    def close(self) -> None:
        """See `Snapshot.close`; the mappings end with the last array that uses them."""


def _compact(numbers: Array) -> array[int]:
    """Numbers of at most 32 bits, four bytes each."""
    return array("I", numbers.astype(np.uint32).tobytes())
