"""Layouts of pages: the same for the same seed, and read well by what reads pages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from indexer.documents.readers.html import page_text

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    """The program, imported as it is when run: its folder comes first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield import_module("bench_pages_extraction")


def test_pages_are_made_by_their_seed(bench: Any) -> None:
    """A seed makes one page, which holds what it says it holds."""
    html, article, furniture = bench.page(7)
    assert bench.page(7) == (html, article, furniture) != bench.page(8)
    shown = bench.han(html)
    assert article and furniture and all(bench.han(text) in shown for text in furniture)


@pytest.mark.parametrize("seed", range(4))
def test_layouts(bench: Any, seed: int) -> None:
    """Of 40 pages put together by chance 99 % of the article is kept, and at most 2 % is something else."""
    pages = [bench.page(90_000 + seed * 1000 + number) for number in range(40)]
    share, taken, _, _ = bench.measure(page_text, pages)
    assert share >= 0.99 and taken <= 0.02


def test_what_counts_as_kept(bench: Any) -> None:
    """Text that comes out whole counts whole, text that is cut counts by what stands together."""
    text = "木匠把舊船拆開一塊一塊編了號"
    assert bench.kept([text], text) == (len(text), len(text))
    assert bench.kept([text], text[:7]) == (0, len(text))
    assert bench.kept([text], text, but=text) == (0, len(text))
