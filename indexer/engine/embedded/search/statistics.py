"""Where are a term's postings in each segment, and what does it weigh in all? Remembered between queries.

`TermStatistics` belong to one snapshot, whose parameters never change. Threads may share them: what one finds
anew another may find too, and both find the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indexer.arrays import Array, Section
from indexer.config import RankingSettings
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.kernel.vectorized import Term
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.view import Span, View
from indexer.engine.fields import is_scored
from indexer.query.ranking import RANKING, Scale, inverse_frequency

UNIT = 2.0**32
"""What a score of 1 is in the integers that scores are added up in."""
# Queries repeat terms; remembering where those of a field stand takes some 1 MB.
MAX_KNOWN_TERMS = 1 << 12
Table = tuple[Section, Section, Section]
"""The sorted terms of a field in a segment, and where the postings of each start."""


class Known(NamedTuple):
    """A term: for each segment its postings, how many documents hold it, what it weighs, in units."""

    spans: Sequence[Span]
    documents: int
    weight: float


_NONE: Mapping[str, Known] = {}


class TermStatistics:
    """The terms of a collection, as `ranking` weighs them; with a `view` as if it held no other documents."""

    def __init__(
        self, collection: Collection, ranking: RankingSettings = RANKING, view: View | None = None
    ) -> None:
        self.collection, self.ranking, self.view = collection, ranking, view
        self.count = collection.count if view is None else view.count
        self._terms: dict[str, dict[str, Known]] = {}
        self._fields: dict[str, tuple[list[Table], Scale | None]] = {}

    def term(self, name: str, text: str) -> Known:
        """A term of a field; where there are many, `terms` is to be asked for all of them before."""
        found = self._terms.get(name, _NONE).get(text)
        return self.terms(name, (text,))[text] if found is None else found

    def terms(self, name: str, texts: Sequence[str] | Mapping[str, object]) -> Mapping[str, Known]:
        """Terms of a field, and maybe others."""
        known = self._terms.setdefault(name, {})
        missing = [text for text in texts if text not in known]
        if missing:
            if len(known) + len(missing) > MAX_KNOWN_TERMS:
                # Others may still read what was known before.
                known = self._terms[name] = {text: known[text] for text in texts if text in known}
            known.update(zip(missing, self._found(name, missing), strict=True))
        return known

    def frequencies(self, name: str, texts: Sequence[str]) -> list[int]:
        """How many documents hold each term of a field."""
        known = self.terms(name, texts)
        return [known[text].documents for text in texts]

    def weighed(self, name: str, counts: Mapping[str, float]) -> dict[str, float]:
        """What each term of a field that occurs anywhere weighs, in units, times what is given for it."""
        known = self.terms(name, counts)
        return {text: own.weight * count for text, count in counts.items() if (own := known[text]).documents}

    def whole(self, name: str, counts: Mapping[str, float]) -> float:
        """What those weigh together, or the unit where there are none."""
        return float(sum(map(round, self.weighed(name, counts).values()))) or UNIT

    def slices(self, name: str, number: int, counts: Mapping[str, float], place: int = 0) -> list[Term]:
        """What segment `number` has of terms of a field, times what each counts for, as of field `place`."""
        known = self.terms(name, counts)
        return [
            (place, start, end, weight * count)
            for (spans, _, weight), count in zip(map(known.__getitem__, counts), counts.values(), strict=True)
            for start, end in (spans[number],)
            if end > start
        ]

    def passing(self, name: str, number: int, weights: Mapping[str, float]) -> list[Term]:
        """The same of a field whose own statistics nobody asks for: nothing of it is remembered."""
        asked = [text.encode("utf-8", "surrogatepass") for text in weights]
        spans = active().find_spans(*self._field(name)[0][number], asked)
        pairs = zip(spans, weights.values(), strict=True)
        return [(0, start, end, weight) for (start, end), weight in pairs if end > start]

    def _found(self, name: str, texts: Sequence[str]) -> Iterator[Known]:
        """Terms, looked up in all segments."""
        asked, find = [text.encode("utf-8", "surrogatepass") for text in texts], active().find_spans
        tables, scale = self._field(name)
        parts = [find(*table, asked) for table in tables]
        each: list[tuple[Span, ...]] = [*zip(*parts, strict=True)] if parts else [()] * len(texts)
        documents = self._documents(name, each)
        return map(Known, each, documents, self._weights(scale, documents))

    def _documents(self, name: str, each: Sequence[tuple[Span, ...]]) -> list[int]:
        """How many documents hold each term of a field, whose postings in each segment are given."""
        if self.view is not None:
            return [self.view.holding(name, spans) for spans in each]
        leaves = self.collection.leaves
        if len(leaves) == 1 and leaves[0].alive is None:
            return [end - start for ((start, end),) in each]
        starts, ends = np.array(each, np.int64).reshape(len(each), len(leaves), 2).transpose(2, 1, 0)
        counts: Array = (ends - starts).sum(axis=0)
        for leaf, own, behind in zip(leaves, starts, ends, strict=True):
            if leaf.alive is not None:
                # An empty span begins at no posting.
                counts -= leaf.losses.lost(name, np.where(behind > own, own, -1))
        found: list[int] = counts.tolist()
        return found

    def weight(self, name: str, documents: int) -> float:
        """What a term of a field that so many documents hold weighs, in units."""
        return self._weights(self.scale(name), [documents])[0]

    def _weights(self, scale: Scale | None, documents: Sequence[int]) -> list[float]:
        """The same of many terms of a field that is scored so."""
        if scale is None:
            return [UNIT] * len(documents)
        count, most = self.count, scale.k1 + 1
        return [UNIT * inverse_frequency(holding, count) * most for holding in documents]

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
