"""The battery's own pieces: each finds what is planted for it, so that its silence means something."""

from __future__ import annotations

import doctest
import errno
import mmap
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.battery import __main__ as battery
from benchmarks.battery import archive, kills, limits, processes, queries, soak, swaps
from benchmarks.battery.archive import Archive, Broken
from benchmarks.battery.processes import Held
from benchmarks.battery.served import Seen, Served
from benchmarks.battery.serving import Answer, told
from benchmarks.battery.shim import Call, Failure, Shim
from benchmarks.battery.verdict import NotPossible, Verdict

WRITE = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    for _ in range(3):
        try:
            print(file.write(b"abcd"))
        except OSError as error:
            print(os.strerror(error.errno))
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (None, ["4", "4", "4"]),
        (Failure(Call.WRITE, errno.EIO, 2), ["4", os.strerror(errno.EIO), "4"]),
        (Failure(Call.WRITE, errno.ENOSPC, 2, sticky=True), ["4", *[os.strerror(errno.ENOSPC)] * 2]),
        (Failure(Call.WRITE, 0, 3), ["4", "4", "2"]),
        (Failure(Call.SYNC, errno.EIO, 1), ["4", "4", "4"]),
    ],
)
def test_the_call_that_is_to_fail_fails(
    shim: Shim, disk: Path, failure: Failure | None, said: list[str]
) -> None:
    """The n-th call of its kind fails as it is told to, one elsewhere never, and all are counted."""
    shim.arm(failure)
    for file, expected in ((disk / "file", said), (disk.parent / "elsewhere", ["4", "4", "4"])):
        command = [sys.executable, "-S", "-c", WRITE, str(file)]
        done = subprocess.run(command, env=shim.environment(), check=True, capture_output=True, text=True)
        assert done.stdout.split("\n")[:-1] == expected
    assert shim.seen() == (3 if failure and failure.calls is Call.WRITE else 0)


def test_half_an_index_is_no_small_one(make_config: Any) -> None:
    """A generation with another count than is known of it, or damaged, is broken."""
    from indexer import rebuild

    config = make_config(["無錫的園區。", "無錫另一園區。"])
    name = rebuild(config).generation.name
    tried = Archive(config.base)
    assert tried.whole(2) == name and tried.whole() == name and tried.garbage() == []
    with pytest.raises(Broken, match="2 documents found, not 3"):
        Archive(config.base, {name: 3}).whole()
    (config.index.directory / "CURRENT.new").touch()
    (config.index.directory / "generations" / "remnant").mkdir()
    assert sorted(tried.garbage()) == ["CURRENT.new", "remnant"]
    file = max(
        (config.index.directory / "generations" / name).iterdir(), key=lambda file: file.stat().st_size
    )
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Broken):
        tried.whole()


def test_a_changed_row_is_no_other_document(tmp_path: Path) -> None:
    """An update replaces the document of that row: one that it found twice, or not at all, would count."""
    from indexer.pipeline import update

    tried = Archive.create(tmp_path, 6)
    update(tried.config)
    tried.whole(6)
    tried.change(1)
    assert update(tried.config).changes[:3] == (0, 1, 0)
    tried.whole(6)


def test_every_command_meets_every_signal() -> None:
    """In sixteen kills; half of them are of updates, and half are such that nothing can be cleaned up."""
    plan = [kills.drawn(number) for number in range(16)]
    assert {*plan} == {(name, number) for name in kills.COMMANDS for number in kills.SIGNALS}
    assert (
        sum(name == "update" for name, _ in plan) == sum(number == signal.SIGKILL for _, number in plan) == 8
    )


@LINUX
def test_processes_are_found_by_their_mark() -> None:
    """A process and what it has started are found until they end, however their parents did."""
    script = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', 'input()'])"
    environment = {**os.environ, processes.MARK: "token"}
    with subprocess.Popen(
        [sys.executable, "-S", "-c", script], stdin=subprocess.PIPE, env=environment
    ) as parent:
        parent.wait()
        took, left = processes.gone_after("token", 0.2)
        assert len(left) == 1 and took >= 0.2
        parent.stdin.close()  # type: ignore[union-attr]
        assert processes.gone_after("token", 10)[1] == {}
    assert processes.marked("another") == {}


@LINUX
def test_what_a_process_holds(tmp_path: Path) -> None:
    """Own memory grows with what is allocated, files with what is opened, mapped folders are named."""
    before = processes.held(os.getpid())
    # Memory of its own: what a process allocates may have been its own before.
    content = mmap.mmap(-1, 1 << 23, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    content.write(b"x" * (1 << 23))
    with open(__file__, encoding="utf-8"):
        after = processes.held(os.getpid())
    assert after.anonymous - before.anonymous > 7 << 10 and after.files == before.files + 1 and content
    maps = f"7f00-7f01 r--s 00000000 fe:00 1  {tmp_path}/20260101/MAIN.arrays\n7f02-7f03 rw-p 0 0 0\n"
    assert [*processes._parts_below(maps, tmp_path)] == ["20260101"]


def test_growth_is_found() -> None:
    """A leak of memory, files or threads is broken; a process that is as large as before is not."""
    flat = [(float(at), Held(100_000 + at % 7, 1, 30, 6)) for at in range(120)]
    leaking = [(float(at), Held(100_000 + 800 * at, 1, 30 + at, 6 + at // 10)) for at in range(120)]
    assert soak.growth(1, flat) == [] and abs(soak.slope(flat)) < 5
    assert len(soak.growth(1, leaking)) == 3 and soak.slope(leaking) == pytest.approx(800 * 60)


def test_an_answer_of_a_generation_that_was_not_live() -> None:
    """What is answered from a generation before it could be live, or after it had gone, does not fit."""
    timeline = swaps.Timeline.__new__(swaps.Timeline)
    timeline._lives = [("first", 0.0, 12.0), ("second", 10.0, float("inf"))]

    def fits(name: str, asked: float, answered: float) -> bool:
        return timeline.fits(Answer("/", asked, answered, 200, b""), name)

    assert fits("first", 1, 2) and fits("first", 11, 13) and fits("second", 9, 11) and fits("second", 50, 51)
    assert not fits("second", 8, 9) and not fits("first", 13, 14) and not fits("third", 1, 2)


class Failing:
    """Stands for a searcher that raises."""

    def search(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    suggest = document = search


def test_an_exception_is_told() -> None:
    """What is raised and no `HansouError` is told with its name."""
    failing: Any = Failing()
    assert queries.ask(failing, "無錫", random.Random(1)) == "raised ZeroDivisionError: planted"
    assert queries.drawn(random.Random(1)) == queries.drawn(random.Random(1))


@pytest.mark.parametrize(
    ("code", "messages", "clear"),
    [
        (0, "", True),
        (None, "", True),
        (1, "hansou: no room", True),
        (1, "Traceback …\nOSError: no room", False),
        (-11, "", False),
        (2, "hansou: no room", False),
    ],
)
def test_how_a_command_should_end(code: int | None, messages: str, clear: bool) -> None:
    """One line and a code of ours; a traceback or a signal is broken."""
    assert (limits.unclear(code, messages) is None) is clear


def test_what_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each kind, what broke below it, exit code 1 then; one that cannot be tried is no failure."""

    def impossible(*_: object, **__: object) -> Verdict:
        raise NotPossible("there is no C compiler")

    def failing(*_: object, **__: object) -> Verdict:
        raise KeyError("planted")

    kinds = {"kills": lambda *_, **__: Verdict("5 kills"), "power cut": impossible}
    monkeypatch.setattr(battery, "KINDS", kinds)
    monkeypatch.setattr(sys, "argv", ["battery", "--profile", "ci"])
    assert battery.main() == 0
    said = capsys.readouterr().out
    assert "5 kills" in said and "NOT TRIED: there is no C compiler" in said and "every promise held" in said
    monkeypatch.setattr(battery, "KINDS", kinds | {"soak": failing})
    monkeypatch.setattr(sys, "argv", ["battery", "--profile", "ci"])
    assert battery.main() == 1
    assert "KeyError: 'planted'" in capsys.readouterr().out


def test_profiles_know_every_kind() -> None:
    """Each profile has sizes for each kind, and those of CI are no larger."""
    assert {*battery.FULL} == {*battery.CI} == {*battery.KINDS}
    for name, sizes in battery.CI.items():
        assert all(size <= battery.FULL[name][key] for key, size in sizes.items())


def test_long_lists_are_cut() -> None:
    """Of many messages the first are told, and how many there are besides."""
    assert told(["a"] * 3, 2) == ("a", "a", "and 1 more") and told(["a"], 2) == ("a",)
    assert doctest.testmod(archive).failed == 0


def test_an_answer_that_mixes_generations() -> None:
    """Other documents than its generation has, two versions, or one that is not live: each is broken."""
    timeline = swaps.Timeline.__new__(swaps.Timeline)
    timeline._lives = [("first", 0.0, 12.0), ("second", 10.0, float("inf"))]
    served = Served.__new__(Served)
    served.timeline, served.failed = timeline, []
    served.archive = Archive(Path("nowhere"), {"first": 5, "second": 6})
    served.versions = {"first": "1", "second": "2"}
    sound = [Seen(1, 2, "first", 5, ()), Seen(11, 12, "second", 2, ("2", "2"))]
    for wrong in (
        Seen(1, 2, "second", 6, ()),
        Seen(1, 2, "first", 6, ()),
        Seen(20, 21, "first", 5, ()),
        Seen(11, 12, "second", 2, ("2", "1")),
        Seen(1, 2, "first", 2, ("2", "2")),
    ):
        served.seen = [*sound, wrong]
        assert len(served.broken()) == 1
