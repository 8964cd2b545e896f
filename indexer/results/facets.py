"""Which values do documents have, and how many have each? The most frequent first, of equals in order.

Years come the latest first: they are a row of their own, however many documents each has. **A name is one
value in whichever script and width**, as it is for a filter: under the spelling that most documents have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

from indexer.query.filters import NAMED
from indexer.text.normalize import normalize

MOST = 100
"""So many values of a facet go with a result; the others are asked for."""
FACETS = ("collection", "source", "author", "year", "lang", "kind")


@dataclass(frozen=True, slots=True)
class Facets:
    """By facet the number of documents of each value, and how many values there are."""

    counts: Mapping[str, Mapping[str, int]]
    values: Mapping[str, int]

    def to_json(self) -> dict[str, dict[str, int]]:
        """The counts alone."""
        return {name: dict(counts) for name, counts in self.counts.items()}


def facets_of(counted: Mapping[str, Mapping[str | int, int]], most: int | None = MOST) -> Facets:
    """The facets of a result from its counts by field, days added up to years; `most` values of each."""
    years = _years(counted["day"])
    ordered = {name: _ordered(counted[name]) for name in FACETS if name != "year"}
    whole = {name: _as_one(counts) if name in NAMED else counts for name, counts in ordered.items()}
    named = {name: years if name == "year" else dict(whole[name][:most]) for name in FACETS}
    values = {name: len(years if name == "year" else whole[name]) for name in FACETS}
    return Facets(named, values)


def _ordered(counts: Mapping[str | int, int]) -> list[tuple[str, int]]:
    # Of equals the first stays first.
    ordered = sorted(sorted(counts.items(), key=itemgetter(0)), key=itemgetter(1), reverse=True)
    return [(str(value), n) for value, n in ordered]


def _as_one(ordered: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Counts with those of names that fold to the same added up, in order."""
    # All at once: one by one takes several times as long. A name of several lines would come apart.
    folded = normalize("\n".join(value for value, _ in ordered)).split("\n")
    if len(folded) != len(ordered):
        folded = [normalize(value) for value, _ in ordered]
    if len({*folded}) == len(ordered):
        return ordered
    added: Counter[str | int] = Counter()
    written: dict[str, str] = {}
    for name, (value, count) in zip(folded, ordered, strict=True):
        added[written.setdefault(name, value)] += count
    return _ordered(added)


def _years(days: Mapping[str | int, int]) -> dict[str, int]:
    years: Counter[str] = Counter()
    for day, count in sorted(days.items(), reverse=True):
        years[f"{int(day) // 10_000:04}"] += count
    return dict(years)
