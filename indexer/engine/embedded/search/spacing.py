"""What is asked where terms must stand at given distances? Query values; the evaluator computes them.

A phrase of Whoosh has one distance for all its words and a word at each place; here every place has its
own, and may be open to all terms that a prefix or a pattern stands for. Those count as one term: their
frequencies add up, and so do the numbers of documents that hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whoosh import query


@dataclass(frozen=True, slots=True)
class Place:
    """A term, or a `Prefix` or `Wildcard` of terms, `least` to `most` positions behind the place before."""

    term: str | query.Query
    least: int = 1
    most: int = 1


class Spaced(query.Query):  # type: ignore[misc]
    """The places of a field, one after the other."""

    def __init__(self, fieldname: str, places: Sequence[Place], boost: float = 1.0) -> None:
        self.fieldname, self.places, self.boost = fieldname, tuple(places), boost

    def __repr__(self) -> str:
        return f"Spaced({self.fieldname!r}, {self.places!r}, boost={self.boost!r})"

    def __str__(self) -> str:
        first, *rest = (getattr(place.term, "text", place.term) for place in self.places)
        steps = (
            f" {{{place.least},{place.most}}} {term}"
            for place, term in zip(self.places[1:], rest, strict=True)
        )
        return f"{self.fieldname}:[{first}{''.join(steps)}]"
