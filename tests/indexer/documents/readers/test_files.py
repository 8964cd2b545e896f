"""Files of a source come in one order, and nothing outside the source is opened."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from indexer.documents.readers import files
from indexer.documents.readers.files import open_file, read_whole, shown, walk, walk_named
from indexer.errors import ReadError


def opened(path: Path, root: Path) -> bytes:
    """The bytes of a file of a source."""
    with open_file(path, root) as stream:
        return read_whole(stream)


def test_order_is_by_path(tmp_path: Path) -> None:
    """Files come sorted, folder by folder, whatever order the file system has; hidden ones do not come."""
    for name in ("b.txt", "a/z.txt", "a/b.txt", ".git/x.txt", ".hidden.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("夜市")
    assert [shown(name) for _, name in walk_named(str(tmp_path))] == ["a/b.txt", "a/z.txt", "b.txt", "c.txt"]


def test_links_must_stay_inside(tmp_path: Path) -> None:
    """A link out of the source is refused, one within it is read, a folder's link is not followed."""
    root = tmp_path / "source"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("外面")
    (root / "a.txt").write_text("裡面")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "in.txt").symlink_to("a.txt")
    (root / "loop").symlink_to(root)
    (root / "gone.txt").symlink_to("missing.txt")
    (root / "self").symlink_to("self")
    (root / "ring").symlink_to("ring.txt")
    (root / "ring.txt").symlink_to("ring")
    assert opened(root / "in.txt", root) == "裡面".encode()
    for name, reason in (
        ("out.txt", "leaves the source"),
        ("loop", "not followed"),
        ("gone.txt", "No such file"),
        ("self", "symbolic links"),
        ("ring", "symbolic links"),
    ):
        with pytest.raises(ReadError, match=reason):
            opened(root / name, root)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A pipe is refused at once, for reading it would wait for ever; so are sockets, and links to devices."""
    os.mkfifo(tmp_path / "a.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "b.txt"))
        for name in ("a.txt", "b.txt"):
            with pytest.raises(ReadError, match="not a regular file"):
                opened(tmp_path / name, tmp_path)


def test_folders_may_lie_as_deep_as_they_like(tmp_path: Path) -> None:
    """Deeper than Python recurses files are found; deeper than a path may be long, the folder is named."""
    os.chdir(tmp_path)
    depth = 0
    try:
        for depth in range(1, 2_500):
            os.mkdir("層")
            os.chdir("層")
            if depth == 900:
                Path("深.txt").write_text("裡面", encoding="utf-8")
    finally:
        os.chdir(Path(__file__).parent)
    found = [*walk(tmp_path)]
    assert [path.name for path in found] == ["層", "深.txt"]
    with pytest.raises(ReadError, match="name too long"):
        opened(found[0], tmp_path)
    assert opened(found[1], tmp_path) == "裡面".encode()
    subprocess.run(["rm", "-r", str(tmp_path)], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_no_permission(tmp_path: Path) -> None:
    """A file and a folder without permission are named, with the system's reason."""
    (tmp_path / "a.txt").write_text("夜市")
    (tmp_path / "a.txt").chmod(0)
    (tmp_path / "b").mkdir(mode=0)
    for path in walk(tmp_path):
        with pytest.raises(ReadError, match="Permission denied"):
            opened(path, tmp_path)
    (tmp_path / "b").chmod(0o700)


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole-file read stops at the limit."""
    monkeypatch.setattr(files, "MAX_BYTES", 1024 * 1024)
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" * (1024 * 1024 + 1))
    with pytest.raises(ReadError, match="larger than 1 MB"):
        opened(path, tmp_path)
