"""Which documents may be found? The filters of a search as one node.

Several values of one filter are alternatives, several filters hold together. Who asks how many there would be
of other values leaves a filter out by its name.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from indexer.query.nodes import Alike, AllOf, AnyOf, Between, Node, Term
from indexer.text.normalize import normalize

LAST_DAY = 9999_99_99
"""No date has a greater number."""
NAMED = ("source", "collection", "author")
"""Fields whose values are found in either script."""
EXACT = ("lang", "kind")
"""Fields whose values are as they are."""
Names = Mapping[str, Mapping[str, Sequence[str]]]
"""Field → folded name → the names as documents write them."""
Values = str | Sequence[str] | None
"""One value of a filter, or any of several; none or an empty one is no filter."""


class Narrowing(TypedDict, total=False):
    """What narrows a search: each key is a filter.

    Names are in whichever script and width. `lang` is a script, "zh-Hans" or "zh-Hant"; `kind` is the kind of
    file, as "pdf". The dates are the first and the last, ISO, whole or cut short, both included, and undated
    documents are outside. `near` is the id of a document, for those near-identical to it.
    """

    source: Values
    collection: Values
    author: Values
    lang: Values
    kind: Values
    date_from: str | None
    date_to: str | None
    near: str | None


def filters(names: Names, narrowing: Narrowing, *, apart: str = "") -> Node | None:
    """What a document must satisfy; None where everything may be found.

    `names` has of each of `NAMED` the names as documents write them, by their folded form. `apart` is a
    filter to be left out: a field, or "day" for the dates. Raises TypeError for a filter that there is not.
    """
    if unknown := narrowing.keys() - Narrowing.__annotations__.keys():
        raise TypeError(f"no filter is called {min(unknown)!r}")
    found = tuple(_filters(names, narrowing, apart))
    return AllOf(found) if found else None


def narrowed_fields(narrowing: Narrowing) -> list[str]:
    """The fields that filters narrow, of those that documents are counted by."""
    fields = [field for field in (*NAMED, *EXACT) if narrowing.get(field)]
    return fields + (["day"] if narrowing.get("date_from") or narrowing.get("date_to") else [])


def _filters(names: Names, narrowing: Narrowing, apart: str) -> Iterator[Node]:
    for field in (*NAMED, *EXACT):
        wanted = several(narrowing.get(field))  # type: ignore[arg-type]
        if wanted and field != apart:
            written = names[field] if field in NAMED else {}
            yield AnyOf(
                tuple(
                    Term(field, each)
                    for value in wanted
                    for each in (written.get(normalize(value), ()) if field in NAMED else (value,))
                )
            )
    dates = narrowing.get("date_from"), narrowing.get("date_to")
    if any(dates) and apart != "day":
        yield _dated(*dates)
    if near := narrowing.get("near"):
        yield Alike(near)


def several(values: Values) -> tuple[str, ...]:
    """The values of a filter.

    >>> several("甲報"), several(["甲報", "", "乙報"]), several(None)
    (('甲報',), ('甲報', '乙報'), ())
    """
    return tuple(filter(None, (values,) if isinstance(values, str) else values or ()))


def _dated(date_from: str | None, date_to: str | None) -> Node:
    last = day_number(date_to) or LAST_DAY
    # A month or year as the end includes its last day.
    last += 99 if last % 100 == 0 else 0
    last += 9900 if last // 100 % 100 == 0 else 0
    return Between("day", max(_opened(day_number(date_from), last), 1), last)


def _opened(first: int, last: int) -> int:
    """The first day, before those that are dated by a month or year alone which lies in the period whole.

    >>> _opened(20210101, 20211231), _opened(20210101, 20210630), _opened(20210102, 20211231)
    (20210000, 20210100, 20210102)
    """
    if first % 10_000 == 101 and last >= first + 1130:
        return first - 101
    month = first // 100 * 100
    return (
        month if first % 100 == 1 and last >= month + days_in(first // 10_000, first // 100 % 100) else first
    )


def days_in(year: int, month: int) -> int:
    """How many days a month has; 31 for what is none.

    >>> days_in(2020, 2), days_in(2021, 13)
    (29, 31)
    """
    return monthrange(max(year, 1), month)[1] if 1 <= month <= 12 else 31


def day_number(date: str | None) -> int:
    """An ISO date, whole or cut short, as a number that sorts; 0 for none.

    >>> day_number("2023-03-11T16:31:37"), day_number("2023-07"), day_number(None)
    (20230311, 20230700, 0)
    """
    matched = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", date or "")
    return int("".join(part or "00" for part in matched.groups())) if matched else 0
