"""Which part of a passage is which part of a document? A banded local alignment of symbols.

The alignment that scores most, where a symbol that is the same counts 1 and one that is changed, left out or
put in −1 (Smith and Waterman 1981), within some diagonals. Where the extension `_align` was built it
computes the alignment, else numpy does, a row at a time: **equal results**.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indexer import native
from indexer.arrays import Array


class Run(NamedTuple):
    """So many symbols that are the same from `place` of the passage and from `at` of the document on."""

    place: int
    at: int
    length: int


class Band(NamedTuple):
    """Where to look: places `first:last` of a passage, and `low` to `high` behind a place in a document."""

    first: int
    last: int
    low: int
    high: int


def aligned(passage: Array, document: Array, band: Band) -> list[Run]:
    """The runs of the best alignment in a band, ascending; of equal ones that which ends first.

    `passage` and `document` are codes (uint32); of the document only what there is of the band is looked at.

    >>> codes = [np.array([*map(ord, text)], np.uint32) for text in ("春眠不覺曉處處", "春眠不知曉處處")]
    >>> aligned(*codes, Band(0, 7, -2, 2))
    [Run(place=0, at=0, length=3), Run(place=4, at=4, length=3)]
    """
    extension = native.compiled("_align")
    if extension is None:
        return _aligned(passage, document, band)
    return [*map(Run._make, extension.aligned(passage, document, *band))]


def _aligned(passage: Array, document: Array, band: Band) -> list[Run]:
    """The same in numpy: `scores[r, c]` is the best that ends at place first + r, column c of the band."""
    rows, width = band.last - band.first, band.high - band.low + 1
    columns = np.arange(width)
    scores = np.zeros((rows + 1, width + 1), np.int32)
    same = np.zeros((rows, width), bool)
    for row in range(rows):
        at = band.first + row + band.low + columns
        inside = (at >= 0) & (at < len(document))
        same[row, inside] = document[at[inside]] == passage[band.first + row]
        above = scores[row]
        best = np.maximum(above[:-1] + np.where(same[row], 1, -1), above[1:] - 1)
        best[~inside] = 0
        # What comes from the left loses one for each column.
        left = np.maximum.accumulate(np.maximum(best, 0) + columns) - columns
        scores[row + 1, :-1] = np.where(inside, left, 0)
    return _traced(scores, same, band)


def _traced(scores: Array, same: Array, band: Band) -> list[Run]:
    """The way back from the first best score."""
    row, column = divmod(int(scores.argmax()), scores.shape[1])
    pairs: list[Run] = []
    while scores[row, column] > 0:
        score, equal = int(scores[row, column]), bool(same[row - 1, column])
        if scores[row - 1, column] + (1 if equal else -1) == score:
            row -= 1
            if equal:
                place = band.first + row
                pairs.append(Run(place, place + band.low + column, 1))
        elif scores[row - 1, column + 1] - 1 == score:
            row, column = row - 1, column + 1
        else:
            column -= 1
    return _joined(pairs[::-1])


def _joined(pairs: list[Run]) -> list[Run]:
    runs: list[Run] = []
    for pair in pairs:
        last = runs[-1] if runs else None
        if last and (last.place + last.length, last.at + last.length) == (pair.place, pair.at):
            runs[-1] = last._replace(length=last.length + 1)
        else:
            runs.append(pair)
    return runs
