"""How do several processes build one index? Each writes a segment of its own; one commit adds them all.

Batch i goes to worker i mod n, so the same batches always give the same segments. Preparation (analysis)
runs in the workers. The parent holds the writer lock from the first batch to the commit; when anything
fails nothing is committed, and the unfinished files are removed.
"""

from __future__ import annotations

import multiprocessing
import queue
import random
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from indexer.documents import Document
from indexer.engine.embedded.building.garbage import rarely_collected
from indexer.engine.embedded.building.writer import MEMORY_MB, BulkWriter
from indexer.engine.embedded.whoosh.index import EXTENSION, NAME, ArraySegment, opened
from indexer.engine.embedded.whoosh.schema import make_schema
from indexer.engine.protocol import Prepare
from indexer.errors import HansouError
from indexer.lifeline import end_with_parent, start

Batch = list[Document]
_READ_AHEAD = 4
_DIED = "a build worker ended without a word; is there enough memory?"


def build_segments(
    path: Path, batches: Iterable[Batch], prepare: Prepare, *, workers: int = 1, memory_mb: int = MEMORY_MB
) -> int:
    """Add documents to the index in the directory `path`, made if there is none; returns how many.

    `prepare` turns a batch into the fields of its documents. With more than one worker batches and `prepare`
    can be pickled. `memory_mb` is shared among the workers. Errors in a worker are raised here; a worker that
    dies raises `HansouError`.
    """
    writer = BulkWriter(opened(path), memory_mb=memory_mb)
    try:
        if workers <= 1:
            for batch in batches:
                writer.extend(list(prepare(batch)))
            added = int(writer.doc_count())
        else:
            segments = _run_workers(writer, batches, prepare, workers, max(1, memory_mb // workers))
            added = sum(segment.doc_count_all() for segment in segments)
            writer.segments.extend(segment for segment in segments if segment.doc_count_all())
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    return added


@contextmanager
def beside(task: Callable[[], None], workers: int) -> Iterator[None]:
    """Have `task` done by the end of the context: in a process of its own, or with one worker before it.

    With more than one worker `task` can be pickled. What it raises is raised here; a process that dies
    raises `HansouError`.
    """
    if workers <= 1:
        task()
        yield
        return
    worker = _start(_do, task)
    try:
        yield
        _receive(worker)
    finally:
        worker.end()


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection

    def end(self) -> None:
        """End it, unless it has ended: what is to come of it has come, or is not wanted."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _start(target: Callable[..., None], *arguments: object) -> _Worker:
    """A process that ends with this one. Its first argument is its end of the connection."""
    # A forked child would inherit the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    start(process)
    theirs.close()
    return _Worker(process, ours)


def _run_workers(
    writer: BulkWriter, batches: Iterable[Batch], prepare: Prepare, count: int, memory_mb: int
) -> list[ArraySegment]:
    team: list[_Worker] = []
    try:
        for number in range(count):
            team.append(_start(_work, Path(writer.storage.folder), prepare, memory_mb, number))
        for number, batch in enumerate(batches):
            _send(team[number % count], batch)
        for worker in team:
            _send(worker, None)
        segments: list[ArraySegment] = [_receive(worker) for worker in team]
    except BaseException:
        for worker in team:
            worker.end()
        _sweep(writer)
        raise
    for worker in team:
        worker.end()
    return segments


def _sweep(writer: BulkWriter) -> None:
    """Remove what workers that were ended left behind; the writer's lock keeps others out."""
    folder = Path(writer.storage.folder)
    known = {segment.make_filename(EXTENSION) for segment in (*writer.segments, writer.newsegment)}
    for path in folder.glob(f"{writer.indexname}_*{EXTENSION}"):
        if path.name not in known:
            path.unlink(missing_ok=True)
    for path in folder.glob(f"{writer.indexname}.worker*.tmp"):
        shutil.rmtree(path, ignore_errors=True)


def _send(worker: _Worker, item: Batch | None) -> None:
    try:
        worker.connection.send(item)
    except (BrokenPipeError, ConnectionResetError):
        # The worker has ended early and says why, if it could.
        _receive(worker)


def _receive(worker: _Worker) -> Any:
    """What a worker gives in the end; raises what was raised there."""
    try:
        outcome = worker.connection.recv()
    except (EOFError, ConnectionResetError):
        raise HansouError(_DIED) from None
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class _WorkerStorage(FileStorage):  # type: ignore[misc]
    """The index directory, with temporary files apart from those of other workers."""

    def __init__(self, folder: str, temporary: str) -> None:
        super().__init__(folder)
        self._temporary = temporary

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """The worker's own directory."""
        return super().temp_storage(self._temporary)


def _work(connection: Connection, path: Path, prepare: Prepare, memory_mb: int, number: int) -> None:
    """A worker's life: take batches, write one segment, send it back (or the error)."""
    end_with_parent()
    # Whoosh names segments with this generator.
    random.seed()
    waiting: queue.Queue[Batch | None] = queue.Queue(_READ_AHEAD)
    threading.Thread(target=_listen, args=(connection, waiting), daemon=True).start()
    try:
        storage = _WorkerStorage(str(path), f"{NAME}.worker{number}.tmp")
        writer = BulkWriter(FileIndex(storage, make_schema(), NAME), memory_mb=memory_mb, alone=False)
        try:
            with rarely_collected():
                while (item := waiting.get()) is not None:
                    writer.extend(list(prepare(item)))
                segment = writer.finish_segment()
        except BaseException:
            writer.cancel()
            raise
        connection.send(segment)
    except Exception as error:
        with suppress(BrokenPipeError):
            connection.send(error)
    finally:
        connection.close()


def _do(connection: Connection, task: Callable[[], None]) -> None:
    """A life of one task: do it, and say that it is done (or the error)."""
    end_with_parent()
    try:
        task()
        connection.send(None)
    except Exception as error:
        connection.send(error)
    finally:
        connection.close()


def _listen(connection: Connection, waiting: queue.Queue[Batch | None]) -> None:
    """Put what arrives into the queue, so that the parent need not wait for each batch."""
    item: Batch | None = []
    while item is not None:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            # The parent is gone: nothing more will come.
            item = None
        waiting.put(item)
