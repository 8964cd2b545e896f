"""How does an index travel as one file? Its live generation as a tar archive, the manifest first.

Invariant: what is written is one generation, whole, whatever is built or pruned meanwhile; what is read goes
live only where every file is as the manifest says, and until then the index that was live stays.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from indexer.config import IndexSettings
from indexer.engine.embedded import generations
from indexer.engine.embedded.manifest import MANIFEST, Manifest, read_manifest
from indexer.engine.protocol import Generation
from indexer.errors import IndexCorrupt

FOLDER = "hansou-index"
"""What all names in the archive begin with."""
_BLOCK = 1 << 20
_MOST_MANIFEST = 64 << 20


class _Summed(io.RawIOBase):
    """A stream that is added up as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.sum = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        self.sum.update(block)
        return block


def save(directory: Path, stream: BinaryIO) -> Generation:
    """Write the live generation to a stream. Raises `IndexUnusable`, also for a file that is not as built."""
    with ExitStack() as held:
        manifest, raw, files = generations.open_live(directory, None, lambda found: _hold(found, held))
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(_member(MANIFEST, len(raw)), io.BytesIO(raw))
            for name, file in files.items():
                size, digest = manifest.files[name]
                summed = _Summed(file)
                tar.addfile(_member(name, size), summed)
                if summed.sum.hexdigest() != digest:
                    raise IndexCorrupt(
                        f"{manifest.path / name}: its content changed after it was built; run `hansou check`"
                    )
    return manifest.generation


def _hold(manifest: Manifest, held: ExitStack) -> tuple[Manifest, bytes, dict[str, BinaryIO]]:
    """The files of a generation, opened: pruned meanwhile they can be read to the end."""
    with ExitStack() as opened:
        raw = (manifest.path / MANIFEST).read_bytes()
        files: dict[str, BinaryIO] = {
            name: opened.enter_context(open(manifest.path / name, "rb")) for name in sorted(manifest.files)
        }
        held.push(opened.pop_all())
    return manifest, raw, files


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(f"{FOLDER}/{name}")
    member.size, member.mode = size, 0o600
    return member


def load(settings: IndexSettings, stream: BinaryIO, accept: Callable[[Path, Generation], None]) -> Generation:
    """Make the generation in a stream the live one; that which was live is kept as after a build.

    `accept` may refuse it, once its files are there, by raising. Raises `BusyError`, `IndexCorrupt` where the
    archive is none of ours, damaged or cut off, and `IndexOutdated` for the format of another version.
    """
    with generations.build(settings) as path:
        with _damage_told(), tarfile.open(fileobj=stream, mode="r|") as tar:
            members = iter(tar)
            manifest = _manifest(tar, next(members, None), path)
            found = {_unpack(tar, member, manifest, path) for member in members}
        if missing := manifest.files.keys() - found:
            raise IndexCorrupt(f"the archive lacks {sorted(missing)[0]}; take another")
        accept(path, manifest.generation)
        built = manifest.generation
        return generations.publish(settings, path, built.fingerprint, built.counts, built.built_at)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise IndexCorrupt(f"the archive is damaged or none of Hansou's ({error}); take another") from error


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo | None, path: Path) -> Manifest:
    content = tar.extractfile(member) if member and member.size <= _MOST_MANIFEST else None
    if member is None or member.name != f"{FOLDER}/{MANIFEST}" or content is None:
        raise IndexCorrupt("this is no archive that `hansou backup` wrote")
    return read_manifest(content.read(), path)


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, path: Path) -> str:
    """Write a file that the manifest names, and no other; its name."""
    name = member.name.removeprefix(f"{FOLDER}/")
    size, digest = manifest.files.get(name, (-1, ""))
    content = tar.extractfile(member)
    if content is None or member.size != size or "/" in name or name.startswith("."):
        raise IndexCorrupt(f"the archive holds {member.name!r}, which is none of its files; take another")
    summed = _Summed(content)  # type: ignore[arg-type]  # of which only `read` is called
    with open(path / name, "xb") as file:
        while block := summed.read(_BLOCK):
            file.write(block)
    if summed.sum.hexdigest() != digest:
        raise IndexCorrupt(f"the archive is damaged: {name} is not as it was saved; take another")
    return name
