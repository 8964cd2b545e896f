"""What is sent to a cluster of a document? One line of JSON: its terms, and what is stored of it.

Terms are joined by line breaks, which no term has. A pair is written with `LINK` between its characters, of
which the cluster makes the pair and, at the same position, the character that opens it. What is stored
(`NAME_units`) are the units of a field, from which positions of any term can be told (`places`). A value that
is counted has a number besides (`NAME_code`).
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from indexer.engine.fields import FIELDS, Fields, Record, Value, is_scored
from indexer.query.ranking import LENGTHS
from indexer.text.analyzer import Pieces
from indexer.text.units import STOP, Units

LINK, BREAK, WHOLE = "\x01", "\n", "\x02"
"""Between the characters of a pair, between terms, before a unit that is one term."""
STORED_UNITS = ("grams", "title_grams")
"""The fields of which units are stored, to see what stands close together."""
_ODD, _LAST = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF
_LONGEST, _KEPT = 8_000, 500
_NO_TERM = re.compile(f"[{LINK}{BREAK}{WHOLE}\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


def portable(term: str) -> str:
    """A term as a cluster can hold it: half of a surrogate pair is none, and of a very long one a digest.

    >>> portable("無錫"), portable("\\ud800") == "\\ufffd", len(portable("a" * 9000))
    ('無錫', True, 564)
    """
    if _NO_TERM.search(term):
        term = _NO_TERM.sub("\ufffd", term)
    if len(term) * 4 > _LONGEST and len(term.encode()) > _LONGEST:
        return f"{term[:_KEPT]}{hashlib.sha256(term.encode()).hexdigest()}"
    return term


def body_of(fields: Fields) -> bytes:
    """A document as it is sent, in JSON, without what only the whole index says of it."""
    found: dict[str, str | int] = {}
    for name, value in fields.items():
        if value is not None:
            found |= _content(name, value)
    found["scatter"] = _scattered(int(str(fields.get("sketch_a") or 0)))
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _content(name: str, value: Value) -> Iterator[tuple[str, str | int]]:
    kind = FIELDS[name]
    if isinstance(value, Pieces):
        counts = value.counts
        terms = [portable(text) for text in value.texts() if counts is None or counts(text)]
        yield name, BREAK.join(terms)
        yield f"{name}_length", rounded(len(terms))
    elif isinstance(value, tuple):
        units = [*_cut(value)]
        yield name, BREAK.join(_terms(units))
        yield (
            f"{name}_length",
            rounded(sum(2 * len(text) - 1 if run else text != STOP for text, run in units)),
        )
        if name == "grams":
            yield "characters", sum(len(text) if run else text != STOP for text, run in units)
        if name in STORED_UNITS:
            yield f"{name}_units", BREAK.join(text if run else WHOLE + text for text, run in units)
    elif kind == "record":
        assert isinstance(value, dict)
        yield "record", written(value)
    elif isinstance(value, str):
        yield name, portable(value)
        if kind == "value":
            yield f"{name}_code", code(value)
    elif isinstance(value, int) and name in ("day", "added"):
        yield name, value


def _cut(units: Units) -> Iterator[tuple[str, bool]]:
    """Each unit, and whether it is a run, of which every character and pair is a term."""
    text, spans = units
    for start, end in zip(spans[::2], spans[1::2], strict=True):
        run = bool(start & 1)
        unit = text[start >> 1 : end]
        yield (unit if run else portable(unit)), run


def _terms(units: list[tuple[str, bool]]) -> Iterator[str]:
    for text, run in units:
        if run:
            yield from map(LINK.join, pairwise(text))
            yield text[-1]
        else:
            yield text


def rounded(length: int) -> int:
    """A length as one byte says it.

    >>> rounded(40), rounded(41), rounded(1000)
    (40, 40, 984)
    """
    return LENGTHS[bisect_right(LENGTHS, length) - 1]


def code(value: str) -> int:
    """What a value is counted by, 64 bits of a digest: numbers are counted in half the time of strings."""
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _scattered(sketch: int) -> int:
    """Where a document stands among all, by what it says alone; alike ones far apart, short ones last."""
    return ((sketch * _ODD & _LAST) or _LAST) >> 1


def written(record: Record) -> str:
    """A record as it is stored."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(record, separators=(",", ":")) if _HALF.search(text) else text


def scored_fields() -> list[str]:
    """The fields whose terms are scored."""
    return [name for name in FIELDS if is_scored(name)]


def positional_fields() -> list[str]:
    """The fields that keep where a term stands."""
    return [name for name, kind in FIELDS.items() if kind == "grams"]
