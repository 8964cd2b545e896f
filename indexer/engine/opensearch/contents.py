"""What does a spool say of all documents together? How they score, group and count, and the order of ids.

A row is the place of a document's id among all ids; documents that are deleted have none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer.arrays import Array
from indexer.config import RankingSettings
from indexer.derived.duplicates import Groups
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.frequencies import united
from indexer.engine.embedded.snapshot import EmbeddedSnapshot
from indexer.engine.fields import FIELDS
from indexer.query.ranking import RANKING, Scale


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of an index, one after the other, where each starts, and whether a document has it still."""

    blob: Array
    offsets: Array
    held: Array

    @classmethod
    def of(cls, collection: Collection) -> Ids:
        """Those of a collection."""
        if not collection.leaves:
            return cls(np.zeros(0, np.uint8), np.zeros(1, np.int64), np.zeros(0, np.bool_))
        blob, offsets, counts, _ = united(collection, "id")
        return cls(blob, offsets, counts > 0)

    def beside(self, other: Ids) -> tuple[Array, Array]:
        """For each id that either has, in order, its row here and its row there; -1 for none."""
        _, offsets, places = active().merge_terms([(each.blob, each.offsets) for each in (self, other)])
        rows = []
        for place, each in zip(places, (self, other), strict=True):
            row = np.full(len(offsets) - 1, -1, np.int64)
            row[place[each.held]] = np.arange(each.held.sum())
            rows.append(row)
        here, there = rows
        either = (here >= 0) | (there >= 0)
        return here[either], there[either]


@dataclass(frozen=True)
class Contents:
    """What the spool in `path` says; `snapshot` is of its index."""

    path: Path
    snapshot: EmbeddedSnapshot

    @property
    def count(self) -> int:
        """How many documents there are."""
        return self.snapshot.collection.count

    @cached_property
    def ids(self) -> Ids:
        """Their ids."""
        return Ids.of(self.snapshot.collection)

    @cached_property
    def rows(self) -> Array:
        """For each document its row, -1 for one that is deleted."""
        found = np.full(self.snapshot.collection.size, -1, np.int64)
        living = self.snapshot.documents()
        places = np.cumsum(self.ids.held) - 1
        found[living] = places[self.snapshot.id_ranks()[living]] if len(living) else 0
        return found

    @cached_property
    def documents(self) -> Array:
        """For each row its document."""
        living = self.snapshot.documents()
        found: Array = living[np.argsort(self.rows[living])]
        return found

    @cached_property
    def leaders(self) -> Array:
        """For each row that of the first of its group, and -1 for a document that is alone."""
        every = np.arange(self.snapshot.collection.size)
        leaders = np.array(Groups(self.path).leaders(every.tolist()), np.int64)
        sizes = np.bincount(leaders, minlength=len(every)) if len(every) else every
        own = self.documents
        return np.where(sizes[leaders[own]] > 1, self.rows[leaders[own]], -1) if len(own) else own

    @property
    def groups(self) -> int:
        """How many groups of several documents there are."""
        return len(np.unique(self.leaders[self.leaders >= 0]))

    @property
    def values(self) -> dict[str, int]:
        """How many different values each field has that is counted by value."""
        counted = [name for name, kind in FIELDS.items() if kind == "value"]
        return {name: len(self.snapshot.values(name)) for name in (*counted, "day")}

    def scale(self, name: str, ranking: RankingSettings) -> Scale:
        """How a field is scored. Frequencies are told from scores, so they must count for something."""
        if not ranking.k1:
            ranking = replace(ranking, k1=RANKING.k1)
        return Scale.of(ranking, self.snapshot.collection.average_length(name))
