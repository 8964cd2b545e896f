"""What do people look for, and what do they not find? A query log, added up.

Queries that fold alike (軟體園, 软体园) are one, shown as most typed. Further pages of a search are no
searches of their own; their times count. Invariant: pure, and the order of the lines decides nothing.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from indexer.measure.querylog import LogEntry
from indexer.text.normalize import folded_query

# Fewer documents than this are few.
FEW = 3


@dataclass(frozen=True, slots=True)
class QueryCount:
    """A query as most typed, how often it was asked, how the last search for it fared."""

    query: str
    times: int
    total: int
    last: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class SlowQuery:
    """The slowest search for a query."""

    query: str
    took_ms: float
    at: str
    total: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A log added up. Times are milliseconds, shares are of 1, days and times of day are UTC.

    `zero` and `few` are queries whose last search without filters found nothing, or next to nothing; what
    has been mended since is not among them. `offered` counts searches with a suggestion, `followed` those
    where it was searched for at once.
    """

    first: str | None
    last: str | None
    searches: int
    queries: int
    zero_results: int
    zero_share: float
    offered: int
    followed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    days: Mapping[str, int]
    frequent: tuple[QueryCount, ...]
    zero: tuple[QueryCount, ...]
    few: tuple[QueryCount, ...]
    slow: tuple[SlowQuery, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as `hansou report --json` prints it."""
        return asdict(self)


def within(entry: LogEntry, since: str | None, until: str | None) -> bool:
    """Whether a search was made between two dates, whole or cut short, both included.

    >>> at = "2026-03-31T23:59:59Z"
    >>> march = LogEntry(at, "page", "無錫", "smart", "relevance", 1, 0, 1.0, None, False, "g")
    >>> within(march, "2026-03", "2026-03"), within(march, None, "2026-03-30")
    (True, False)
    """
    return (since is None or entry.at >= since) and (until is None or entry.at[: len(until)] <= until)


def summarize(searches: Iterable[LogEntry], top: int = 20) -> Summary:
    """Add up searches; each list has at most `top` queries."""
    tally = _Tally()
    for entry in searches:
        tally.add(entry)
    return tally.summary(top)


@dataclass(slots=True)
class _Query:
    """What is known of one folded query; `last` is its latest search without filters."""

    typed: Counter[str] = field(default_factory=Counter)
    last: LogEntry | None = None
    latest: LogEntry | None = None
    slowest: LogEntry | None = None

    def add(self, entry: LogEntry) -> None:
        if self.slowest is None or entry.took_ms > self.slowest.took_ms:
            self.slowest = entry
        if entry.page > 1:
            return
        self.typed[entry.query] += 1
        if self.latest is None or entry.at >= self.latest.at:
            self.latest = entry
        if not entry.filters and (self.last is None or entry.at >= self.last.at):
            self.last = entry

    @property
    def shown(self) -> str:
        return min(self.typed, key=lambda text: (-self.typed[text], text))


@dataclass(slots=True)
class _Tally:
    """Everything so far."""

    queries: dict[tuple[str, str], _Query] = field(default_factory=dict)
    times: array[float] = field(default_factory=lambda: array("d"))
    days: Counter[str] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None
    searches: int = 0
    zero: int = 0
    offered: int = 0
    followed: int = 0

    def add(self, entry: LogEntry) -> None:
        folded = folded_query(entry.query)
        self.queries.setdefault((folded, entry.mode), _Query()).add(entry)
        self.times.append(entry.took_ms)
        self.first = min(self.first or entry.at, entry.at)
        self.last = max(self.last or entry.at, entry.at)
        if entry.page > 1:
            return
        self.searches += 1
        self.zero += entry.total == 0
        self.offered += entry.suggestion is not None
        self.followed += entry.followed
        self.days[entry.at[:10]] += 1

    def summary(self, top: int) -> Summary:
        times = sorted(self.times)
        known = [query for query in self.queries.values() if query.typed]
        lasting = [(query, query.last) for query in known if query.last]
        slowest = [query.slowest for query in self.queries.values() if query.slowest]
        slowest.sort(key=lambda entry: (-entry.took_ms, entry.query))
        return Summary(
            first=self.first,
            last=self.last,
            searches=self.searches,
            queries=len(known),
            zero_results=self.zero,
            zero_share=round(self.zero / self.searches, 4) if self.searches else 0.0,
            offered=self.offered,
            followed=self.followed,
            p50_ms=percentile(times, 0.50),
            p95_ms=percentile(times, 0.95),
            p99_ms=percentile(times, 0.99),
            days=dict(sorted(self.days.items())),
            frequent=_most([(query, query.latest) for query in known if query.latest], top),
            zero=_most([pair for pair in lasting if pair[1].total == 0], top),
            few=_most([pair for pair in lasting if 0 < pair[1].total < FEW], top),
            slow=tuple(SlowQuery(each.query, each.took_ms, each.at, each.total) for each in slowest[:top]),
        )


def _most(queries: Iterable[tuple[_Query, LogEntry]], top: int) -> tuple[QueryCount, ...]:
    found = [
        QueryCount(query.shown, query.typed.total(), entry.total, entry.at, entry.suggestion)
        for query, entry in queries
    ]
    return tuple(sorted(found, key=lambda count: (-count.times, count.query))[:top])


def percentile(ascending: Sequence[float], share: float) -> float:
    """The value below which the share of sorted values lies, to three places; 0 of none.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5)
    3.0
    """
    return round(ascending[min(len(ascending) - 1, int(share * len(ascending)))], 3) if ascending else 0.0
