"""How are results taken along? As lines of JSON, CSV, BibTeX or RIS, one entry at a time.

Every format is written as it goes, so what is written_hits may be longer than what fits in memory.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from typing import Any, Literal

from indexer.results.concordance import KeywordLine
from indexer.results.results import Hit

Format = Literal["jsonl", "csv", "bibtex", "ris"]
Address = Callable[[str], str | None]
"""From a document's id to the address of its page, None where there is no server."""
_COLUMNS = (
    "id",
    "title",
    "author",
    "source",
    "date",
    "collection",
    "lang",
    "url",
    "address",
    "score",
    "copies",
)
_LINE_COLUMNS = ("id", "start", "left", "keyword", "right", "date", "source", "title", "lang")
_SPECIAL = {**{each: f"\\{each}" for each in "{}%&#_$"}, "\\": "\\textbackslash{}", "~": "\\textasciitilde{}"}
_ISO = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def written_hits(hits: Iterable[Hit], format: Format, address: Address) -> Iterator[str]:
    """Hits as pieces of a file."""
    rows = (_row(hit, address(hit.id)) for hit in hits)
    match format:
        case "jsonl":
            yield from map(_json, rows)
        case "csv":
            yield from _csv(rows, _COLUMNS)
        case "bibtex":
            yield from (_bibtex(row, number) for number, row in enumerate(rows, 1))
        case "ris":
            yield from map(_ris, rows)


def written_lines(lines: Iterable[KeywordLine], format: Literal["jsonl", "csv"]) -> Iterator[str]:
    """Lines of a concordance as pieces of a file."""
    rows = ({name: getattr(line, name) for name in _LINE_COLUMNS} for line in lines)
    yield from map(_json, rows) if format == "jsonl" else _csv(rows, _LINE_COLUMNS)


def _row(hit: Hit, address: str | None) -> dict[str, Any]:
    stated = {name: getattr(hit, name) for name in _COLUMNS if name not in ("title", "address")}
    return {name: {**stated, "title": hit.heading.text, "address": address}[name] for name in _COLUMNS}


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _json(row: Mapping[str, Any]) -> str:
    return _encode(row) + "\n"


def _csv(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> Iterator[str]:
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        yield _taken(written)
        writer.writerow(row.values())
    yield _taken(written)


def _taken(written: StringIO) -> str:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text


def _bibtex(row: Mapping[str, Any], number: int) -> str:
    date = _ISO.match(row["date"] or "")
    fields = {
        "title": row["title"],
        "author": row["author"],
        "publisher": row["source"],
        "date": date[0] if date else None,
        "year": date[1] if date else None,
        "url": row["url"] or row["address"],
        "note": row["id"],
    }
    body = "".join(
        f"  {name} = {{{value if name == 'url' else _escaped(value)}}},\n"
        for name, value in fields.items()
        if value
    )
    return f"@misc{{hansou{number},\n{body}}}\n\n"


def _escaped(text: str) -> str:
    """A text as BibTeX takes it, on one line.

    >>> _escaped("50% & {more}")
    '50\\\\% \\\\& \\\\{more\\\\}'
    """
    return "".join(_SPECIAL.get(each, each) for each in " ".join(text.split()))


def _ris(row: Mapping[str, Any]) -> str:
    date = _ISO.match(row["date"] or "")
    tags = (
        ("TY", "GEN"),
        ("TI", row["title"]),
        ("AU", row["author"]),
        ("PB", row["source"]),
        ("PY", date[1] if date else None),
        ("DA", "/".join(part or "" for part in date.groups()) if date else None),
        ("UR", row["url"] or row["address"]),
        ("LA", row["lang"]),
        ("ID", row["id"]),
    )
    body = "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in tags if value)
    return f"{body}ER  - \n\n"
