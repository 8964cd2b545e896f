"""How are hits ordered? BM25F over four fields; every parameter stands here.

A document's score is the sum over title and body of words, pairs and single characters, each weighted.
Words rank best where segmentation is right, pairs where it is not, and single characters break ties
(measured with `hansou evaluate`; see docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

from whoosh import scoring


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the kinds of terms. `title` multiplies all three for the title fields."""

    word: float = 0.7
    pair: float = 1.0
    character: float = 0.45
    title: float = 0.45
    k1: float = 0.9
    b: float = 0.5


WEIGHTS = Weights()


class Ranking(scoring.BM25F):  # type: ignore[misc]
    """BM25F with the idf of Robertson and Spärck Jones, ln(1 + (N − n + ½)/(n + ½)).

    Whoosh's own adds 1 to a logarithm, which lets a handful of common characters outweigh a rare word.
    """

    def __init__(self, weights: Weights = WEIGHTS) -> None:
        super().__init__(B=weights.b, K1=weights.k1)

    def idf(self, searcher: Any, fieldname: str, text: bytes) -> float:
        """Inverse document frequency of a term over all documents of the index."""
        parent = searcher.get_parent()
        documents, holding = parent.doc_count_all(), parent.doc_frequency(fieldname, text)
        return log(1 + (documents - holding + 0.5) / (holding + 0.5))
