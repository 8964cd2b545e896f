"""When are documents from? Counts by years, months or days, whichever fits what dates they state.

**Bins and undated documents add up to all.** A unit is taken only where every date is as exact as that; years
stand together in tens and more where there are too many to show.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["year", "month", "day"]
MOST = 80
"""Bins at most, but for months and days, which are as many as `_LONGEST_SPAN` says."""
_WIDTHS = (1, 2, 5, 10, 20, 50, 100, 200)
# Up to so many months by months, up to so many days by days.
_MONTHS, _DAYS = 36, 62


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch of time, both days included (ISO 8601), and how many documents are from it."""

    first: str
    last: str
    count: int

    def to_json(self) -> dict[str, Any]:
        """`{from, to, count}`."""
        return {"from": self.first, "to": self.last, "count": self.count}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bins without a gap from the first to the last date, and how many documents state none."""

    unit: Unit = "year"
    bins: tuple[Bin, ...] = ()
    undated: int = 0

    def to_json(self) -> dict[str, Any]:
        """`{unit, bins, undated}`."""
        return {"unit": self.unit, "bins": [each.to_json() for each in self.bins], "undated": self.undated}


def timeline(days: Mapping[str | int, int], total: int) -> Timeline:
    """The bins of documents: how many have each number YYYYMMDD, and how many there are with those without.

    >>> timeline({20160300: 2, 20170000: 1}, 5)
    Timeline(unit='year', bins=(Bin(first='2016-01-01', last='2016-12-31', count=2), \
Bin(first='2017-01-01', last='2017-12-31', count=1)), undated=2)
    """
    dated = {int(day): count for day, count in days.items()}
    undated = max(0, total - sum(dated.values()))
    if not dated:
        return Timeline("year", (), undated)
    unit = _unit(dated)
    bins = {"year": _by_year, "month": _by_month, "day": _by_day}[unit](dated)
    return Timeline(unit, tuple(bins), undated)


def _unit(dated: Mapping[int, int]) -> Unit:
    first, last = min(dated), max(dated)
    if any(day // 100 % 100 == 0 for day in dated) or _months(last) - _months(first) >= _MONTHS:
        return "year"
    whole = all(_is_day(day) for day in dated)
    return "day" if whole and _number(last) - _number(first) < _DAYS else "month"


def _months(day: int) -> int:
    return day // 10_000 * 12 + min(day // 100 % 100, 12) - 1


def _is_day(day: int) -> bool:
    year, month, date = day // 10_000, day // 100 % 100, day % 100
    return 1 <= year and 1 <= month <= 12 and 1 <= date <= monthrange(year, month)[1]


def _number(day: int) -> int:
    """A count of days that has no gap within two months."""
    return _months(day) * 31 + day % 100


def _counted(dated: Mapping[int, int], place: Callable[[int], int]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for day, count in dated.items():
        counts[place(day)] += count
    return counts


def _by_year(dated: Mapping[int, int]) -> Iterator[Bin]:
    first, last = min(dated) // 10_000, max(dated) // 10_000
    width = next((each for each in _WIDTHS if last // each - first // each < MOST), 500)
    counts = _counted(dated, lambda day: day // 10_000 // width)
    for place in range(first // width, last // width + 1):
        start = max(place * width, 1)
        yield Bin(f"{start:04}-01-01", f"{place * width + width - 1:04}-12-31", counts[place])


def _by_month(dated: Mapping[int, int]) -> Iterator[Bin]:
    counts = _counted(dated, _months)
    for place in range(min(counts), max(counts) + 1):
        year, month = place // 12, place % 12 + 1
        days = monthrange(max(year, 1), month)[1]
        yield Bin(f"{year:04}-{month:02}-01", f"{year:04}-{month:02}-{days}", counts[place])


def _by_day(dated: Mapping[int, int]) -> Iterator[Bin]:
    counts = _counted(dated, lambda day: day)
    for place in range(_months(min(counts)), _months(max(counts)) + 1):
        year, month = place // 12, place % 12 + 1
        for date in range(1, monthrange(year, month)[1] + 1):
            day = year * 10_000 + month * 100 + date
            if min(counts) <= day <= max(counts):
                iso = f"{year:04}-{month:02}-{date:02}"
                yield Bin(iso, iso, counts[day])
