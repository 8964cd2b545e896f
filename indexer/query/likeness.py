"""Which terms tell what a document is about? Those it repeats and few others have, by tf·idf.

A term that no other document has tells nothing here: it leads nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from heapq import nlargest
from math import log

from indexer.query.ranking import inverse_frequency

MOST = 25
# A term in more than this share of many documents says nothing of any of them, and takes long to look up.
_COMMON, _MANY = 0.1, 1_000


def telling_terms(
    terms: Iterable[str], frequency: Callable[[str], int], documents: int, most: int = MOST
) -> dict[str, float]:
    """At most `most` of a document's terms, and how much each counts besides its idf.

    `frequency` gives in how many of the `documents` a term occurs. Terms of one character are left out.

    >>> holding = {"园区": 3, "软件": 2, "太湖": 1}
    >>> telling_terms(["园区", "园区", "软件", "的", "太湖"], holding.__getitem__, 90)
    {'园区': 1.0986122886681098, '软件': 0.6931471805599453}
    """
    weights: dict[str, float] = {}
    ranked: dict[str, float] = {}
    for term, times in Counter(terms).items():
        if len(term) > 1 and 1 < (holding := frequency(term)) <= max(documents, _MANY) * _COMMON:
            weights[term] = log(1 + times)
            ranked[term] = weights[term] * inverse_frequency(holding, documents)
    return {term: weights[term] for term in nlargest(most, ranked, key=ranked.__getitem__)}
