"""What is a passage found in a document? Where the two agree and where they differ, as a frozen value.

Offsets are half-open and count code points: of the passage as given, and of the document's stored text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer.text.units import Mark


class Difference(NamedTuple):
    """What stands in the passage where the document has something else; either may be empty."""

    passage: Mark
    document: Mark


@dataclass(frozen=True, slots=True)
class Parallel:
    """A part of a passage that stands in a document.

    `coverage` is the share of the passage's characters that the part has, `changed` the share of its own
    that differ, `score` what it says against chance, in bits; `text` is the document's text at `document`.
    """

    id: str
    coverage: float
    changed: float
    score: float
    passage: Mark
    document: Mark
    text: str
    differences: tuple[Difference, ...] = ()
    title: str | None = None
    source: str | None = None
    date: str | None = None
    lang: str = "zh-Hant"

    def to_json(self) -> dict[str, Any]:
        """The parallel as the API gives it."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "date": self.date,
            "lang": self.lang,
            "coverage": round(self.coverage, 4),
            "changed": round(self.changed, 4),
            "score": round(self.score, 2),
            "passage": [*self.passage],
            "document": [*self.document],
            "text": self.text,
            "differences": [
                {"passage": [*each.passage], "document": [*each.document]} for each in self.differences
            ],
        }


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a passage stands, best first; `complete` is False where there may be more."""

    matches: tuple[Parallel, ...]
    complete: bool = True
    took_ms: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """`{matches, complete, took_ms}`."""
        return {
            "matches": [match.to_json() for match in self.matches],
            "complete": self.complete,
            "took_ms": self.took_ms,
        }
