"""Which values do documents have, and how many have each? The most frequent first, of equals in order.

Years come the latest first: they are a row of their own, however many documents each has. **A name is one
value in whichever script and width**, as it is for a filter: under the spelling that most documents have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from indexer.query.filters import NAMED
from indexer.text.normalize import normalize

MOST = 100
"""So many values of a facet go with a result; the others are asked for."""
# A search counts many names, and the next one the same.
_folded = lru_cache(1 << 16)(normalize)
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
    every = {
        name: _years(counted["day"]) if name == "year" else _named(name, counted[name]) for name in FACETS
    }
    shown = {name: counts if name == "year" else _most(counts, most) for name, counts in every.items()}
    return Facets(shown, {name: len(counts) for name, counts in every.items()})


def _named(field: str, counted: Mapping[str | int, int]) -> Mapping[str, int]:
    """The counts of a field; those of names that fold to the same are added up."""
    counts = {str(value): count for value, count in counted.items()}
    if field not in NAMED:
        return counts
    folded = [*map(_folded, counts)]
    times = Counter(folded)
    if len(times) == len(counts):
        return counts
    alike: dict[str, list[str]] = {}
    for name, value in zip(folded, counts, strict=True):
        if times[name] > 1:
            alike.setdefault(name, []).append(value)
    added = dict(counts)
    for values in alike.values():
        # Of equals the first.
        usual = max(sorted(values), key=counts.__getitem__)
        added[usual] = sum(map(added.pop, values))
    return added


def _most(counts: Mapping[str, int], most: int | None) -> Mapping[str, int]:
    """The values that most documents have, in order."""
    least = sorted(counts.values())[-most] if most is not None and len(counts) > most else 0
    likely = [(value, count) for value, count in counts.items() if count >= least]
    return dict(sorted(sorted(likely), key=itemgetter(1), reverse=True)[:most])


def _years(days: Mapping[str | int, int]) -> dict[str, int]:
    years: Counter[str] = Counter()
    for day, count in sorted(days.items(), reverse=True):
        years[f"{int(day) // 10_000:04}"] += count
    return dict(years)
