"""How is a term's weight in a document computed? BM25F, with B and K1 for each field.

The formula is Whoosh's: `idf · tf·(K1+1) / (tf + K1·(1-B + B·length/average))` with
`idf = ln(documents / (document frequency + 1)) + 1`, over all segments, deleted documents included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from whoosh import scoring

from indexer.query.ranking import WEIGHTS, Weights
from indexer.query.ranking import inverse_frequency as robertson_inverse_frequency


class Bm25(scoring.BM25F):  # type: ignore[misc]
    """BM25F with parameters by field: `fields` maps a field name to its (B, K1)."""

    def __init__(
        self, b: float = 0.75, k1: float = 1.2, fields: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        self.by_field = dict(fields or {})
        super().__init__(B=b, K1=k1, **{f"{name}_B": pair[0] for name, pair in self.by_field.items()})

    def inverse_frequency(self, document_frequency: int, documents: int) -> float:
        """The idf of a term that `document_frequency` of `documents` hold; Whoosh's, unless overridden."""
        return whoosh_inverse_frequency(document_frequency, documents)

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        """The same, as Whoosh's matchers ask for it."""
        parent = searcher.get_parent()
        return self.inverse_frequency(parent.doc_frequency(fieldname, text), parent.doc_count_all())

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> Any:
        """Whoosh's scorer with this field's parameters."""
        if not searcher.schema[fieldname].scorable:
            return scoring.WeightScorer.for_(searcher, fieldname, text)
        b, k1 = parameters(self, fieldname)
        return scoring.BM25FScorer(searcher, fieldname, text, b, k1, qf=qf)


def parameters(weighting: Any, name: str) -> tuple[float, float]:
    """(B, K1) of a field under a `whoosh.scoring.BM25F` or a `Bm25`."""
    if isinstance(weighting, Bm25) and name in weighting.by_field:
        return weighting.by_field[name]
    return weighting._field_B.get(name, weighting.B), weighting.K1


def inverse_frequency(weighting: Any, document_frequency: int, documents: int) -> float:
    """The idf of a term that `document_frequency` of `documents` hold."""
    if isinstance(weighting, Bm25):
        return weighting.inverse_frequency(document_frequency, documents)
    return whoosh_inverse_frequency(document_frequency, documents)


def whoosh_inverse_frequency(document_frequency: int, documents: int) -> float:
    """Whoosh's idf.

    >>> round(whoosh_inverse_frequency(1, 2), 3)
    1.0
    """
    return math.log(documents / (document_frequency + 1)) + 1


class Ranking(Bm25):
    """BM25F with the idf of Robertson and Spärck Jones, ln(1 + (N − n + ½)/(n + ½)).

    Whoosh's own adds 1 to a logarithm, which lets a handful of common characters outweigh a rare word.
    """

    def __init__(self, weights: Weights = WEIGHTS) -> None:
        super().__init__(b=weights.b, k1=weights.k1)

    def inverse_frequency(self, document_frequency: int, documents: int) -> float:
        """The idf of a term that `document_frequency` of `documents` hold."""
        return robertson_inverse_frequency(document_frequency, documents)
