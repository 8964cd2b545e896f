"""How are hits ordered? BM25F over four fields; every parameter stands here.

A document's score is the sum over its text, and again its title, of words, pairs and single characters.
Words rank best where segmentation is right, pairs where it is not, and single characters break ties
(measured with `hansou evaluate`; see docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the kinds of terms, and what else counts.

    `title` is what terms count for again where the title has them, `exact` what the pairs of a typed
    string count for again where it stands as typed. `closeness` times the best score is added for the share
    of the query's pairs, by idf, that stand within `closeness_width` positions, among the `closeness_depth`
    best; `closeness_characters` is the same for its characters.
    A document with less than the share `least` of them is no hit.
    """

    word: float = 0.7
    pair: float = 1.0
    character: float = 0.45
    title: float = 0.45
    exact: float = 2.0
    closeness: float = 0.5
    closeness_characters: float = 0.2
    closeness_width: int = 20
    closeness_depth: int = 50
    least: float = 0.06
    k1: float = 0.9
    b: float = 0.5


WEIGHTS = Weights()


def inverse_frequency(document_frequency: int, documents: int) -> float:
    """ln(1 + (N − n + ½)/(n + ½)); `document_frequency` may be an upper bound above N.

    >>> round(inverse_frequency(1, 100), 3)
    4.21
    """
    frequency = min(document_frequency, documents)
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))
