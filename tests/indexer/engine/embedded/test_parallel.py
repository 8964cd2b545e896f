"""Several processes that build one index."""

from __future__ import annotations

import functools
import gc
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields
from whoosh.index import LockError
from whoosh.query import Term

from indexer.engine.embedded.building.garbage import rarely_collected
from indexer.engine.embedded.building.parallel import beside, build_segments
from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.search.selection import evaluate
from indexer.engine.embedded.whoosh.searcher import ArraySearcher
from indexer.errors import HansouError

# Workers import what they are given by name, so the schema and `prepare` are of installed modules.
SCHEMA = fields.Schema(id=fields.ID(stored=True, unique=True), text=fields.KEYWORD(scorable=True))
IDENTITY = functools.partial(tuple, (SCHEMA, list))


def batches(count: int = 60, size: int = 7) -> list[list[dict[str, str]]]:
    """Documents by batches."""
    rows = [{"id": f"d{number}", "text": f"天 地{number % 5}"} for number in range(count)]
    return [rows[start : start + size] for start in range(0, count, size)]


def test_two_processes_find_what_one_finds(corpus: Any, tmp_path: Path) -> None:
    """The same documents and scores as from one process; the same order each time."""
    found = []
    for workers, name in ((1, "one"), (2, "two"), (2, "again")):
        index = corpus.create(tmp_path / name, SCHEMA)
        assert build_segments(index, batches(), IDENTITY, workers=workers) == 60
        with ArraySearcher(index.reader()) as searcher:
            assert len(searcher.leaf_searchers()) == workers
            result = evaluate(searcher, Term("text", "地3"), limit=None)
            names = [searcher.stored_fields(number)["id"] for number in result.docnums]
            found.append((result.total, sorted(zip(names, result.scores, strict=True)), names))
        assert not list((tmp_path / name).glob("*.tmp")) and not list((tmp_path / name).glob("*.run*"))
    assert found[0][:2] == found[1][:2] and found[1] == found[2]


def test_an_error_in_a_worker_is_raised_and_nothing_is_committed(corpus: Any, tmp_path: Path) -> None:
    """What `prepare` raises in a worker comes out here; the index stays as it was, its lock free."""
    index = corpus.create(tmp_path, SCHEMA)
    bad = [*batches()[:3], [{"unknown": "x"}], *batches()[3:]]
    with pytest.raises(Exception, match="unknown"):
        build_segments(index, bad, IDENTITY, workers=2)
    assert index.doc_count() == 0 and not list(tmp_path.glob("*.arrays"))
    assert build_segments(index, batches(), IDENTITY, workers=1) == 60


def test_a_worker_that_dies_is_noticed(corpus: Any, tmp_path: Path) -> None:
    """A worker that is killed ends the build with an error, not with a wait."""
    index = corpus.create(tmp_path, SCHEMA)
    with pytest.raises(HansouError, match="worker"):
        build_segments(index, [9, 9, 9, 9], functools.partial(tuple, (SCHEMA, os._exit)), workers=2)
    assert index.doc_count() == 0 and not list(tmp_path.glob("*.arrays"))


def test_the_lock_is_held_while_building(corpus: Any, tmp_path: Path) -> None:
    """A second writer is refused as long as a build runs."""
    index = corpus.create(tmp_path, SCHEMA)

    def source() -> Any:
        with pytest.raises(LockError):
            BulkWriter(index)
        yield from batches()

    assert build_segments(index, source(), IDENTITY, workers=2) == 60


def test_more_workers_than_batches(corpus: Any, tmp_path: Path) -> None:
    """Workers without documents leave no segment."""
    index = corpus.create(tmp_path, SCHEMA)
    assert build_segments(index, batches(5), IDENTITY, workers=3) == 5
    assert len(list(index.reader().leaf_readers())) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_is_done_beside_another(tmp_path: Path, workers: int) -> None:
    """By the end of the context the task is done: here before it, or in a process of its own."""
    with beside(functools.partial((tmp_path / "made").mkdir), workers):
        assert workers > 1 or (tmp_path / "made").exists()
    assert (tmp_path / "made").is_dir()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_fails_beside_another_task_is_raised(tmp_path: Path, workers: int) -> None:
    """The error of the other process comes out here."""
    with pytest.raises(FileNotFoundError), beside(functools.partial(os.rmdir, tmp_path / "none"), workers):
        pass


def test_a_process_beside_that_dies_is_noticed() -> None:
    """A task whose process ends before it is done is an error, not a wait."""
    with pytest.raises(HansouError, match="worker"), beside(functools.partial(os._exit, 1), 2):
        pass


def test_interrupts_are_left_to_the_parent(corpus: Any, tmp_path: Path) -> None:
    """Ctrl-C reaches every process of a terminal: those of the workers go on until they are ended."""
    with beside(functools.partial(signal.raise_signal, signal.SIGINT), 2):
        pass
    setup = functools.partial(tuple, (SCHEMA, signal.raise_signal))
    # What an interrupt that nobody hears gives back are no documents.
    with pytest.raises(TypeError, match="not iterable"):
        build_segments(corpus.create(tmp_path, SCHEMA), [signal.SIGINT] * 2, setup, workers=2)


def test_garbage_is_looked_for_as_before_after_a_build() -> None:
    """The thresholds of the collector are given back, also where a build fails."""
    before = gc.get_threshold()
    with pytest.raises(KeyError), rarely_collected():
        assert gc.get_threshold()[0] > before[0]
        raise KeyError
    assert gc.get_threshold() == before
