"""Which documents may be found? The filters of a search as one node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from indexer.query.nodes import Alike, AllOf, AnyOf, Between, Node, Term
from indexer.text.normalize import normalize

_LAST_DAY = 99_999_999
Names = Mapping[str, Mapping[str, Sequence[str]]]
"""Field → folded name → the names as documents write them."""


def filters(
    names: Names,
    named: Mapping[str, str | None],
    lang: str | None,
    dates: tuple[str | None, str | None],
    near: str | None,
) -> Node | None:
    """What a document must satisfy; None where everything may be found.

    `named` has a name or None for "source" and for "collection", in whichever script and width; `names` has
    those of each as documents write them, by their folded form. `lang` is a script, "zh-Hans" or "zh-Hant";
    `dates` are the first and the last, ISO, whole or cut short, both included, and undated documents are
    outside; `near` is the id of a document, for those near-identical to it.
    """
    found = tuple(_filters(names, named, lang, dates, near))
    return AllOf(found) if found else None


def _filters(
    names: Names,
    named: Mapping[str, str | None],
    lang: str | None,
    dates: tuple[str | None, str | None],
    near: str | None,
) -> Iterator[Node]:
    for field, name in named.items():
        if name:
            yield AnyOf(tuple(Term(field, written) for written in names[field].get(normalize(name), ())))
    if lang:
        yield Term("lang", lang)
    if any(dates):
        yield _dated(*dates)
    if near:
        yield Alike(near)


def _dated(date_from: str | None, date_to: str | None) -> Node:
    last = day_number(date_to) or _LAST_DAY
    # A month or year as the end includes its last day.
    last += 99 if last % 100 == 0 else 0
    last += 9900 if last // 100 % 100 == 0 else 0
    return Between("day", max(day_number(date_from), 1), last)


def day_number(date: str | None) -> int:
    """An ISO date, whole or cut short, as a number that sorts; 0 for none.

    >>> day_number("2023-03-11T16:31:37"), day_number("2023-07"), day_number(None)
    (20230311, 20230700, 0)
    """
    matched = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", date or "")
    return int("".join(part or "00" for part in matched.groups())) if matched else 0
