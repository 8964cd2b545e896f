"""What may be on a disk after a power cut? Everything that POSIX leaves open about what was not fsynced.

Of a file, what was written since its last fsync may be there, not be there, be there in part or as zeros; a
name in a folder (created, renamed, removed) may be there or not until that folder was fsynced, and in
any combination, as on a file system without a journal. `Disk` follows a log of changes; `crash` gives a tree
that a machine might find when it comes back.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from benchmarks.battery.shim import Change, Kind

Tree: TypeAlias = dict[str, "bytes | Tree"]
Survival = Literal["forgotten", "kept", "names", "zeros", "torn"]
SURVIVALS: tuple[Survival, ...] = ("forgotten", "kept", "names", "zeros")
"""Those without chance: nothing survives, all does, names without contents, names and sizes over zeros."""
_SECTOR = 512


@dataclass
class File:
    """A file: what is safe, what was written since, what a reader sees, under how many names."""

    safe: bytes = b""
    seen: bytearray = field(default_factory=bytearray)
    waiting: list[Callable[[bytearray], None]] = field(default_factory=list)
    names: int = 0

    def change(self, change: Callable[[bytearray], None]) -> None:
        """Write or cut."""
        change(self.seen)
        self.waiting.append(change)

    def sync(self) -> None:
        """Bring to disk."""
        self.safe, self.waiting = bytes(self.seen), []

    def crashed(self, survival: Survival, chance: random.Random) -> bytes:
        """What may be found of it."""
        if survival in ("forgotten", "names") or not self.waiting:
            return self.safe
        if survival == "kept":
            return bytes(self.seen)
        if survival == "zeros":
            return self.safe[: len(self.seen)].ljust(len(self.seen), b"\0")
        return self._torn(chance)

    def _torn(self, chance: random.Random) -> bytes:
        """Some of the writes, the last of them in part, and sectors of it all that were never written."""
        content = bytearray(self.safe)
        for change in self.waiting[: chance.randint(0, len(self.waiting))]:
            change(content)
        if len(content) > len(self.safe) and chance.random() < 0.5:
            del content[chance.randint(len(self.safe), len(content)) :]
        if len(content) > len(self.safe) and chance.random() < 0.5:
            start = chance.randint(len(self.safe), len(content)) // _SECTOR * _SECTOR
            start = max(start, len(self.safe))
            content[start : start + _SECTOR] = bytes(len(content[start : start + _SECTOR]))
        return bytes(content)


Node: TypeAlias = "File | Folder"
Entries: TypeAlias = "dict[str, Node]"


@dataclass
class Folder:
    """A folder: the names that are safe, those changed since, one operation each, those that are seen."""

    safe: Entries = field(default_factory=dict)
    seen: Entries = field(default_factory=dict)
    waiting: list[dict[str, Node | None]] = field(default_factory=list)

    def change(self, names: dict[str, Node | None]) -> None:
        """Set names to what they now lead to, None for nothing; all of them or none survive."""
        _put(self.seen, names)
        self.waiting.append(names)

    def sync(self) -> None:
        """Bring the names to disk; what they lead to is another matter."""
        self.safe, self.waiting = dict(self.seen), []

    def crashed(self, survival: Survival, chance: random.Random) -> Tree:
        """What may be found in it."""
        entries = dict(self.safe)
        for names in self.waiting:
            if survival != "forgotten" and (survival != "torn" or chance.random() < 0.7):
                _put(entries, names)
        return {name: node.crashed(survival, chance) for name, node in entries.items()}


def _put(entries: Entries, names: dict[str, Node | None]) -> None:
    for name, node in names.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


class Disk:
    """A folder of a file system as a log of changes leaves it. Begins with what is there, which is safe."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._inodes: dict[int, File] = {}
        self._top = self._read(root)

    def _read(self, path: Path) -> Folder:
        found: Entries = {}
        for entry in path.iterdir():
            if entry.is_dir():
                found[entry.name] = self._read(entry)
            else:
                inode, content = entry.stat().st_ino, entry.read_bytes()
                file = self._inodes.setdefault(inode, File(content, bytearray(content)))
                file.names += 1
                found[entry.name] = file
        return Folder(found, dict(found))

    def apply(self, change: Change) -> None:
        """Follow one change."""
        _APPLY[change.kind](self, change)

    def crash(self, survival: Survival, chance: random.Random) -> Tree:
        """What may be found when the power is cut now."""
        return self._top.crashed(survival, chance)

    def kept(self) -> Tree:
        """What a reader sees now."""
        return self._top.crashed("kept", random.Random(0))

    def _folder(self, path: str) -> Folder:
        node: Node = self._top
        for part in Path(path).relative_to(self._root).parts:
            assert isinstance(node, Folder)
            node = node.seen[part]
        assert isinstance(node, Folder)
        return node

    def _split(self, path: str) -> tuple[Folder, str]:
        folder, name = os.path.split(path)
        return self._folder(folder), name

    def _create(self, change: Change) -> None:
        folder, name = self._split(change.path)
        new: Node = File(names=1) if change.kind is Kind.CREATED else Folder()
        if isinstance(new, File):
            self._inodes[change.inode] = new
        folder.change({name: new})

    def _write(self, change: Change) -> None:
        def written(content: bytearray) -> None:
            content.extend(bytes(max(0, change.offset - len(content))))
            content[change.offset : change.offset + len(change.data)] = change.data

        self._inodes[change.inode].change(written)

    def _cut(self, change: Change) -> None:
        def resized(content: bytearray) -> None:
            del content[change.offset :]
            content.extend(bytes(change.offset - len(content)))

        self._inodes[change.inode].change(resized)

    def _sync(self, change: Change) -> None:
        file = self._inodes.get(change.inode)
        if file is not None:
            file.sync()
        else:
            self._folder(change.path).sync()

    def _rename(self, change: Change) -> None:
        (old_folder, old), (new_folder, new) = self._split(change.path), self._split(change.other)
        node = old_folder.seen[old]
        if old_folder is new_folder:
            old_folder.change({old: None, new: node})
        else:
            new_folder.change({new: node})
            old_folder.change({old: None})

    def _link(self, change: Change) -> None:
        folder, name = self._split(change.other)
        file = self._inodes[change.inode]
        file.names += 1
        folder.change({name: file})

    def _remove(self, change: Change) -> None:
        folder, name = self._split(change.path)
        gone = folder.seen[name]
        if isinstance(gone, File):
            gone.names -= 1
        # The number of a file that is gone may be given to a folder.
        for inode in [number for number, file in self._inodes.items() if file is gone and not file.names]:
            del self._inodes[inode]
        folder.change({name: None})


_APPLY: dict[Kind, Callable[[Disk, Change], None]] = {
    Kind.CREATED: Disk._create,
    Kind.MADE: Disk._create,
    Kind.WRITTEN: Disk._write,
    Kind.CUT: Disk._cut,
    Kind.SYNCED: Disk._sync,
    Kind.RENAMED: Disk._rename,
    Kind.REMOVED: Disk._remove,
    Kind.LINKED: Disk._link,
}


def write_tree(tree: Tree, path: Path) -> None:
    """Make a folder hold a tree; files that do already stay, others are new ones."""
    path.mkdir(exist_ok=True)
    for entry in [*path.iterdir()]:
        if isinstance(tree.get(entry.name), dict) != entry.is_dir() or entry.name not in tree:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name, content in tree.items():
        file = path / name
        if not isinstance(content, bytes):
            write_tree(content, file)
        elif not file.exists() or file.read_bytes() != content:
            # Whoever has mapped the file that was there keeps it.
            file.unlink(missing_ok=True)
            file.write_bytes(content)


def read_tree(path: Path) -> Tree:
    """What lies in a folder."""
    return {
        entry.name: read_tree(entry) if entry.is_dir() else entry.read_bytes() for entry in path.iterdir()
    }


def digest(tree: Tree) -> bytes:
    """A sum over names and contents, the same for equal trees."""
    total = hashlib.blake2b(digest_size=16)
    for name, content in sorted(tree.items()):
        inner = hashlib.blake2b(content).digest() if isinstance(content, bytes) else digest(content)
        total.update(repr((name, isinstance(content, bytes))).encode() + inner)
    return total.digest()
