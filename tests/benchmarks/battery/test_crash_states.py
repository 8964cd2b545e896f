"""The power-cut simulator: what was fsynced is there, what was not may be missing, torn or zeros."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.battery.crash_states import SURVIVALS, Disk, Survival, Tree, digest, read_tree, write_tree
from benchmarks.battery.power_cut import Recording
from benchmarks.battery.shim import Change, Kind, Shim

WAYS: tuple[Survival, ...] = (*SURVIVALS, *(["torn"] * 30))
OLD, NEW = b"old" * 700, b"new!" * 900
# Replaces the file "live" by way of "new", with those steps of a sound program that are named.
PUBLISH = """
import os, sys
folder, steps = sys.argv[1], sys.argv[2:]
def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
with open(f"{folder}/new", "wb") as file:
    file.write(b"new!" * 900)
if "file" in steps:
    sync(f"{folder}/new")
os.replace(f"{folder}/new", f"{folder}/live")
if "folder" in steps:
    sync(folder)
"""


def published(shim: Shim, folder: Path, *steps: str) -> tuple[Disk, Sequence[Change]]:
    """A disk before it was published with some of the steps, and what that changed."""
    (folder / "live").write_bytes(OLD)
    disk = Disk(folder)
    command = [sys.executable, "-S", "-c", PUBLISH, str(folder), *steps]
    subprocess.run(command, check=True, env=shim.environment(log=True))
    return disk, shim.changes()


def found(disk: Disk, changes: Sequence[Change]) -> list[list[Tree]]:
    """What may be found at each moment."""
    chance = random.Random(1)
    states = [[disk.crash(way, chance) for way in WAYS]]
    for change in changes:
        disk.apply(change)
        states.append([disk.crash(way, chance) for way in WAYS])
    return states


def test_a_sound_program_leaves_the_old_or_the_new(shim: Shim, disk: Path) -> None:
    """With both fsyncs every moment has a whole file, at the end the new one; and the log tells all."""
    before, changes = published(shim, disk, "file", "folder")
    states = found(before, changes)
    assert all(state["live"] in (OLD, NEW) for moment in states for state in moment)
    assert all(state["live"] == NEW for state in states[-1])
    assert before.kept() == read_tree(disk)


def test_a_missing_fsync_of_a_file_is_found(shim: Shim, disk: Path) -> None:
    """Without the fsync before renaming some disks have neither the old nor the new file under the name."""
    before, changes = published(shim, disk, "folder")
    live = [state["live"] for state in found(before, changes)[-1]]
    assert b"" in live and bytes(len(NEW)) in live and any(part and part not in (OLD, NEW) for part in live)


def test_a_missing_fsync_of_a_folder_is_found(shim: Shim, disk: Path) -> None:
    """Without the fsync after renaming the old file may be back although the program has ended."""
    before, changes = published(shim, disk, "file")
    live = [state["live"] for state in found(before, changes)[-1]]
    assert OLD in live and NEW in live


LINK = """
import os, sys
folder = sys.argv[1]
os.mkdir(f"{folder}/new")
os.link(f"{folder}/live", f"{folder}/new/live")
os.unlink(f"{folder}/live")
with open(f"{folder}/new/live", "ab") as file:
    file.write(b"more")
"""


def test_a_file_may_have_two_names(shim: Shim, disk: Path) -> None:
    """What it holds is there under each that survives, and is followed when one of them is gone."""
    write_tree({"live": OLD}, disk)
    before = Disk(disk)
    command = [sys.executable, "-S", "-c", LINK, str(disk)]
    subprocess.run(command, check=True, env=shim.environment(log=True))
    states = found(before, shim.changes())
    assert before.kept() == read_tree(disk) == {"new": {"live": OLD + b"more"}}
    both = [state for moment in states for state in moment if state.get("live") and state.get("new")]
    assert {"live": OLD, "new": {"live": OLD}} in both


def test_names_survive_one_by_one(tmp_path: Path) -> None:
    """Of the names that changed since the last fsync any may be missing, and removals may be undone."""
    disk = Disk(tmp_path)
    for number, name in enumerate("abc"):
        disk.apply(Change(Kind.CREATED, f"{tmp_path}/{name}", inode=number + 1))
    disk.apply(Change(Kind.REMOVED, f"{tmp_path}/a"))
    seen = {frozenset(disk.crash("torn", random.Random(seed))) for seed in range(200)}
    assert {frozenset("abc"), frozenset("bc"), frozenset("c"), frozenset()} < seen


def test_trees_are_written_and_told_apart(tmp_path: Path) -> None:
    """A tree that was written is read again, over another one too; equal trees have equal digests."""
    first: Tree = {"a": b"1", "folder": {"b": b"2"}, "c": {}}
    second: Tree = {"a": {"b": b"1"}, "folder": {"b": b"3"}}
    for tree in (first, second, first):
        write_tree(tree, tmp_path / "tree")
        assert read_tree(tmp_path / "tree") == tree
    assert digest(first) == digest(dict(reversed(first.items()))) != digest(second)


def test_what_a_reader_may_find() -> None:
    """Before CURRENT is renamed the old index, once that is on disk the new one, in between either."""
    changes = [
        Change(Kind.WRITTEN, "/index/CURRENT.new"),
        Change(Kind.RENAMED, "/index/CURRENT.new", "/index/CURRENT"),
        Change(Kind.SYNCED, "/index/generations"),
        Change(Kind.SYNCED, "/index"),
        Change(Kind.REMOVED, "/index/generations/old/file"),
    ]
    recording = Recording("a rebuild", changes, "old", "new")
    allowed = [recording.allowed(moment) for moment in range(len(changes) + 1)]
    assert allowed == [{"old"}, {"old"}, {"old", "new"}, {"old", "new"}, {"new"}, {"new"}]
    never = Recording("one without fsync", changes[:2], None, "new")
    assert [never.allowed(moment) for moment in (1, 2)] == [{None}, {"new"}]
