"""How are hits ordered? The parts of the formula that docs/ranking.md puts together, as functions.

    term      weight · idf · tf·(k1+1) / (tf + k1·(1-b + b·(length/average)^beta))
    length    as Lucene keeps it, in one byte
    weight    what its kind counts for, times how often it is typed, times what its word means

**Every engine computes these numbers**, so an index on a cluster orders as the embedded one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from indexer.config import RankingSettings

RANKING = RankingSettings()
"""The parameters as they are shipped."""
# A word that is every 150th of all counts for nothing, one that is every 8,000th or rarer for all (in nats).
_USUAL, _TELLING = 5.0, 9.0


def inverse_frequency(document_frequency: int, documents: int) -> float:
    """ln(1 + (N − n + ½)/(n + ½)); `document_frequency` may be an upper bound above N.

    >>> round(inverse_frequency(1, 100), 3)
    4.21
    """
    frequency = min(document_frequency, documents)
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def meaning(surprise: float, usual: float) -> float:
    """What a word counts for, `usual` to 1, that surprises by so many nats wherever it stands.

    What everybody says (什么, 可以) tells least of what is asked for, however rare it is in an archive.

    >>> meaning(4.8, 0.2), meaning(7.0, 0.2), meaning(17.9, 0.2)
    (0.2, 0.5, 1.0)
    """
    return min(max((surprise - _USUAL) / (_TELLING - _USUAL), usual), 1.0)


def _kept(code: int) -> int:
    """The length that a byte stands for: to 24 exactly, above with four significant bits (SmallFloat)."""
    bits, shift = (code - 24) & 7, (code - 24 >> 3) - 1
    return code if code < 24 else 24 + (bits if shift < 0 else (bits | 8) << shift)


LENGTHS: Sequence[int] = tuple(map(_kept, range(256)))
"""The lengths that are told apart, ascending: each counts as the greatest of these that is not above it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the terms of a field are scored: the parameters, and the field's average length."""

    k1: float
    b: float
    beta: float
    average: float

    @classmethod
    def of(cls, ranking: RankingSettings, average: float) -> Scale:
        """The scale of a field of such an average length."""
        return cls(ranking.k1, ranking.b, ranking.beta, average)

    def norms(self) -> list[float]:
        """What is added to a frequency below the line, for each of `LENGTHS`."""
        return [self.k1 * (1 - self.b + self.b * (length / self.average) ** self.beta) for length in LENGTHS]
