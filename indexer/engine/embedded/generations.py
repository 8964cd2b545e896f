"""Which index is live? Immutable directories, a manifest that vouches for each, and one pointer.

    <directory>/CURRENT                      the name of the live generation
    <directory>/generations/<name>/          one complete index and its manifest.json
    <directory>/lock                         held while building
    <directory>/cache/                       the compiled dictionary

A generation is built aside, brought to disk (files, then directory), described by a manifest with the
SHA-256 of every file, and only then named in CURRENT by `os.replace`. **Killed at any instant, a build
leaves the old or the new generation live, each whole; a directory without a fitting manifest is never
opened.** Generations may share files, by hard links; each vouches for all of its own. The generation before
stays for `rollback` and for readers that are not done with it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from whoosh.util.filelock import FileLock

from indexer.arrays import seal
from indexer.config import IndexSettings
from indexer.engine.embedded.manifest import (
    ADVICE,
    MANIFEST,
    Manifest,
    manifest_bytes,
    read_manifest,
    sha256,
)
from indexer.engine.embedded.permissions import protect
from indexer.engine.protocol import Counts, Generation
from indexer.errors import BusyError, IndexCorrupt, IndexMissing, IndexOutdated, IndexUnusable, is_exhausted
from indexer.text.dictionary import remove_unfinished

_LOCK_WAIT_S = 2.0

Opened = TypeVar("Opened")


@contextmanager
def lock(directory: Path) -> Iterator[None]:
    """Hold the builder's lock. Raises `BusyError` if another builder keeps it for 2 s."""
    _make(directory)
    held = FileLock(str(directory / "lock"))
    deadline = time.monotonic() + _LOCK_WAIT_S
    while not held.acquire(blocking=False):
        if time.monotonic() > deadline:
            raise BusyError(f"{directory}: another process is building this index; wait until it is done")
        time.sleep(0.05)
    try:
        yield
    finally:
        held.release()


@contextmanager
def build(settings: IndexSettings) -> Iterator[Path]:
    """Lock the index and give a new, empty generation directory; it is removed unless it goes live."""
    with lock(settings.directory):
        root = settings.directory / "generations"
        _remove_unfinished(root)
        remove_unfinished(settings.directory / "cache")
        path = root / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
        try:
            _make(path)
            protect(settings)
            yield path
        finally:
            # Interrupted after it went live (while pruning, say) it is the index, not a remnant.
            if _pointed_at(settings.directory) != path.name:
                shutil.rmtree(path, ignore_errors=True)


def share(manifest: Manifest, path: Path, names: Iterable[str]) -> None:
    """Have files of a generation in the directory of another too.

    A file is the same one under another name where the file system has hard links, else a copy, which is
    compared with what the manifest says. Raises `IndexCorrupt`.
    """
    for name in names:
        try:
            os.link(manifest.path / name, path / name)
        except OSError:
            shutil.copyfile(manifest.path / name, path / name)
            if sha256(path / name) != manifest.files[name][1]:
                where = manifest.path / name
                raise IndexCorrupt(f"{where}: its content changed after it was built; {ADVICE}") from None


def publish(
    settings: IndexSettings,
    path: Path,
    fingerprint: str,
    counts: Counts,
    built_at: str | None = None,
    since: Manifest | None = None,
) -> Generation:
    """Make a built directory a generation as `complete` does, make it live and prune old ones."""
    generation = complete(settings, path, fingerprint, counts, built_at, since)
    previous = _pointed_at(settings.directory)
    try:
        point_to(settings.directory, path.name)
        _prune(settings, path.name, previous)
    except BaseException:
        # Interrupted when it was live: what it takes the place of would lie there until the next build.
        if _pointed_at(settings.directory) == path.name:
            _prune(settings, path.name, previous)
            _remove_unfinished(path.parent)
        raise
    return generation


def complete(
    settings: IndexSettings,
    path: Path,
    fingerprint: str,
    counts: Counts,
    built_at: str | None = None,
    since: Manifest | None = None,
) -> Generation:
    """Bring a built directory to disk and write its manifest, which makes it a generation.

    It was built now, or at `built_at` (ISO 8601, UTC). What it shares with the generation of `since` is on
    disk already, and that one vouches for it.
    """
    # What is hidden is none of ours.
    built = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    shared = {} if since is None else {file.name for file in built if _is_shared(since, file)}
    files = {
        file.name: since.files[file.name]
        if since is not None and file.name in shared
        else (file.stat().st_size, sha256(file))
        for file in built
    }
    for file in built:
        if file.name not in shared:
            _sync(file)
    built_at = built_at or datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    seals = {name: found for name in files if (found := seal(path / name))}
    size = sum(size for size, _ in files.values())
    generation = Generation(path.name, built_at, fingerprint, counts, size)
    _write(path / MANIFEST, manifest_bytes(Manifest(path, generation, files, seals)))
    protect(settings)
    _sync(path)
    _sync(path.parent)
    return generation


def _is_shared(manifest: Manifest, file: Path) -> bool:
    """Whether a file is one of a generation's, under another name."""
    return file.name in manifest.files and os.path.samefile(file, manifest.path / file.name)


def point_to(directory: Path, name: str) -> None:
    """Make the generation called `name` the live one, atomically."""
    temporary = directory / "CURRENT.new"
    _write(temporary, f"{name}\n".encode())
    # Who may read a generation may read which it is.
    shutil.copymode(directory / "generations" / name / MANIFEST, temporary)
    os.replace(temporary, directory / "CURRENT")
    _sync(directory)


def _pointed_at(directory: Path) -> str | None:
    """What CURRENT says, sound or not; None where there is none."""
    try:
        return (directory / "CURRENT").read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def current_name(directory: Path) -> str:
    """The name of the live generation. Raises `IndexMissing`, or `IndexCorrupt` for a damaged pointer."""
    name = _pointed_at(directory)
    if name is None:
        raise _missing(directory)
    try:
        named = (directory / "generations" / name / MANIFEST).is_file()
    except OSError:  # longer than names are
        named = False
    if not named or "/" in name or name.startswith("."):
        raise IndexCorrupt(f"{directory}/CURRENT: names no generation; {ADVICE}")
    return name


def live_documents(directory: Path) -> int:
    """How many documents the live generation has, in whatever format; 0 where nobody can say."""
    try:
        manifest = (directory / "generations" / current_name(directory) / MANIFEST).read_bytes()
        return int(json.loads(manifest.rpartition(b"\n}")[0] + b"\n}")["counts"]["documents"])
    except (IndexUnusable, OSError, ValueError, KeyError, TypeError):
        return 0


def open_live(directory: Path, fingerprint: str | None, read: Callable[[Manifest], Opened]) -> Opened:
    """What `read` makes of the live generation. Raises `IndexMissing`, `IndexCorrupt` or `IndexOutdated`.

    A builder may go live and prune a generation while that is being opened; then the one that is live by
    now is opened instead.
    """
    while True:
        pointed = _pointed_at(directory)
        try:
            return read(load(directory, current_name(directory), fingerprint))
        except (IndexUnusable, OSError) as error:
            if _pointed_at(directory) != pointed:
                continue
            if isinstance(error, OSError):
                raise _unreadable(directory, error) from error
            raise


def open_named(
    directory: Path, name: str, fingerprint: str | None, read: Callable[[Manifest], Opened]
) -> Opened:
    """What `read` makes of the generation called `name`. Raises `IndexCorrupt` or `IndexOutdated`."""
    try:
        return read(load(directory, name, fingerprint))
    except OSError as error:
        raise _unreadable(directory / "generations" / name, error) from error


def _missing(directory: Path) -> IndexMissing:
    return IndexMissing(f"{directory}: there is no index yet; run `hansou rebuild`")


def names(directory: Path) -> list[str]:
    """The generations that have a manifest, oldest first."""
    return sorted(path.parent.name for path in (directory / "generations").glob(f"*/{MANIFEST}"))


def load(directory: Path, name: str, fingerprint: str | None = None) -> Manifest:
    """Read a generation's manifest and hold its files' sizes and seals against it.

    With a `fingerprint`, a generation built with another analysis raises `IndexOutdated`. Anything that
    does not fit raises `IndexCorrupt`. What else lies in its directory is not looked at: a file manager or a
    backup may have left it there.
    """
    path = directory / "generations" / name
    try:
        manifest = _read_manifest(path)
        sizes = {file.name: file.stat().st_size for file in path.iterdir()}
    except OSError as error:
        raise _unreadable(path, error) from error
    for file, (expected, _) in manifest.files.items():
        if sizes.get(file) != expected:
            raise IndexCorrupt(
                f"{path / file}: {sizes.get(file, 'no')} bytes, not {expected} as built; {ADVICE}"
            )
    for file, expected_seal in manifest.seals.items():
        if seal(path / file) != expected_seal:
            raise IndexCorrupt(f"{path / file}: is another file than was built; {ADVICE}")
    if fingerprint is not None and manifest.generation.fingerprint != fingerprint:
        raise IndexOutdated(
            f"{path}: built with another analysis than the one configured; run `hansou rebuild`"
        )
    return manifest


def verify(manifest: Manifest, only: Iterable[str] | None = None) -> None:
    """Compare the SHA-256 of every file, or of those named. Raises `IndexCorrupt`."""
    for name in manifest.files if only is None else only:
        try:
            content = sha256(manifest.path / name)
        except OSError as error:
            raise _unreadable(manifest.path / name, error) from error
        if content != manifest.files[name][1]:
            raise IndexCorrupt(f"{manifest.path / name}: its content changed after it was built; {ADVICE}")


def rollback(settings: IndexSettings) -> Generation:
    """Make the newest sound generation before the live one live again. Raises `IndexMissing` for none."""
    if not settings.directory.exists():
        raise _missing(settings.directory)
    with lock(settings.directory):
        try:
            live = current_name(settings.directory)
        except IndexCorrupt:
            live = "~"
        for name in reversed([name for name in names(settings.directory) if name < live]):
            try:
                verify(manifest := load(settings.directory, name))
            except IndexCorrupt:
                continue
            point_to(settings.directory, name)
            return manifest.generation
    raise IndexMissing(f"{settings.directory}: there is no earlier generation to go back to")


def _remove_unfinished(root: Path) -> None:
    for path in root.glob("*"):
        if not (path / MANIFEST).exists():
            shutil.rmtree(path, ignore_errors=True)


def _prune(settings: IndexSettings, live: str, previous: str | None) -> None:
    """Keep the generation that was live before and what led to it, as many as configured.

    One between the two never went live or was rolled back from: nobody wants to go back there.
    """
    others = [name for name in names(settings.directory) if name != live]
    older = [name for name in others if previous is None or name <= previous]
    kept = older[max(0, len(older) - max(settings.keep - 1, 0)) :]
    for name in others:
        if name not in kept:
            shutil.rmtree(settings.directory / "generations" / name, ignore_errors=True)


def _unreadable(path: Path, error: OSError) -> IndexCorrupt | OSError:
    """What it means that something cannot be read: damage, unless this process has come to its limits."""
    if is_exhausted(error):
        return error
    return IndexCorrupt(f"{path}: cannot be read ({error}); {ADVICE}")


def _read_manifest(path: Path) -> Manifest:
    return read_manifest((path / MANIFEST).read_bytes(), path)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _sync(path)


def _make(directory: Path) -> None:
    """Make a directory and what is missing above it, each name of which is on disk then."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for path in missing:
        with suppress(PermissionError):  # a folder may be written to and not be read
            _sync(path.parent)


def _sync(path: Path) -> None:
    """fsync a file or a directory, so that what is named later is on disk before it is named."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
