"""What narrows this search, and what else could? Chips to take a filter away, values to add, times to choose.

Invariant: every address here is a search that the visitor could have made by hand; what is chosen is always
there to be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from indexer import Bin, Timeline, normalize
from webapp.addresses import address, search_url
from webapp.language import Messages
from webapp.params import SEVERAL, SearchParams

FACETS = ("collection", "source", "author", "year", "lang", "kind")
"""The facets that pages show, in their order."""
SHOWN = 8
"""Values of a facet on the page of results; all are on a page of their own."""
_NO_DATES: Mapping[str, Any] = {"date_from": None, "date_to": None}
Count = Callable[[SearchParams], int]


class Chip(NamedTuple):
    """A filter that is on: what it says, the search without it, how many hits that has where it is told."""

    label: str
    address: str
    hits: int | None = None


class Entry(NamedTuple):
    """A value of a facet: what it says, how many documents have it, the search with or without it."""

    value: str
    label: str
    documents: int
    address: str
    chosen: bool


class Facet(NamedTuple):
    """A facet with its most frequent values; `more` leads to all `values` where there are others."""

    name: str
    entries: tuple[Entry, ...]
    values: int
    more: str | None


class Bar(NamedTuple):
    """A bar of a histogram, in hundredths of its width and height, and the search that it leads to."""

    label: str
    documents: int
    x: float
    width: float
    height: float
    address: str
    chosen: bool


def chips(
    params: SearchParams, t: Messages, count: Count | None = None, page: str = "pages.search"
) -> list[Chip]:
    """The filters of a search that are on, each with the same page without it, and what `count` has then."""
    found = [(period(params.date_from, params.date_to, t), _NO_DATES)] if _dated(params) else []
    for name in SEVERAL:
        for value in params.chosen(name):
            found.append((value_label(name, value, t), {name: params.toggled(name, value)}))
    if params.near:
        found.append((t("results.nearto"), {"near": None}))
    if params.mode == "exact":
        found.append((t("search.mode.exact"), {"mode": "smart"}))
    return [
        Chip(
            label,
            address(page, **params.query(**change)),
            count(replace(params, page=1, **change)) if count else None,
        )
        for label, change in found
    ]


def _dated(params: SearchParams) -> bool:
    return bool(params.date_from or params.date_to)


def value_label(name: str, value: str, t: Messages) -> str:
    """A value of a facet as it is shown."""
    if name == "kind":
        return t("kind.html") if value == "html" else value.upper()
    return t.get(f"{name}.{value}") or value


def period(first: str | None, last: str | None, t: Messages) -> str:
    """A stretch of time as people say it: a day, a month, a year, years, or from and to.

    >>> from webapp.language import messages
    >>> t = messages("zh-Hans")
    >>> period("2021-01-01", "2021-12-31", t), period("1980-01-01", "1989-12-31", t)
    ('2021 年', '1980–1989 年')
    >>> period("2021-02-01", "2021-02-28", t), period("2021-03-05", "2021-03-05", t)
    ('2021 年 2 月', '2021 年 3 月 5 日')
    >>> period("2021-03-05", None, t)
    '2021年3月5日起'
    """
    if not (first and last):
        bound = first or last or ""
        return t("period.since" if first else "period.until", day=t.date(bound) or bound)
    since, until = first.split("-"), last.split("-")
    if (first[5:], last[5:]) == ("01-01", "12-31"):
        years = int(since[0]), int(until[0])
        return (
            t("period.year", n=years[0])
            if since[0] == until[0]
            else t("period.years", a=years[0], b=years[1])
        )
    year, month, day = map(int, since)
    if first == last:
        return t("period.day", year=year, month=t.month(month), day=day)
    if first[:7] == last[:7] and day == 1 and int(until[2]) >= 28:
        return t("period.month", year=year, month=t.month(month))
    return f"{t.date(first) or first} – {t.date(last) or last}"


def facets(
    counts: Mapping[str, Mapping[str, int]],
    values: Mapping[str, int],
    params: SearchParams,
    t: Messages,
    names: Sequence[str] = FACETS,
) -> list[Facet]:
    """The facets `names` that could narrow a result, or do; the values of those that do come first."""
    found = []
    for name in names:
        counted = counts.get(name, {})
        there = folded(chosen(params, name))
        # An archive may have as many authors as documents: no more of them are looked at than are shown.
        own = [each for each in counted if normalize(each) in there] if there else []
        kept = dict.fromkeys([*own, *islice(counted, SHOWN)])
        entries = tuple(entry(name, each, counted[each], params, t, there) for each in [*kept][:SHOWN])
        total = values.get(name, len(counted))
        if total > 1 or there:
            more = (
                address("browse.facets", **params.query(page=1), facet=name) if total > len(entries) else None
            )
            found.append(Facet(name, entries, total, more))
    return found


def entry(
    name: str, value: str, count: int, params: SearchParams, t: Messages, narrowed: frozenset[str]
) -> Entry:
    """One value of a facet, of which those that the search is narrowed to are `folded` in `narrowed`."""
    there = normalize(value) in narrowed
    if name == "year":
        change: Mapping[str, Any] = _NO_DATES if there else year_of(value)
        return Entry(value, t("period.year", n=int(value)), count, search_url(params, **change), there)
    change = {name: params.toggled(name, value)}
    return Entry(value, value_label(name, value, t), count, search_url(params, **change), there)


def chosen(params: SearchParams, name: str) -> tuple[str, ...]:
    """The values of a facet that narrow a search."""
    if name != "year":
        return params.chosen(name)
    since, until = params.date_from or "", params.date_to or ""
    whole = since[:4] == until[:4] and (since[5:], until[5:]) == ("01-01", "12-31")
    return (since[:4],) if whole else ()


def folded(values: Iterable[str]) -> frozenset[str]:
    """What values are the same by: a facet and a filter may write a name in different scripts."""
    return frozenset(map(normalize, values))


def year_of(value: str) -> dict[str, str]:
    """The change of parameters that keeps one year.

    >>> year_of("618")
    {'date_from': '0618-01-01', 'date_to': '0618-12-31'}
    """
    return {"date_from": f"{value:0>4}-01-01", "date_to": f"{value:0>4}-12-31"}


def bars(timeline: Timeline, params: SearchParams, t: Messages) -> list[Bar]:
    """The bars of a histogram; empty stretches of time have none."""
    most = max((each.count for each in timeline.bins), default=0)
    width = 100 / max(len(timeline.bins), 1)
    return [
        _bar(each, place * width, width, most, params, t)
        for place, each in enumerate(timeline.bins)
        if each.count
    ]


def _bar(each: Bin, x: float, width: float, most: int, params: SearchParams, t: Messages) -> Bar:
    there = (params.date_from, params.date_to) == (each.first, each.last)
    change = _NO_DATES if there else {"date_from": each.first, "date_to": each.last}
    return Bar(
        period(each.first, each.last, t),
        each.count,
        round(x, 2),
        round(width * 0.86, 2),
        round(max(each.count / most * 100, 3), 1),
        search_url(params, **change),
        there,
    )


def ends(timeline: Timeline, t: Messages) -> Sequence[str]:
    """What stands below the two ends of a histogram: years, months or days."""
    if not timeline.bins:
        return ()
    length = {"year": 4, "month": 7, "day": 10}[timeline.unit]
    days = timeline.bins[0].first[:length], timeline.bins[-1].last[:length]
    return [day.lstrip("0") if timeline.unit == "year" else t.date(day) or day for day in days]
