"""How is a folded text written? The standard form of each character whose class is wider than a script.

Folding joins what readers take for one another (沉沈, 具俱, 坐座), and the representative of such a class
need not be the usual form. **What is written here folds to what was given**: only the form changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import islice, product

from indexer.text.normalize import ADDITIONS, normalize

TRIED = 16  # ways to write one text that are compared


def readable(folded: str) -> str:
    """Folded text as it is usually written in Simplified script.

    >>> readable("具乐部"), readable("沈没"), readable("无锡")
    ('俱乐部', '沉没', '无锡')
    """
    forms = _forms()
    if forms.keys().isdisjoint(folded):
        return folded
    from indexer.repair.language_model import language_model  # takes 40 ms, and most searches correct nothing

    ways = map("".join, islice(product(*(forms.get(c, c) for c in folded)), TRIED))
    model = language_model()
    return min(ways, key=lambda way: model.run("", way))


@cache
def _forms() -> Mapping[str, str]:
    """Representative → the forms it may be written in, the standard one first."""
    forms: dict[str, str] = {}
    for group in ADDITIONS.split():
        best = normalize(group[0])
        forms[best] = forms.get(best, "") + group
    return forms
