"""Several processes that build one index."""

from __future__ import annotations

import functools
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh.index import LockError

from indexer.arrays import ArrayFile
from indexer.engine.embedded.building.garbage import rarely_collected
from indexer.engine.embedded.building.parallel import beside, build_segments
from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.whoosh.index import create, opened_segment, segments_of
from indexer.errors import HansouError

# Workers import what they are given by name, so `prepare` is of an installed module: the batches are ready.
READY: Any = list


def batches(count: int = 60, size: int = 7) -> list[list[Any]]:
    """Documents by batches."""
    rows = [{"id": f"d{number}", "title": f"天{number % 5}", "stored": {}} for number in range(count)]
    return [rows[start : start + size] for start in range(0, count, size)]


def files_of(path: Path) -> list[ArrayFile]:
    """The files of the segments."""
    return [opened_segment(path, segment)[0] for segment in segments_of(path)]


def content(path: Path) -> list[dict[str, list[Any]]]:
    """Everything in each segment."""
    files: list[ArrayFile] = files_of(path)
    return [{name: file.array(name).tolist() for name in file.names()} for file in files]


def test_two_processes_write_what_one_writes(tmp_path: Path) -> None:
    """A segment from each, with every document once; the same again the next time."""
    for workers, name in ((1, "one"), (2, "two"), (2, "again")):
        (tmp_path / name).mkdir()
        assert build_segments(tmp_path / name, batches(), READY, workers=workers) == 60
        files = files_of(tmp_path / name)
        assert len(files) == workers and sum(file.metadata["documents"] for file in files) == 60
        assert not list((tmp_path / name).glob("*.tmp")) and not list((tmp_path / name).glob("*.run*"))
    assert content(tmp_path / "two") == content(tmp_path / "again")


def test_an_error_in_a_worker_is_raised_and_nothing_is_committed(tmp_path: Path) -> None:
    """What goes wrong in a worker comes out here; no segment is left, and the lock is free."""
    bad = [*batches()[:3], [{"unknown": "x"}], *batches()[3:]]
    with pytest.raises(Exception, match="unknown"):
        build_segments(tmp_path, bad, READY, workers=2)
    assert not list(tmp_path.glob("*.arrays"))
    assert build_segments(tmp_path, batches(), READY, workers=1) == 60


def test_a_worker_that_dies_is_noticed(tmp_path: Path) -> None:
    """A worker that is killed ends the build with an error, not with a wait."""
    dead: Any = [9, 9, 9, 9]
    with pytest.raises(HansouError, match="worker"):
        build_segments(tmp_path, dead, os._exit, workers=2)
    assert not list(tmp_path.glob("*.arrays"))


def test_the_lock_is_held_while_building(tmp_path: Path) -> None:
    """A second writer is refused as long as a build runs."""

    def source() -> Iterator[list[Any]]:
        with pytest.raises(LockError):
            BulkWriter(create(tmp_path))
        yield from batches()

    assert build_segments(tmp_path, source(), READY, workers=2) == 60


def test_more_workers_than_batches(tmp_path: Path) -> None:
    """Workers without documents leave no segment."""
    assert build_segments(tmp_path, batches(5), READY, workers=3) == 5
    assert len(files_of(tmp_path)) == 1


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


def test_interrupts_are_left_to_the_parent(tmp_path: Path) -> None:
    """Ctrl-C reaches every process of a terminal: those of the workers go on until they are ended."""
    with beside(functools.partial(signal.raise_signal, signal.SIGINT), 2):
        pass
    interrupts: Any = [signal.SIGINT] * 2
    # What an interrupt that nobody hears gives back are no documents.
    with pytest.raises(TypeError, match="not iterable"):
        build_segments(tmp_path, interrupts, signal.raise_signal, workers=2)


def test_garbage_is_looked_for_as_before_after_a_build() -> None:
    """The thresholds of the collector are given back, also where a build fails."""
    before = gc.get_threshold()
    with pytest.raises(KeyError), rarely_collected():
        assert gc.get_threshold()[0] > before[0]
        raise KeyError
    assert gc.get_threshold() == before
