"""What may a searcher not be able to do yet? Suggestions, similar documents, display scripts.

Invariant: a searcher without one of these stages gives empty or unchanged answers, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexer import Hit, Searcher
from webapp.params import SCRIPTS, Script

Mark = tuple[int, int]
Convert = Callable[[str, Sequence[Mark], str], tuple[str, Sequence[Mark]]]


def suggest(searcher: Searcher, prefix: str, size: int) -> list[str]:
    """Completions of a prefix, the likeliest first."""
    stage = getattr(searcher, "suggest", None)
    return list(stage(prefix, size)) if stage else []


def similar(searcher: Searcher, id: str, size: int) -> tuple[Hit, ...]:
    """The documents most like one document."""
    stage = getattr(searcher, "similar", None)
    return tuple(stage(id, size)) if stage else ()


def converter(searcher: Searcher) -> Convert:
    """The function that shows a marked text in another script."""
    return getattr(searcher, "convert", None) or unchanged


def scripts() -> tuple[Script, ...]:
    """The scripts that a text can be shown in."""
    return SCRIPTS if hasattr(Searcher, "convert") else ()


def unchanged(text: str, marks: Sequence[Mark], script: str) -> tuple[str, Sequence[Mark]]:
    """A text as it is."""
    return text, marks
