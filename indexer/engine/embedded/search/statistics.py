"""Where are a term's postings in each segment, and what does it weigh in all? Remembered between queries.

`TermStatistics` belong to one snapshot, whose parameters never change. Threads may share them: what one finds
anew another may find too, and both find the same.
"""

from __future__ import annotations

from typing import NamedTuple

from indexer.arrays import Section
from indexer.config import RankingSettings
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.view import Span, View
from indexer.engine.fields import is_scored
from indexer.query.ranking import RANKING, Scale, inverse_frequency

UNIT = 2.0**32
"""What a score of 1 is in the integers that scores are added up in."""
# Queries repeat terms; remembering where those stand takes some 2 MB.
MAX_KNOWN_TERMS = 1 << 13
Table = tuple[Section, Section, Section]
"""The sorted terms of a field in a segment, and where the postings of each start."""


class Known(NamedTuple):
    """A term: for each segment its postings, how many documents hold it, what it weighs, in units."""

    spans: list[Span]
    documents: int
    weight: float


class TermStatistics:
    """The terms of a collection, as `ranking` weighs them; with a `view` as if it held no other documents."""

    def __init__(
        self, collection: Collection, ranking: RankingSettings = RANKING, view: View | None = None
    ) -> None:
        self.collection, self.ranking, self.view = collection, ranking, view
        self.count = collection.count if view is None else view.count
        self._terms: dict[tuple[str, str], Known] = {}
        self._fields: dict[str, tuple[list[Table], Scale | None]] = {}

    def term(self, name: str, text: str) -> Known:
        """A term of a field."""
        found = self._terms.get((name, text))
        if found is None:
            term, find = text.encode("utf-8", "surrogatepass"), active().find_span
            spans = [find(blob, offsets, starts, term) for blob, offsets, starts in self._field(name)[0]]
            if self.view is None:
                documents = sum([end - start for start, end in spans])
            else:
                documents = self.view.holding(name, spans)
            if len(self._terms) >= MAX_KNOWN_TERMS:
                self._terms.clear()
            found = self._terms[name, text] = Known(spans, documents, self.weight(name, documents))
        return found

    def weight(self, name: str, documents: int) -> float:
        """What a term of a field that so many documents hold weighs, in units."""
        scale = self.scale(name)
        if scale is None:
            return UNIT
        return UNIT * inverse_frequency(documents, self.count) * (scale.k1 + 1)

    def scale(self, name: str) -> Scale | None:
        """How a field is scored, None for one that is not."""
        return self._field(name)[1]

    def _field(self, name: str) -> tuple[list[Table], Scale | None]:
        found = self._fields.get(name)
        if found is None:
            parts = [leaf.postings(name) for leaf in self.collection.leaves]
            average = (self.view or self.collection).average_length
            scale = Scale.of(self.ranking, average(name)) if is_scored(name) else None
            found = self._fields[name] = [(part.blob, part.offsets, part.starts) for part in parts], scale
        return found
