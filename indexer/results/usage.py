"""What stands beside a word more often than by chance, and when is it used? Collocates and frequencies.

A collocate is a word within `SPAN` words of the keyword; how telling it is says the log-likelihood of its
frequency there and elsewhere (Dunning's G²), as corpus tools do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import log
from typing import Any

from indexer.engine.answers import Standing
from indexer.engine.protocol import Snapshot
from indexer.results.keywords import Keywords, Seen

SPAN = 5
"""Words on each side."""
MOST_READ = 20_000
"""So many places at most are looked at for collocates: of more, those of every n-th document."""
SHOWN = 100
_LEAST = 3
_SPAN_WIDTH = 20
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Collocate:
    """A folded word, how often it stands beside the keyword, how often anywhere, and its log-likelihood."""

    word: str
    beside: int
    total: int
    likelihood: float


@dataclass(frozen=True, slots=True)
class Year:
    """How often a keyword stands in the documents of a year, and in how many characters of them."""

    year: str
    count: int
    characters: int

    @property
    def per_million(self) -> float:
        """Times in a million characters."""
        return self.count / self.characters * 1_000_000 if self.characters else 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """How a keyword is used: its collocates from `read` of `total` places, and its frequency by year."""

    total: int
    read: int
    collocates: tuple[Collocate, ...]
    years: tuple[Year, ...]
    undated: int

    def to_json(self) -> dict[str, Any]:
        """The object of `GET /api/v1/usage`."""
        shown = asdict(self)
        for year, row in zip(self.years, shown["years"], strict=True):
            row["per_million"] = round(year.per_million, 3)
        for row in shown["collocates"]:
            row["likelihood"] = round(row["likelihood"], 3)
        return shown


def by_year(snapshot: Snapshot, found: Standing, volumes: Mapping[str | int, int]) -> tuple[list[Year], int]:
    """The frequency in each year that has documents, and how many places are in undated ones."""
    counts: Counter[str] = Counter()
    undated = 0
    for day, times in zip(snapshot.numbers("day", found.documents), found.times, strict=True):
        if day:
            counts[_year(day)] += times
        else:
            undated += times
    sizes: Counter[str] = Counter()
    for stated, size in volumes.items():
        sizes[_year(int(stated))] += size
    return [Year(year, counts[year], size) for year, size in sorted(sizes.items())], undated


def _year(day: int) -> str:
    return f"{day // 10_000:04}"


def collocates(
    snapshot: Snapshot, keywords: Keywords, found: Standing, words: Callable[[str], list[str]]
) -> tuple[list[Collocate], int]:
    """The words beside the keyword, the most telling first, and at how many places they were looked for."""
    step = max(1, -(-sum(found.times) // MOST_READ))
    counts: Counter[str] = Counter()
    read = 0
    numbers = sorted(found.documents[::step])
    for start in range(0, len(numbers), _BATCH):
        for record in snapshot.records(numbers[start : start + _BATCH]):
            folded = Seen.of(record["text"]).folded
            for first, last in keywords.find(folded):
                read += 1
                counts.update(words(folded[max(0, first - _SPAN_WIDTH) : first])[-SPAN:])
                counts.update(words(folded[last : last + _SPAN_WIDTH])[:SPAN])
    return _weighed(snapshot, counts), read


def _weighed(snapshot: Snapshot, counts: Counter[str]) -> list[Collocate]:
    heard = [word for word, count in counts.items() if count >= _LEAST]
    totals, everywhere = snapshot.totals("words", heard)
    near = counts.total()
    found = (
        Collocate(word, counts[word], total, likelihood(counts[word], near, total, everywhere))
        for word, total in zip(heard, totals, strict=True)
    )
    telling = (each for each in found if each.likelihood > 0)
    return sorted(telling, key=lambda each: (-each.likelihood, each.word))[:SHOWN]


def likelihood(beside: int, near: int, total: int, everywhere: int) -> float:
    """The log-likelihood of a word that stands `beside` times in `near` words, `total` times in `everywhere`.

    Below 0 where it stands there less often than elsewhere.

    >>> round(likelihood(20, 1000, 100, 100_000), 2), likelihood(1, 1000, 5000, 100_000) < 0
    (85.73, True)
    """
    elsewhere, rest = max(total - beside, 0), max(everywhere - near, 1)
    expected = [size * (beside + elsewhere) / (near + rest) for size in (near, rest)]
    observed = (beside, elsewhere)
    value = 2 * sum(o * log(o / e) for o, e in zip(observed, expected, strict=True) if o)
    return value if beside >= expected[0] else -value
