"""Kill the builder, flip bytes, cut files, fill the disk: the index is the old one or the new one, whole."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer import BusyError, Config, IndexCorrupt, Searcher, rebuild
from indexer.engine.embedded import generations
from indexer.engine.embedded.generations import load, verify

DOCUMENTS = [f"無錫第{number}園區。{'湖邊的清晨。' * 20}" for number in range(300)]
# A few: `make battery` kills a thousand, of builds with two workers too.
KILLS = 4


def start(config: Config, before: Callable[[], object] = lambda: None) -> int:
    """A rebuild in a process of its own, loaded already: whatever takes time is work on the index."""
    if child := os.fork():
        return child
    try:
        before()
        rebuild(config)
        os._exit(0)
    finally:
        os._exit(1)


def check_whole(config: Config, allowed: dict[str, int], new: int | None = None) -> str:
    """The live generation is sound and finds its full count, `new` if it is none of those known; its name."""
    name = generations.current_name(config.index.directory)
    verify(load(config.index.directory, name))
    with Searcher.open(config) as searcher:
        count = searcher.search("無錫").total.value
        assert searcher.stats()["documents"] == count
    assert count == allowed.get(name, count if new is None else new)
    return name


def test_killed_builds_leave_the_old_or_the_new_index(make_config: Any) -> None:
    """kill -9 at seeded moments between start and end of a rebuild: full count every time."""
    config: Config = make_config(DOCUMENTS)
    old = rebuild(config).generation.name
    (config.base / "documents" / "new.txt").write_text("無錫的新園區。", encoding="utf-8")
    began = time.monotonic()
    assert os.waitpid(start(config), 0)[1] == 0
    whole = time.monotonic() - began
    generations.rollback(config.index)
    rng = random.Random(7)
    counts = {old: len(DOCUMENTS)}
    seen = []
    for moment in [rng.uniform(0.0, 1.2) for _ in range(KILLS)]:
        builder = start(config)
        time.sleep(moment * whole)
        os.kill(builder, signal.SIGKILL)
        os.waitpid(builder, 0)
        seen.append(check_whole(config, counts, len(DOCUMENTS) + 1) == old)
    assert any(seen)
    assert os.waitpid(start(config), 0)[1] == 0
    check_whole(config, {generations.current_name(config.index.directory): len(DOCUMENTS) + 1})
    left = {path.name for path in (config.index.directory / "generations").iterdir()}
    assert left == {*generations.names(config.index.directory)} and len(left) <= config.index.keep


STEPS = ("_write", "_sync", "point_to", "_prune")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", [1, 2])
def test_dying_at_each_step_of_publishing(
    make_config: Any, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    """A process that ends at any step of publishing, cleaning nothing up, leaves a whole index."""
    config: Config = make_config(["無錫一"])
    old = rebuild(config).generation.name
    (config.base / "documents" / "new.txt").write_text("無錫二。", encoding="utf-8")
    calls = 0
    original = getattr(generations, step)

    def dying(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            os._exit(9)
        return original(*arguments)

    monkeypatch.setattr(generations, step, dying)
    os.waitpid(start(config), 0)
    monkeypatch.undo()
    name = check_whole(config, {old: 1})
    with Searcher.open(config) as searcher:
        assert searcher.stats()["documents"] == (1 if name == old else 2)
    assert rebuild(config).counts.documents == 2


def index_files(config: Config) -> list[Path]:
    """Every file of every generation, and the pointer."""
    directory = config.index.directory
    files = [path for path in sorted((directory / "generations").rglob("*")) if path.is_file()]
    return [*files, directory / "CURRENT"]


@pytest.fixture(scope="module")
def built(make_config: Any) -> Config:
    """An index with two generations."""
    config: Config = make_config(DOCUMENTS[:20])
    rebuild(config)
    rebuild(config)
    return config


def test_sound_index_passes_the_check(built: Config, hansou: Callable[..., Any]) -> None:
    """`hansou check` exits 0 and names every generation."""
    result = hansou(built, "check", "--json")
    assert result.code == 0 and result.json()["damage"] == {}
    assert len(result.json()["generations"]) == 2


def test_flipped_byte_in_any_file_is_caught(built: Config, hansou: Callable[..., Any]) -> None:
    """`hansou check` exits 5 whichever file of whichever generation has one wrong bit."""
    rng = random.Random(3)
    flipped = 0
    for path in index_files(built):
        raw = path.read_bytes()
        for at in {0, len(raw) // 2, len(raw) - 1, rng.randrange(len(raw) or 1)} if raw else ():
            if path.name == "CURRENT" and at == len(raw) - 1:
                continue  # the line end says nothing
            path.write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
            assert hansou(built, "check").code == 5, (path.name, at)
            flipped += 1
        path.write_bytes(raw)
    assert flipped > 10 and hansou(built, "check").code == 0


def test_truncated_file_is_named_on_opening(built: Config) -> None:
    """A file cut by one byte, or to nothing, is refused by name before anything is read from it."""
    generation = load(built.index.directory, generations.current_name(built.index.directory))
    for path in sorted(generation.path.iterdir()):
        raw = path.read_bytes()
        for length in {len(raw) - 1, 0} if raw else ():
            path.write_bytes(raw[:length])
            with pytest.raises(IndexCorrupt, match=path.name):
                Searcher.open(built)
        path.write_bytes(raw)
    check_whole(built, {})


def test_what_would_be_unpickled_is_verified_first(built: Config) -> None:
    """A table of contents of the right size but other content never reaches the unpickler."""
    generation = load(built.index.directory, generations.current_name(built.index.directory))
    (path,) = generation.path.glob("*.toc")
    raw = path.read_bytes()
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR."[: len(raw)].ljust(len(raw), b"."))
    with pytest.raises(IndexCorrupt, match="content changed"):
        Searcher.open(built)
    path.write_bytes(raw)


def test_missing_index_and_damaged_pointer_exit_5(make_config: Any, hansou: Callable[..., Any]) -> None:
    """Searching without an index, or with a pointer to nowhere, says what to do."""
    config = make_config(["無錫"])
    for command in (("search", "無錫"), ("check",), ("stats",)):
        result = hansou(config, *command)
        assert result.code == 5 and "hansou rebuild" in result.err
    rebuild(config)
    (config.index.directory / "CURRENT").write_text("nowhere\n")
    assert hansou(config, "search", "無錫").code == 5


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Every call of a function of `os` fails as on a full disk."""

    def failing(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        yield


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_full_disk_while_publishing_keeps_the_old_index(
    make_config: Any, monkeypatch: pytest.MonkeyPatch, hansou: Callable[..., Any], function: str
) -> None:
    """No room left: exit 1 with a message, the old index answers, nothing is left behind."""
    config: Config = make_config(["無錫一"])
    old = rebuild(config).generation.name
    (config.base / "documents" / "new.txt").write_text("無錫二。", encoding="utf-8")
    with full_disk(monkeypatch, function):
        result = hansou(config, "rebuild", "--quiet")
    assert result.code == 1 and "No space left" in result.err and "Traceback" not in result.err
    assert "Errno" not in result.err and "make room" in result.err
    assert check_whole(config, {old: 1}) == old
    assert [path.name for path in (config.index.directory / "generations").iterdir()] == [old]


def limit_files() -> None:
    """Let no file grow beyond 8 KiB: writing fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def test_full_disk_while_writing_keeps_the_old_index(make_config: Any) -> None:
    """Where the index cannot be written the build fails, the old index answers, nothing is left behind."""
    config: Config = make_config(DOCUMENTS)
    old = rebuild(config).generation.name
    assert os.waitpid(start(config, limit_files), 0)[1] != 0
    assert check_whole(config, {old: len(DOCUMENTS)}) == old
    assert [path.name for path in (config.index.directory / "generations").iterdir()] == [old]


def test_second_builder_exits_4(make_config: Any, hansou: Callable[..., Any]) -> None:
    """While one builder works another waits for two seconds and gives up; searching goes on."""
    config: Config = make_config(["無錫"])
    rebuild(config)
    with generations.lock(config.index.directory):
        result = hansou(config, "rebuild", "--quiet")
        assert result.code == 4 and "another process" in result.err
        assert hansou(config, "search", "無錫").code == 0
    assert hansou(config, "rebuild", "--quiet").code == 0


def test_lock_of_a_dead_process_is_free(make_config: Any) -> None:
    """A builder that died holds nothing."""
    config: Config = make_config(["無錫"])
    if (child := os.fork()) == 0:
        generations.lock(config.index.directory).__enter__()
        os._exit(9)
    os.waitpid(child, 0)
    try:
        assert rebuild(config).counts.documents == 1
    except BusyError:
        pytest.fail("the lock of a dead process is still held")


def test_readers_during_swaps_see_whole_generations(make_config: Any) -> None:
    """Four readers, ten swaps: no error, and every page is of one generation with its own count."""
    config: Config = make_config(["無錫第0版。"])
    counts = {rebuild(config).generation.name: 1}
    failures: list[object] = []
    done = threading.Event()
    with Searcher.open(config) as searcher:

        def read() -> None:
            while not done.is_set():
                try:
                    searcher.refresh()
                    page = searcher.search("無錫")
                    answers.append((page.generation, page.total.value, len(page.hits)))
                    searcher.document(page.hits[0].id, "無錫")
                except Exception as error:
                    failures.append(error)

        answers: list[tuple[str, int, int]] = []
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(1, 10):
            path = config.base / "documents" / f"{number}.txt"
            path.write_text(f"無錫第{number}版。", encoding="utf-8")
            counts[rebuild(config).generation.name] = number + 1
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []
    wrong = [a for a in answers if counts[a[0]] != a[1] or a[1] != a[2]]
    assert wrong == [] and len({name for name, _, _ in answers}) > 1


def test_a_merge_that_cannot_be_committed_says_why(make_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The segment is written by then: what is told is what went wrong, and the index is the old one."""
    from whoosh.filedb.filestore import FileStorage

    from indexer.pipeline import merge, update

    config: Config = make_config(DOCUMENTS[:9])
    rebuild(config)
    (config.base / "documents" / "new.txt").write_text("無錫的新園區。", encoding="utf-8")
    old = update(config, merge=False).generation.name

    really, renamed = FileStorage.rename_file, []

    def second_fails(self: Any, *names: Any, **more: Any) -> None:
        renamed.append(names)
        if len(renamed) == 2:  # the first is what the build begins with
            raise OSError(errno.EIO, "no device")
        really(self, *names, **more)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no device"):
        patch.setattr(FileStorage, "rename_file", second_fails)
        merge(config)
    check_whole(config, {old: 10})
    assert generations.current_name(config.index.directory) == old
    merge(config)
    check_whole(config, {}, 10)
