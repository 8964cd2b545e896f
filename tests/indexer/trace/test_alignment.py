"""Compiled and numpy alignments are the same, and are the best there is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.arrays import Array
from indexer.trace.alignment import Band, Run, aligned

LETTERS = "天地玄黃"
texts = st.text(LETTERS, max_size=40)


def codes(text: str) -> Array:
    """The symbols of a text of single characters."""
    return np.array([*map(ord, text)], np.uint32)


def score(runs: list[Run]) -> int:
    """What an alignment scores: what is the same, less what lies between."""
    between = sum(
        max(after.place - run.place - run.length, after.at - run.at - run.length)
        for run, after in pairwise(runs)
    )
    return sum(run.length for run in runs) - between


def best_score(passage: str, document: str, band: Band) -> int:
    """The best score, cell by cell."""
    cells: dict[tuple[int, int], int] = {}
    for i in range(band.first, band.last):
        for j in range(max(i + band.low, 0), min(i + band.high + 1, len(document))):
            came = (
                cells.get((i - 1, j - 1), 0) + (1 if passage[i] == document[j] else -1),
                cells.get((i - 1, j), 0) - 1,
                cells.get((i, j - 1), 0) - 1,
            )
            cells[i, j] = max(0, *came)
    return max(cells.values(), default=0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(passage=texts, document=texts, low=st.integers(-30, 20), width=st.integers(0, 40), data=st.data())
def test_alignments_are_best_and_alike(
    passage: str, document: str, low: int, width: int, data: st.DataObject
) -> None:
    """With and without the extension: the same runs, of symbols that are the same, with the best score."""
    first = data.draw(st.integers(0, len(passage)))
    band = Band(first, data.draw(st.integers(first, len(passage))), low, low + width)
    with native.using(False):
        runs = aligned(codes(passage), codes(document), band)
    assert aligned(codes(passage), codes(document), band) == runs
    for run in runs:
        assert passage[run.place : run.place + run.length] == document[run.at : run.at + run.length]
        assert band.first <= run.place and run.place + run.length <= band.last
        assert band.low <= run.at - run.place <= band.high
    assert score(runs) == best_score(passage, document, band)


def test_the_extension_refuses_what_is_no_band() -> None:
    """Places outside of the passage are never read."""
    extension = pytest.importorskip("indexer.native._align", reason="the extension was not built")
    for band in ((0, 9, 0, 1), (-1, 2, 0, 1), (2, 1, 0, 1), (0, 3, 2, 1), (0, 3, 0, 1 << 40)):
        with pytest.raises(ValueError, match="band"):
            extension.aligned(codes("天地玄"), codes("天地玄"), *band)
