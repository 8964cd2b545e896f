"""How much does a parallel say against chance? Bits, by what is usual in the archive.

A symbol that is the same says −log₂ of how likely the archive has it after the one before it: a formula,
whose every symbol follows from the last, says little however long it is. What the passage itself may have
given to the counts is taken off (one occurrence), and counts are smoothed by those of single symbols, **so a
small archive is judged as a large one is**.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from indexer.arrays import Array
from indexer.engine.protocol import Snapshot
from indexer.trace.alignment import Run
from indexer.trace.symbols import Symbols

# As many different symbols as an archive has at least: what was never seen is one of them.
_DIFFERENT = 6_000
# A symbol seen so often tells as much of what follows as single symbols do.
_PRIOR = 4
CHANGE = 3.0
"""What a change takes off, in bits: about what saying where and which it is takes."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each symbol of a passage says where it stands first, and after the one before it, in bits.

    `chance` is what a parallel needs to be told from the best that chance gives: log₂ of the ways in which
    passage and archive can be laid side by side.
    """

    first: Array
    following: Array
    chance: float

    def score(self, runs: Sequence[Run], changes: int) -> float:
        """What an alignment says beyond chance, in bits."""
        said = sum(float(self.following[run.place : run.place + run.length].sum()) for run in runs)
        at = runs[0].place
        return said + float(self.first[at] - self.following[at]) - CHANGE * changes - self.chance


def evidence_of(symbols: Symbols, snapshot: Snapshot, anywhere: bool = False) -> Evidence:
    """The evidence that the symbols of a passage give in an archive; with `anywhere` all of that."""
    singles = [symbols.term(number) for number in range(len(symbols))]
    pairs = [symbols.pair(number) for number in range(len(symbols))]
    counts, total = snapshot.totals("grams", [*singles, *pairs])
    single = np.maximum(np.array(counts[: len(singles)], float) - 1, 0)
    pair = np.maximum(np.array(counts[len(singles) :], float) - 1, 0)
    # Of a run every character is a term, and every pair of neighbors.
    size = max(total / 2, 1.0)
    likely = (single + 1) / (size + _DIFFERENT)
    before = np.concatenate([[0.0], single[:-1]])
    first = -np.log2(likely)
    following = -np.log2((pair + _PRIOR * likely) / (before + _PRIOR))
    return Evidence(
        first, np.minimum(first, following), log2((size if anywhere else max(len(symbols), 1)) * size)
    )
