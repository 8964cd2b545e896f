"""What a file does to its reader costs that file alone, and nothing is left running."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from indexer.config import DocumentSettings, SourceSettings
from indexer.documents import Document
from indexer.documents.isolation import pool as pools
from indexer.documents.isolation.messages import Task
from indexer.documents.isolation.pool import Pool
from indexer.documents.outcomes import Indexed, Outcome, Skipped
from indexer.documents.reading import accounted
from indexer.documents.sources import read_files
from tests.conftest import until
from tests.processes import alive, children, needs_proc

LETTER = "南門外擺起了三十多個攤子。"
LIMITED = DocumentSettings(readers=2, seconds=2, memory_mb=300)

# What a reader does with a file of this name, instead of reading it: in place of files that do it.
MISBEHAVIOR = """
import ctypes, os, re, sys, time
from indexer.documents import readers
from indexer.documents.document import Document

def read_text(name, stream):
    word = name.rpartition("/")[2].partition(".")[0].rstrip("0123456789")
    if word == "crash":
        ctypes.string_at(0)
    if word == "hang":
        while True:
            pass
    if word == "backtrack":
        re.match(r"(a|a)*b", "a" * 60)
    if word == "swell":
        held = [bytearray(1 << 20) for _ in range(4000)]
    if word == "killed":
        os.kill(os.getpid(), 9)
    if word == "bug":
        raise KeyError(word)
    yield Document(name, stream.read().decode())

readers.READERS["html"] = readers.READERS["txt"] = read_text
"""


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers of web pages that do what the name of a page says."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(MISBEHAVIOR, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")


def page(word: str) -> bytes:
    """A web page, for its kind."""
    return f"<html>{word}".encode()


def read(folder: Path) -> tuple[list[str], list[Outcome]]:
    """The ids of documents, and the outcomes."""
    found = list(read_files(SourceSettings(folder), LIMITED))
    return [d.id for d in found if isinstance(d, Document)], [o for o in found if not isinstance(o, Document)]


@pytest.mark.usefixtures("misbehaving")
def test_each_costs_itself(tmp_path: Path) -> None:
    """A crash, a hang in Python and in C, too much memory, a kill and a bug are named, between good files."""
    folder = tmp_path / "source"
    folder.mkdir()
    words = ["backtrack", "bug", "crash", "hang", "killed", "swell"]
    for word in [*words, "a", "good", "z"]:
        (folder / f"{word}.html").write_bytes(page(word))
    (folder / "b.txt").write_text(LETTER)
    ids, outcomes = read(folder)
    assert ids == ["a.html", "b.txt", "good.html", "z.html"]
    assert [outcome.path for outcome in outcomes] == sorted(path.name for path in folder.iterdir())
    reasons = {outcome.path[:-5]: outcome.reason for outcome in outcomes if isinstance(outcome, Skipped)}
    assert sorted(reasons) == words
    assert "crashed (SIGSEGV)" in reasons["crash"]
    assert "longer than 2 s" in reasons["hang"] and "longer than 2 s" in reasons["backtrack"]
    assert "memory" in reasons["swell"] and "memory" in reasons["killed"]
    assert "KeyError: 'bug'" in reasons["bug"]


@pytest.mark.usefixtures("misbehaving")
def test_a_long_text_costs_itself(tmp_path: Path) -> None:
    """A text of more than 256 KB is read under the same limits; what is shorter is read here."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, times in (("crash1.txt", 1), ("crash2.txt", 10_000), ("good.txt", 10_000)):
        (folder / name).write_text(LETTER * times)
    ids, outcomes = read(folder)
    assert ids == ["crash1.txt", "good.txt"]
    assert [outcome.path for outcome in outcomes if isinstance(outcome, Skipped)] == ["crash2.txt"]


@pytest.mark.usefixtures("misbehaving")
def test_a_member_costs_itself(tmp_path: Path) -> None:
    """What lies before and behind a member that ends its reader is read, once, at any depth."""
    folder = tmp_path / "source"
    folder.mkdir()
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for name in ("a.html", "crash.html", "b.html"):
            archive.writestr(name, page(name))
    with zipfile.ZipFile(outer, "w") as archive:
        for name in ("c.html", "hang.html", "d.html"):
            archive.writestr(name, page(name))
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("e.html", page("e"))
    (folder / "outer.zip").write_bytes(outer.getvalue())
    ids, outcomes = read(folder)
    assert ids == [
        f"outer.zip!/{name}"
        for name in ("c.html", "d.html", "inner.zip!/a.html", "inner.zip!/b.html", "e.html")
    ]
    assert [(type(outcome), outcome.path.removeprefix("outer.zip!/")) for outcome in outcomes] == [
        (Indexed, "c.html"),
        (Skipped, "hang.html"),
        (Indexed, "d.html"),
        (Indexed, "inner.zip!/a.html"),
        (Skipped, "inner.zip!/crash.html"),
        (Indexed, "inner.zip!/b.html"),
        (Indexed, "inner.zip"),
        (Indexed, "e.html"),
        (Indexed, "outer.zip"),
    ]


@pytest.mark.usefixtures("misbehaving")
def test_an_archive_of_crashes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose members end one reader after the other is given up, and that is said."""
    monkeypatch.setattr(pools, "_MOST_ENDS", 3)
    folder = tmp_path / "source"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(9):
            archive.writestr(f"killed{number}.html", page("x"))
    (folder / "b.html").write_bytes(page("b"))
    ids, outcomes = read(folder)
    assert ids == ["b.html"]
    assert [type(outcome) for outcome in outcomes] == [Skipped] * 5 + [Indexed]
    assert isinstance(outcomes[4], Skipped)
    assert outcomes[4].path == "a.zip" and "given up" in outcomes[4].reason


READING = """
import sys
from pathlib import Path
from indexer.config import DocumentSettings, SourceSettings
from indexer.documents.sources import read_files

source = SourceSettings(Path(sys.argv[1]), include=("*.html",))
list(read_files(source, DocumentSettings(seconds=60)))
"""


@needs_proc
def test_nothing_is_left(tmp_path: Path) -> None:
    """Readers end with the pool, also with one that is left in the middle of a file."""
    for number in range(40):
        (tmp_path / f"{number:02}.html").write_bytes(page(LETTER * 2000))
    before = children(os.getpid())
    found = read_files(SourceSettings(tmp_path), LIMITED)
    next(found)
    (nursery,) = children(os.getpid()) - before
    readers = children(nursery)
    assert readers
    found.close()  # type: ignore[attr-defined]
    assert until(lambda: not any(map(alive, (nursery, *readers))))


@pytest.mark.usefixtures("misbehaving")
@needs_proc
def test_readers_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed takes its readers with it, also those that hang."""
    (tmp_path / "hang.html").write_bytes(page("x"))
    parent = subprocess.Popen([sys.executable, "-c", READING, str(tmp_path)])
    assert until(lambda: any(map(children, children(parent.pid))))
    processes = [
        *children(parent.pid),
        *(each for nursery in children(parent.pid) for each in children(nursery)),
    ]
    assert all(map(alive, processes))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert until(lambda: not any(map(alive, processes)))


def task(folder: Path, number: int) -> Task:
    """The task to read a page."""
    return Task(str(folder / f"{number}.html"), str(folder), f"{number}.html")


def test_order_and_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come in order, whole, also when little may be held of those that are read ahead."""
    monkeypatch.setattr(pools, "_MOST_HELD", 1000)
    sizes = [300_000, 10, 10, 200_000, 10, 300_000, 10]
    for number, size in enumerate(sizes):
        (tmp_path / f"{number}.html").write_text("<html>" + f"<p>{LETTER}</p>" * (size // 40))
    with Pool(2) as pool:
        tickets = [pool.submit(task(tmp_path, number)) for number in range(7)]
        found = [item for ticket in tickets for item in accounted(pool.events(ticket))]
    outcomes = [item.path for item in found if isinstance(item, Indexed | Skipped)]
    assert outcomes == [f"{number}.html" for number in range(7)]


def test_what_is_done_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where several files have been read by the time the first is asked for, and nothing may be held."""
    monkeypatch.setattr(pools, "_MOST_HELD", 0)
    for number in range(2):
        (tmp_path / f"{number}.html").write_bytes(page(LETTER))
    with Pool(2) as pool:
        tickets = [pool.submit(task(tmp_path, number)) for number in range(2)]
        while len(pool._selector.select(1)) < 2:
            pass
        time.sleep(0.2)  # what was begun to be sent has come
        found = [list(accounted(pool.events(ticket)))[-1] for ticket in tickets]
    assert found == [Indexed("0.html", 1), Indexed("1.html", 1)]


def test_a_nursery_that_ends_is_replaced(tmp_path: Path) -> None:
    """What is killed between the pool and its readers costs nothing."""
    for number in range(3):
        (tmp_path / f"{number}.html").write_bytes(page(LETTER))
    with Pool(1) as pool:
        tickets = [
            pool.submit(Task(str(tmp_path / f"{n}.html"), str(tmp_path), f"{n}.html")) for n in range(2)
        ]
        first = list(accounted(pool.events(tickets[0])))
        assert pool._nursery is not None
        pool._nursery._process.kill()
        pool._nursery._process.wait()
        rest = list(accounted(pool.events(tickets[1])))
        rest += accounted(pool.events(pool.submit(task(tmp_path, 2))))
    assert [item.path for item in [*first, *rest] if isinstance(item, Indexed)] == [
        "0.html",
        "1.html",
        "2.html",
    ]
