"""Which Whoosh schema do the fields of an index have? Field types that take what is analyzed already.

Whoosh checks the names of fields and keeps the schema beside the segments; what is written of each is said by
its kind in `indexer.engine.fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from whoosh import columns, fields, formats

from indexer.engine.fields import FIELDS, Kind


class PiecesField(fields.FieldType):  # type: ignore[misc]
    """A field whose value is the pieces of a text and which of them are terms; frequencies are kept."""

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), None, scorable=True)


class UnitsField(fields.FieldType):  # type: ignore[misc]
    """A field whose value is the units of a text (`Analyzer.gram_units`); positions are kept."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)


_TYPES: Mapping[Kind, Callable[[], fields.FieldType]] = {
    "words": PiecesField,
    "grams": UnitsField,
    "key": fields.ID,
    "value": lambda: fields.ID(sortable=True),
    "number": lambda: fields.COLUMN(columns.NumericColumn("q")),
    "record": fields.STORED,
}


def make_schema() -> fields.Schema:
    """The schema of every index."""
    return fields.Schema(**{name: _TYPES[kind]() for name, kind in FIELDS.items()})
