"""Which fields does an index have?

    id                          the document's id, unique
    words                       words of title and body, with frequencies: for ranking
    grams                       grams of title and body, with positions: for finding and for phrases
    title_words, title_grams    the same of the title alone: for ranking, and for `title:`
    title                       the title as it is offered: for suggestions
    source_grams, author_grams  grams of the names, for `source:` and `author:`
    source, lang                exact values, for filters and counts
    day                         the date as the number YYYYMMDD, for ranges and sorting
    repairs                     the kind of each repair step, for counts
    sketch_a, sketch_b          the fingerprint, for near-duplicates (`indexer.derived.duplicates`)
    stored                      everything a page shows, as one JSON object

Values come analyzed (`index_fields`); the field types only hand the terms to Whoosh, so the schema is
the same for every configuration and holds no analyzer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from whoosh import columns, fields, formats

from indexer.text.analyzer import Analyzer, Pieces
from indexer.text.units import Units

_LONGEST_OFFERED = 40


class Words(fields.FieldType):  # type: ignore[misc]
    """A field whose value is the pieces of a text and which of them are terms; frequencies are kept."""

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), None, scorable=True)

    def bulk_pieces(self, value: Pieces) -> Pieces:
        """The pieces of a value; a repeated one counts."""
        return value


class Grams(fields.FieldType):  # type: ignore[misc]
    """A field whose value is the units of a text (`Analyzer.gram_units`); positions are kept."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def bulk_units(self, units: Units) -> Units:
        """The units of a value."""
        return units


def make_schema() -> fields.Schema:
    """The schema of every index."""
    return fields.Schema(
        id=fields.ID(unique=True),
        words=Words(),
        grams=Grams(),
        title_words=Words(),
        title_grams=Grams(),
        title=fields.ID(),
        source_grams=Grams(),
        author_grams=Grams(),
        source=fields.ID(sortable=True),
        lang=fields.ID(sortable=True),
        day=fields.NUMERIC(int, sortable=True, default=0),
        repairs=Words(),
        sketch_a=fields.COLUMN(columns.NumericColumn("q")),
        sketch_b=fields.COLUMN(columns.NumericColumn("q")),
        stored=fields.STORED(),
    )


def index_fields(record: Mapping[str, Any], analyzer: Analyzer) -> dict[str, Any]:
    """What `make_schema`'s fields hold of a document's record, empty ones left out."""
    text = indexed_text(record)
    found: dict[str, Any] = {
        "id": record["id"],
        "words": analyzer.pieces(text),
        "grams": analyzer.gram_units(text),
        "lang": record["lang"],
        "stored": record,
    }
    if title := record["title"]:
        found["title_words"] = analyzer.pieces(title)
        found["title_grams"] = analyzer.gram_units(title)
        found["title"] = offered_title(title)
    if source := record["source"]:
        found["source"] = source
        found["source_grams"] = analyzer.gram_units(source)
    if author := record["author"]:
        found["author_grams"] = analyzer.gram_units(author)
    if record["date"]:
        found["day"] = day_number(record["date"]) or None
    if steps := record.get("steps"):
        found["repairs"] = Pieces.of([step["kind"] for step in steps])
    return found


def indexed_text(record: Mapping[str, Any]) -> str:
    """The text that `words` and `grams` are made of: title and body."""
    # A line break between title and body would be taken for a wrapped line; a full stop is none.
    return f"{record['title']}。{record['text']}" if record["title"] else str(record["text"])


def offered_title(title: str) -> str | None:
    """A title as it is suggested, on one line; None for one too long or too short to be.

    >>> offered_title(" 無錫  軟件園"), offered_title("園")
    ('無錫 軟件園', None)
    """
    shown = " ".join(title.split())
    return shown if 1 < len(shown) <= _LONGEST_OFFERED else None


def day_number(date: str | None) -> int:
    """An ISO date, whole or cut short, as a number that sorts; 0 for none.

    >>> day_number("2023-03-11T16:31:37"), day_number("2023-07"), day_number(None)
    (20230311, 20230700, 0)
    """
    matched = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", date or "")
    return int("".join(part or "00" for part in matched.groups())) if matched else 0
