"""Which fields does an index have, and what does each hold of a document?

    id                          the document's id, unique
    words                       words of title and body, with frequencies: for ranking
    grams                       grams of title and body, with positions, and where sentences end: for finding,
                                for phrases and distances
    title_grams                 the same of the title alone: for `title:`, and for titles that ask the same
    title_signs                 signs of the title, which are no grams (★): for `title:`
    title                       the title as it is offered: for suggestions
    source_grams, author_grams, collection_grams
                                grams of the names, for `source:`, `author:` and `collection:`
    source, collection, author, lang
                                exact values, for filters and counts
    kind                        the kind of file the document was read from, as "pdf": for filters and counts
    day                         the date as the number YYYYMMDD, 0 without one: for ranges, counts and order
    repairs                     the kind of each repair step, for counts
    sketch_a, sketch_b          the fingerprint, for near-duplicates (`indexer.derived.duplicates`)
    stored                      everything a page shows, as one JSON object

Values come analyzed, so the fields are the same for every configuration and every engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from indexer.documents.kinds import kind_named
from indexer.query.filters import day_number
from indexer.text.analyzer import Analyzer, Pieces
from indexer.text.units import SIGN, Units, is_sign

Kind = Literal["words", "grams", "key", "value", "number", "record"]
"""Scored pieces without positions; scored units with them; one term; one term that is counted; a number."""
FIELDS: Mapping[str, Kind] = {
    "id": "key",
    "words": "words",
    "grams": "grams",
    "title_grams": "grams",
    "title_signs": "words",
    "title": "key",
    "source_grams": "grams",
    "author_grams": "grams",
    "collection_grams": "grams",
    "source": "value",
    "collection": "value",
    "author": "value",
    "lang": "value",
    "kind": "value",
    "day": "number",
    "added": "number",
    "repairs": "words",
    "sketch_a": "number",
    "sketch_b": "number",
    "stored": "record",
}
Record = Mapping[str, Any]
"""What is stored of a document: JSON values by name, those of `Document` among them."""
Value = str | int | Pieces | Units | Record | None
Fields = Mapping[str, Value]
"""What is indexed of a document: a value by field name; None is none."""
_LONGEST_OFFERED = 40
_REMEMBERED = 1 << 10


def is_scored(name: str) -> bool:
    """Whether terms of a field count by how rare and how frequent they are."""
    return FIELDS.get(name) in ("words", "grams")


def index_fields(record: Record, analyzer: Analyzer) -> dict[str, Value]:
    """What the fields hold of a document's record, but for its fingerprint; empty ones left out."""
    text = indexed_text(record)
    found: dict[str, Value] = {
        "id": record["id"],
        "words": analyzer.pieces(text),
        "grams": analyzer.gram_units(text),
        "lang": record["lang"],
        "stored": record,
    }
    if title := record["title"]:
        found["title_grams"] = analyzer.gram_units(title)
        if SIGN.search(title):
            found["title_signs"] = analyzer.pieces(title)._replace(counts=is_sign)
        found["title"] = offered_title(title)
    if source := record["source"]:
        found["source"] = source
        found["source_grams"] = analyzer.name_units(source)
    if author := record["author"]:
        found["author"] = author
        found["author_grams"] = analyzer.name_units(author)
    if collection := record.get("collection"):
        found["collection"] = collection
        found["collection_grams"] = analyzer.name_units(collection)
    if kind := kind_named(record["origin"][1] if record.get("origin") else record["id"]):
        found["kind"] = kind
    if record["date"]:
        found["day"] = day_number(record["date"]) or None
    if added := record.get("added_at"):
        found["added"] = _moment(added)
    if steps := record.get("steps"):
        found["repairs"] = Pieces.of([step["kind"] for step in steps])
    return found


@lru_cache(_REMEMBERED)
def _moment(stated: str) -> int:
    """A time in ISO 8601 as seconds since 1970: all documents of one build were added at the same."""
    return int(datetime.fromisoformat(stated).timestamp())


def indexed_text(record: Record) -> str:
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
