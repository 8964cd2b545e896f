"""How is a passage cited, and found again? By its paragraph and its words, which last longer than numbers do.

Invariant: an address of a passage leads to its words wherever they stand now, the nearest to the paragraph
that it names; where they are gone, the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate

from indexer import Document, normalize
from webapp.language import messages

Mark = tuple[int, int]
QUOTED = 16
"""So many characters of a paragraph are in its address."""


def paragraphs(text: str) -> list[Mark]:
    """Where the lines of a text stand that hold anything; paragraph n is the n-th of these, from 1.

    >>> paragraphs("甲乙\\n\\n 丙")
    [(0, 2), (4, 6)]
    """
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    return [(start, start + len(line)) for start, line in zip(starts, lines, strict=False) if line.strip()]


def located(text: str, quote: str, paragraph: int) -> Mark | None:
    """Where a quotation stands, in either script, the nearest to a paragraph; None where it does not.

    >>> located("無錫\\n軟件園\\n軟件園", "软件园", 3), located("無錫", "軟件園", 1)
    ((7, 10), None)
    """
    folded, wanted = normalize(text), normalize(quote)
    found: list[int] = []
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        found.append(at)
        at = folded.find(wanted, at + 1)
    if not found:
        return None
    spans = paragraphs(text)
    first, last = spans[max(1, min(paragraph, len(spans))) - 1]
    start = min(found, key=lambda each: (max(first - each, each - last + 1, 0), each))
    return start, start + len(wanted)


def opening_of(text: str, paragraph: int) -> str | None:
    """The words by which a paragraph is found again; None where there is no such paragraph."""
    spans = paragraphs(text)
    if not 1 <= paragraph <= len(spans):
        return None
    start, end = spans[paragraph - 1]
    return text[start:end].strip()[:QUOTED]


@dataclass(frozen=True, slots=True)
class Citation:
    """A document as it is cited: by GB/T 7714, and as Chicago has it."""

    national: str
    chicago: str


def cited(document: Document, heading: str, address: str, today: date | None = None) -> Citation:
    """How a document, or a passage with its own address, is cited; what it does not state is left out."""
    day = today or datetime.now(UTC).date()
    stated = document.date[:10] if document.date else None
    published = ", ".join(filter(None, (document.source, f"({stated})" if stated else None)))
    national = [document.author, f"{heading}[EB/OL]", f"{published}[{day.isoformat()}]", address]
    written = messages("en").date(document.date) or document.date if document.date else None
    appeared = ", ".join(filter(None, (document.source, written)))
    accessed = messages("en").date(day.isoformat())
    chicago = [document.author, f"“{heading}.”", appeared, f"Accessed {accessed}", address]
    return Citation(_sentences(national), _sentences(chicago))


def _sentences(parts: Sequence[str | None]) -> str:
    return " ".join(part if part.endswith(".”") else f"{part}." for part in parts if part)
