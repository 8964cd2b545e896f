"""Which fields does an index have?

    id                          the document's id, unique
    title_words, body_words     words with frequencies: for ranking
    title_grams, body_grams     grams with positions: for finding, phrases and single characters
    source_grams, author_grams  grams of the names, for `source:` and `author:`
    source, lang                exact values, for filters and counts
    day                         the date as the number YYYYMMDD, for ranges and sorting
    stored                      everything a page shows, as one JSON text

The postings come from the one analyzer; the field types only hand them to Whoosh.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from whoosh import fields, formats

from indexer.analyzer import Analyzer

Terms = tuple[Sequence[str], Sequence[int] | None]


class _Analyzed(fields.FieldType):  # type: ignore[misc]
    """A field whose terms the analyzer makes. `bulk` gives them in columns, `index` as Whoosh wants them."""

    def __init__(self, terms: Callable[[str], Terms], format_: formats.Format) -> None:
        super().__init__(format_, None, scorable=True)
        self.bulk = terms

    def __getstate__(self) -> dict[str, Any]:
        # The schema is given when an index is opened; the copy Whoosh keeps needs no analyzer.
        return self.__dict__ | {"bulk": None}

    def index(self, value: str, **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Postings of one value: term, frequency, weight, encoded frequency or positions."""
        terms, positions = self.bulk(value)
        places: dict[str, list[int]] = defaultdict(list)
        for term, position in zip(terms, range(len(terms)) if positions is None else positions, strict=True):
            places[term].append(position)
        for term, at in places.items():
            encoded = formats.pack_uint(len(at)) if positions is None else self.format.encode(at)
            yield self.to_bytes(term), len(at), float(len(at)), encoded


def make_schema(analyzer: Analyzer) -> fields.Schema:
    """The schema of an index whose terms `analyzer` makes."""

    def words(value: str) -> Terms:
        return analyzer.word_terms(value), None

    def words_field() -> _Analyzed:
        return _Analyzed(words, formats.Frequency())

    def grams_field() -> _Analyzed:
        return _Analyzed(analyzer.gram_terms, formats.Positions())

    return fields.Schema(
        id=fields.ID(unique=True),
        title_words=words_field(),
        title_grams=grams_field(),
        body_words=words_field(),
        body_grams=grams_field(),
        source_grams=grams_field(),
        author_grams=grams_field(),
        source=fields.ID(),
        lang=fields.ID(),
        day=fields.NUMERIC(int, sortable=True, default=0),
        stored=fields.STORED(),
    )


def day_number(date: str | None) -> int:
    """An ISO date, whole or cut short, as a number that sorts; 0 for none.

    >>> day_number("2023-03-11T16:31:37"), day_number("2023-07"), day_number(None)
    (20230311, 20230700, 0)
    """
    matched = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", date or "")
    return int("".join(part or "00" for part in matched.groups())) if matched else 0
