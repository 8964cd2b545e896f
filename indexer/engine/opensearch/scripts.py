"""Where do terms stand in a document? Told by scripts where the document is, of its units.

**So what comes back is as large for a book as for a paragraph**, but for what was asked for. A node compiles
few scripts a minute: there are two, and all else are parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from indexer.engine.opensearch.entries import BREAK, WHOLE, portable
from indexer.engine.opensearch.mapping import Json
from indexer.text.units import CJK

_TERM = 0xFFFF
_RUN = re.compile(f"[{CJK}]{{1,2}}")


def _source(*names: str) -> str:
    """Scripts put together; stand-ins are put for what parts units, which cannot be seen."""
    parts = [files(__package__).joinpath(f"{name}.painless").read_text(encoding="utf-8") for name in names]
    return "\n".join(parts).replace("␊", BREAK).replace("␂", WHOLE)


_SHARES, _SPOTS = _source("units", "shares"), _source("units", "spots")


def looked_for(terms: Sequence[str]) -> Json:
    """Terms as scripts look for them, each with its number.

    Those of characters stand in runs, and are by the one that opens them; others are the whole of a unit.

    >>> looked_for(["天", "天地", "micro"])
    {'count': 3, 'runs': {'天': {'天': 0, '天地': 1}}, 'wholes': {'micro': 2}}
    """
    runs: dict[str, dict[str, int]] = {}
    wholes: dict[str, int] = {}
    for number, term in enumerate(map(portable, terms)):
        if _RUN.fullmatch(term):
            runs.setdefault(term[0], {})[term] = number
        else:
            wholes[term] = number
    return {"count": len(terms), "runs": runs, "wholes": wholes}


def shares_of(asked: Sequence[Json]) -> Json:
    """What is to be added to a search for the sums that shares are made of, document by document."""
    return {"script_fields": {"told": {"script": {"source": _SHARES, "params": {"asked": asked}}}}}


def spots_of(field: str, terms: Sequence[str]) -> Json:
    """What is to be added to a search for the places of terms in each document."""
    parameters = {"field": field, **looked_for(terms)}
    return {"script_fields": {"told": {"script": {"source": _SPOTS, "params": parameters}}}}


def sums_of(hit: Mapping[str, Any]) -> list[list[int]]:
    """The sums of a hit, of each that was asked."""
    found: list[list[int]] = hit["fields"]["told"]
    return found


def spots(hit: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """The number of the term and the position of each spot of a hit, by position.

    >>> [*spots({"fields": {"told": [5 << 16 | 1, 7 << 16]}})]
    [(1, 5), (0, 7)]
    """
    return ((spot & _TERM, spot >> 16) for spot in hit.get("fields", {}).get("told", ()))
