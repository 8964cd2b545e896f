"""How is a traced passage shown? Both texts of each match in pieces, what differs apart, some matches a page.

Invariant: a page of matches stays below 60 kB, however long the passage and however many the matches: a long
match is shown from its beginning, as far as `SHOWN` characters on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import CombinedMultiDict

from indexer import MAX_PASSAGE, Parallel, PassageRefused, Traced
from webapp.addresses import document_url
from webapp.live import current_searcher
from webapp.params import Problem, SearchParams, number

MATCHES = 10
"""Matches of a page."""
SHOWN = 200
_MARKED = 100
Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text in pieces: what each says, and whether the other text differs there. `cut`: there is more."""

    pieces: Sequence[tuple[str, bool]]
    cut: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A match as it is shown: the part of the passage, what the document has for it, and where that is."""

    match: Parallel
    passage: Pieces
    document: Pieces
    address: str

    @classmethod
    def of(cls, match: Parallel, passage: str) -> Shown:
        """A match of a passage."""
        start, end = match.document
        here = [each.passage for each in match.differences]
        there = [(each.document[0] - start, each.document[1] - start) for each in match.differences]
        return cls(
            match,
            pieces(passage, match.passage, here),
            pieces(match.text, (0, end - start), there),
            document_url(match.id, asked_for(match.text), at=str(start)) + "#at",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants traced, what came of it, and the page of it that is shown."""

    text: str
    problem: Problem | None = None
    traced: Traced | None = None
    page: int = 1

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-len(self.traced.matches) // MATCHES)) if self.traced else 1

    @property
    def shown(self) -> Sequence[Shown]:
        """The matches of the page."""
        matches = self.traced.matches if self.traced else ()
        first = (self.page - 1) * MATCHES
        return [Shown.of(match, self.text) for match in matches[first : first + MATCHES]]


def asked_trace() -> Asked:
    """The passage of a form or an address, traced; what keeps it from being traced is said."""
    values = CombinedMultiDict([request.form, request.args])
    text = values.get("text", "").replace("\r\n", "\n").strip()
    if not text and request.method != "POST":
        return Asked("")
    try:
        traced = current_searcher().trace(text)
    except PassageRefused as refused:
        return Asked(text[:MAX_PASSAGE], refusal(refused, text))
    asked = Asked(text, traced=traced)
    return Asked(text, traced=traced, page=number(values, "page", 1, asked.last, []))


def asked_for(text: str) -> SearchParams:
    """A search that marks what stands in a document, or its beginning, where it stands."""
    return SearchParams(q=" ".join(text[:_MARKED].split()), mode="exact")


def refusal(refused: PassageRefused, text: str) -> Problem:
    """Why a passage is not traced."""
    return Problem("text", f"passage_{refused.reason}", {"most": MAX_PASSAGE, "length": len(text)})


def pieces(text: str, whole: Mark, differing: Sequence[Mark]) -> Pieces:
    """A part of a text in pieces, on one line.

    >>> pieces("春眠不覺曉", (0, 5), [(3, 4)])
    Pieces(pieces=[('春眠不', False), ('覺', True), ('曉', False)], cut=False)
    """
    at, end = whole
    stop = min(end, at + SHOWN)
    found: list[tuple[str, bool]] = []
    for first, last in differing:
        found += (text[at : min(first, stop)], False), (text[first : min(last, stop)], True)
        at = last
    found.append((text[at:stop], False))
    return Pieces([(piece.replace("\n", " "), differs) for piece, differs in found if piece], stop < end)
