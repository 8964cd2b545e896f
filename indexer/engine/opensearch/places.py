"""Where do terms stand in a document? Told from its units, for the few that are looked at again.

`nearness` and `agreement` say what `Snapshot` promises, of weights that are global.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from indexer.engine.opensearch.entries import BREAK, WHOLE, portable, rounded
from indexer.text.units import STOP


@dataclass(frozen=True)
class Places:
    """The units of one field of one document, as they are stored."""

    stored: str

    @cached_property
    def _text(self) -> str:
        return f"{BREAK}{self.stored}{BREAK}" if self.stored else BREAK

    @cached_property
    def _units(self) -> tuple[list[int], list[int], list[bool]]:
        """Of each unit where it begins, the position of its beginning, and whether it is a run."""
        starts: list[int] = []
        positions: list[int] = []
        runs: list[bool] = []
        at, position = 1, 0
        for unit in self.stored.split(BREAK) if self.stored else ():
            run = unit[0] != WHOLE
            starts.append(at)
            positions.append(position)
            runs.append(run)
            at += len(unit) + 1
            position += len(unit) if run else 1
        return starts, positions, runs

    @cached_property
    def length(self) -> int:
        """How many terms there are, ends of sentences not counted, as one byte says it."""
        units = self.stored.split(BREAK) if self.stored else ()
        return rounded(sum(2 * len(unit) - 1 if unit[0] != WHOLE else unit[1:] != STOP for unit in units))

    def of(self, term: str) -> Iterator[int]:
        """The positions of a term, ascending.

        >>> [[*Places("天地天\\n\\x02micro\\n天").of(term)] for term in ("天", "天地", "micro")]
        [[0, 2, 4], [0], [3]]
        """
        starts, positions, runs = self._units
        term = portable(term)
        if len(term) <= 2:
            for at in _found(self._text, term):
                unit = bisect_right(starts, at) - 1
                if unit >= 0 and runs[unit]:
                    yield positions[unit] + at - starts[unit]
        for at in _found(self._text, f"{BREAK}{WHOLE}{term}{BREAK}"):
            yield positions[bisect_right(starts, at + 1) - 1]


def _found(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def nearness(places: Places, weights: Mapping[str, float], width: int) -> float:
    """What the terms weigh together that stand within `width` positions somewhere, each once.

    >>> nearness(Places("天地天玄"), {"天": 1.0, "玄": 2.0, "地": 4.0}, 1)
    5.0
    """
    spots = sorted((at, term) for term in weights for at in places.of(term))
    best = held = 0.0
    inside: dict[str, int] = {}
    first = 0
    for at, term in spots:
        inside[term] = inside.get(term, 0) + 1
        if inside[term] == 1:
            held += weights[term]
        while spots[first][0] < at - width:
            gone = spots[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                held -= weights[gone]
            first += 1
        best = max(best, held)
    return best


def agreement(places: Places, weights: Mapping[str, float], whole: float) -> float:
    """The share of `whole` that the terms weigh that are there, times the share of what is there they are."""
    counts = {term: sum(1 for _ in places.of(term)) for term in weights}
    held = sum(weights[term] for term, count in counts.items() if count)
    if not held or not places.length:
        return 0.0
    return min(held / whole, 1.0) * min(sum(counts.values()) / places.length, 1.0)
