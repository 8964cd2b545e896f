"""The ledger has one row for everything that was found, and comes to a summary."""

from __future__ import annotations

import gc
import json
import tracemalloc
from pathlib import Path

import pytest

from indexer import IndexCorrupt
from indexer.documents.ledger import (
    NAME,
    SUMMARY,
    LedgerRow,
    LedgerSummary,
    LedgerWriter,
    read_ledger,
    read_summary,
)
from indexer.documents.outcomes import Ignored, Indexed, Outcome, Skipped

OUTCOMES: list[Outcome] = [
    Indexed("a.txt", 1),
    Skipped("b.pdf", "encrypted", 3),
    Ignored("信/c.doc", "an old Word file"),
    Ignored("d.zip!/圖.jpg", "a picture"),
    Ignored("d.zip!/x.doc", "an old Word file"),
    Ignored("e", "no reader for this kind of file"),
    Ignored("crawl.warc!/20250204/https://example.org/a?b=c.jpg&d=1", "no reader for image/jpeg"),
]


def test_rows(tmp_path: Path) -> None:
    """What is written is read again, with four fields."""
    with LedgerWriter() as ledger:
        for outcome in OUTCOMES:
            ledger.add(LedgerRow.of(outcome))
        ledger.save(tmp_path / NAME)
    rows = list(read_ledger(tmp_path / NAME))
    assert rows[:3] == [
        LedgerRow("a.txt", "indexed", 1),
        LedgerRow("b.pdf", "skipped", 3, "encrypted"),
        LedgerRow("信/c.doc", "ignored", 0, "an old Word file"),
    ]
    assert rows[0].to_json() == {"path": "a.txt", "outcome": "indexed", "documents": 1, "reason": None}
    assert len(rows) == len(OUTCOMES)
    assert ledger.summary.line() == "ignored: 2 .doc, 2 other, 1 .jpg; skipped: 1"


def test_summary(tmp_path: Path) -> None:
    """It is kept with the first few of what was skipped; a damaged one is an error of the index."""
    summary = LedgerSummary()
    for number in range(2000):
        summary.count(LedgerRow(f"{number}.pdf", "skipped", 0, "encrypted"))
    summary.count(LedgerRow("a.doc", "ignored", 0, "an old Word file"))
    summary.write(tmp_path / SUMMARY)
    kept = read_summary(tmp_path / SUMMARY)
    assert kept["outcomes"] == {"indexed": 0, "skipped": 2000, "ignored": 1, "unchanged": 0}
    assert kept["ignored"] == {".doc": 1} and len(summary.skipped) == 1000
    assert kept["skipped"][:1] == [{"path": "0.pdf", "reason": "encrypted"}] and len(kept["skipped"]) == 20
    (tmp_path / SUMMARY).write_text("{", encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="rebuild"):
        read_summary(tmp_path / SUMMARY)


def test_no_ledger(tmp_path: Path) -> None:
    """A generation from before there were ledgers has no rows."""
    assert list(read_ledger(tmp_path / NAME)) == []
    assert LedgerSummary().line() == ""


def test_memory(tmp_path: Path) -> None:
    """Fifty thousand rows, of many kinds, take no more memory than a few: 1.1 MB (a list of them: 6.6)."""

    def written(rows: int) -> LedgerWriter:
        with LedgerWriter() as ledger:
            for number in range(rows):
                ledger.add(LedgerRow(f"folder/{number}.x{number % 9999}", "ignored", 0, "no reader"))
            ledger.save(tmp_path / NAME)
        assert sum(1 for _ in read_ledger(tmp_path / NAME)) == rows
        return ledger

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        written(50_000)
        most = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        return most

    # What is loaded when first used is none of it, nor are tables of the whole process that happen to grow.
    ledger = written(50_000)
    assert any(peak() < 3_000_000 for _ in range(2))
    assert ledger.summary.outcomes["ignored"] == sum(ledger.summary.ignored.values()) == 50_000


@pytest.mark.parametrize("name", ["a.txt", '夜","indexed",市.txt', "skipped/a.txt", '"skipped"'])
def test_a_file_that_is_kept(tmp_path: Path, name: str) -> None:
    """Its rows are what they were, but that what was indexed is unchanged, whatever it is called."""
    rows = [LedgerRow(name, "indexed", 1), LedgerRow(f"{name}:7", "skipped", 0, "no JSON")]
    with LedgerWriter() as ledger:
        for some in (rows[:1], rows, rows[1:]):
            ledger.keep(json.dumps(some, separators=(",", ":")))
        ledger.save(tmp_path / "ledger")
    unchanged = rows[0]._replace(outcome="unchanged")
    assert [*read_ledger(tmp_path / "ledger")] == [unchanged, unchanged, rows[1], rows[1]]
    assert ledger.summary.outcomes == {"indexed": 0, "skipped": 2, "ignored": 0, "unchanged": 2}
