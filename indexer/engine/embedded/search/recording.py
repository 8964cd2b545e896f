"""What does each term give to the scores of a few documents? Noted while a node is evaluated.

**What stays noted of a document adds up to its score, to the last unit.** Nodes that let some documents pass
drop what was noted of the others; of a choice the best is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.kernel.slices import frequencies, gather_any
from indexer.engine.embedded.kernel.vectorized import Field, Term, locate


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something noted comes from: its term, in how many documents that is, and the nodes above it."""

    field: str
    term: str
    documents: int
    sequence: tuple[str, ...] = ()
    apart: bool = False
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a term, or all of a pattern's, gave to some documents: ascending, with frequencies and units."""

    origin: Origin
    weight: float
    docs: Array
    frequencies: Array
    units: Array

    def at(self, keep: Array) -> Note:
        """The same of fewer documents."""
        return replace(self, docs=self.docs[keep], frequencies=self.frequencies[keep], units=self.units[keep])


@dataclass(slots=True)
class Recorder:
    """Notes about the ascending `docs` of one segment."""

    docs: Array
    notes: list[Note] = field(default_factory=list)
    shares: dict[int, float] = field(default_factory=dict)
    """What `Enough` found each of its documents to hold."""

    def __len__(self) -> int:
        return len(self.notes)

    def __bool__(self) -> bool:
        return True

    def term(self, origin: Origin, field: Field, terms: Sequence[Term]) -> None:
        """A term counts; several count as one."""
        found = frequencies(field, terms, self.docs)
        held = found > 0
        docs = self.docs[held]
        self.notes.append(Note(origin, terms[0][3], docs, found[held], gather_any(field, terms, docs)))

    def constant(self, origin: Origin, units: float) -> None:
        """Every document gets the same."""
        given = np.full(len(self.docs), round(units), np.int64)
        self.notes.append(Note(origin, units, self.docs, np.zeros_like(given), given))

    def keep(self, since: int, docs: Array) -> None:
        """What was noted `since` counts for the ascending `docs` alone."""
        self.notes[since:] = [note.at(locate(docs, note.docs)[1]) for note in self.notes[since:]]

    def in_order(self, since: int, words: tuple[str, ...], apart: bool) -> None:
        """What was noted `since` are terms of one sequence."""
        self.notes[since:] = [
            replace(note, origin=replace(note.origin, sequence=words, apart=apart))
            for note in self.notes[since:]
        ]

    def choose(self, since: Sequence[int]) -> None:
        """Of what was noted from each of `since` to the next, a document keeps what gives it most."""
        best: dict[int, tuple[int, int]] = {}
        for choice, (start, end) in enumerate(pairwise(since)):
            sums: defaultdict[int, int] = defaultdict(int)
            for note in self.notes[start:end]:
                for doc, units in zip(note.docs.tolist(), note.units.tolist(), strict=True):
                    sums[doc] += units
            for doc, units in sums.items():
                if doc not in best or units > best[doc][0]:
                    best[doc] = units, choice
        for choice, (start, end) in enumerate(pairwise(since)):
            for place in range(start, end):
                note = self.notes[place]
                own = np.array([best[doc][1] == choice for doc in note.docs.tolist()], np.bool_)
                self.notes[place] = replace(note.at(own), origin=replace(note.origin, choice=choice))

    def held(self, docs: Array, shares: Array) -> None:
        """What share `Enough` found documents to hold."""
        at, there = locate(docs, self.docs)
        here = zip(self.docs[there].tolist(), shares[at[there]].tolist(), strict=True)
        self.shares |= {doc: min(share, 1.0) for doc, share in here}
