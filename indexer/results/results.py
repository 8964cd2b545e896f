"""What does a search give back? Frozen values, and their one JSON form.

Offsets are half-open and count code points. `ResultPage.to_json` is what `hansou search --json`
prints and `GET /api/v1/search` answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any, Literal

from indexer.documents import Document
from indexer.documents.document import PartStart, part_at, record_of
from indexer.results.timeline import Timeline
from indexer.text.units import Mark

Mode = Literal["smart", "exact"]


def marked_html(text: str, marks: Sequence[Mark]) -> str:
    """Escape `text` and wrap each mark in `<mark>`; marks are ascending and do not overlap.

    >>> marked_html("無錫<軟件園>", [(0, 2)])
    '<mark>無錫</mark>&lt;軟件園&gt;'
    """
    parts: list[str] = []
    at = 0
    for start, end in marks:
        parts += escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"
        at = end
    return "".join([*parts, escape(text[at:])])


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a stored field. `start` is its offset there, `marks` are offsets into `text`."""

    text: str
    marks: tuple[Mark, ...]
    start: int = 0

    @property
    def html(self) -> str:
        """The snippet as HTML, escaped, with `<mark>`."""
        return marked_html(self.text, self.marks)

    def to_json(self) -> dict[str, Any]:
        """`{text, marks, html}`."""
        return {"text": self.text, "marks": [list(mark) for mark in self.marks], "html": self.html}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one thing adds to a score: idf × weight × what its frequency and the field's length make of it.

    `kind` is "pair", "word", "character", "exact string", "title", "field", "alternative", "distance",
    "closeness" or "match"; `of` is the string that `term` is part of. `frequency` is how often the document
    holds the term, `documents` how many documents do; None where there is nothing to count.
    """

    kind: str
    term: str
    score: float
    weight: float
    field: str | None = None
    frequency: int | None = None
    documents: int | None = None
    idf: float | None = None
    of: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contribution as the API gives it."""
        return asdict(self) | {
            "score": round(self.score, 6),
            "weight": round(self.weight, 6),
            "idf": None if self.idf is None else round(self.idf, 6),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a score comes from: its contributions, which add up to it.

    `covered` is the share of the query, by idf, that the document holds; None where that decides nothing.
    """

    contributions: tuple[Contribution, ...]
    covered: float | None = None

    def to_json(self) -> dict[str, Any]:
        """`{covered, contributions}`."""
        return {
            "covered": None if self.covered is None else round(self.covered, 6),
            "contributions": [each.to_json() for each in self.contributions],
        }


_SHOWN = (
    "id", "title", "url", "score", "date", "source", "author", "collection", "lang", "repairs", "copies"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """One document of a result page. `heading` is the title with its marks, or the opening of the text.

    `part` is the page, slide, sheet or chapter of the original that the first mark is on.
    `copies` is how many other documents match that are near-identical to this one; they are no hits
    themselves. `added_at` and `changed_at` are when it came into the archive, and changed there (ISO 8601).
    """

    id: str
    title: str | None
    heading: Snippet
    url: str | None
    score: float
    date: str | None
    source: str | None
    author: str | None
    lang: str | None
    snippets: tuple[Snippet, ...]
    collection: str | None = None
    part: PartStart | None = None
    repairs: int = 0
    copies: int = 0
    explanation: Explanation | None = None
    added_at: str | None = field(default=None, compare=False, repr=False)
    changed_at: str | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The hit as the API gives it; with an explanation where one was asked for."""
        shown = {name: getattr(self, name) for name in _SHOWN} | {
            "part": {"kind": self.part.kind, "name": self.part.name} if self.part else None,
            "snippets": [snippet.to_json() for snippet in self.snippets],
        }
        return shown | ({"explanation": self.explanation.to_json()} if self.explanation else {})


@dataclass(frozen=True, slots=True)
class Total:
    """How many documents match; `relation` is "eq", or "gte" where counting stopped early."""

    value: int
    relation: Literal["eq", "gte"] = "eq"


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits. `page` counts from 1; `took_ms` is the whole time inside the searcher.

    `total` counts documents, `distinct` hits on all pages together: near-identical documents are one.
    `plan` says how the query was understood, where that was asked for. `facets` have the most frequent
    values, `values` say how many each has; `timeline` is when the documents are from.
    """

    query: str
    normalized_query: str
    page: int
    size: int
    total: Total
    took_ms: float
    hits: tuple[Hit, ...]
    generation: str
    built_at: str
    suggestion: str | None = None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    distinct: int | None = None
    plan: Mapping[str, Any] | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    timeline: Timeline = field(default_factory=Timeline)

    def to_json(self) -> dict[str, Any]:
        """The page as the API and `hansou search --json` give it."""
        shown = {
            "query": self.query,
            "normalized_query": self.normalized_query,
            "page": self.page,
            "size": self.size,
            "total": asdict(self.total),
            "distinct": self.total.value if self.distinct is None else self.distinct,
            "took_ms": self.took_ms,
            "hits": [hit.to_json() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "values": dict(self.values),
            "suggestion": self.suggestion,
            "index": {"generation": self.generation, "built_at": self.built_at},
        }
        return shown | ({"plan": dict(self.plan)} if self.plan else {})


@dataclass(frozen=True, slots=True)
class Portion:
    """Which of how many portions of a document this is, counted from 1, and where in the text.

    `length` is that of the whole text, `marks` how many marks that has, `marks_before` those before this
    portion. `marked_before` and `marked_after` are the nearest portions with marks.
    """

    number: int
    of: int
    start: int
    end: int
    length: int
    marks: int
    marks_before: int = 0
    marked_before: int | None = None
    marked_after: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A stored document as a page shows it, or a portion of it (`indexer.results.portions`).

    `document.text` is the repaired text; `marks` are offsets into it, `title_marks` into the title.
    `original` is the text before repair and `steps` are `RepairStep`s as JSON; both empty where
    nothing was repaired. `portion` is None where the document is whole.
    """

    document: Document
    marks: tuple[Mark, ...] = ()
    title_marks: tuple[Mark, ...] = ()
    original: str | None = None
    steps: tuple[Mapping[str, Any], ...] = ()
    portion: Portion | None = None

    @property
    def part(self) -> PartStart | None:
        """The part of the original that the first mark is on, else its first; None where it has none."""
        parts = self.document.parts
        return (part_at(parts, self.marks[0][0]) if self.marks else None) or next(iter(parts), None)

    def to_json(self) -> dict[str, Any]:
        """The document as `GET /api/v1/documents/{id}` gives it."""
        document, length = self.document, len(self.document.text)
        portion = self.portion or Portion(1, 1, 0, length, length, len(self.marks))
        stated = record_of(document)
        if document.parts:
            stated["parts"] = [part._asdict() for part in document.parts]
        if document.origin:
            stated["origin"] = document.origin.path
        if document.captures:
            stated["captures"] = document.captures._asdict()
        return stated | {
            "portion": asdict(portion),
            "marks": [list(mark) for mark in self.marks],
            "title_marks": [list(mark) for mark in self.title_marks],
            "original": self.original,
            "repair_steps": [dict(step) for step in self.steps],
        }
