"""Which spools does a builder keep? That of each state on the cluster: the next state begins with it.

    <directory>/spool/<prefix>/generations/<name>/   the spool of a state: an embedded generation, and the
                                                     table of what was sent
    <directory>/spool/<prefix>/sending/              lines on their way, while building

Spools share files as generations do. **A spool is whole before its state is live, and goes after it**, so
however a build ends, the state that is live has its spool, if it was built here.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection as Names
from dataclasses import replace
from pathlib import Path

from indexer.config import IndexSettings
from indexer.engine.embedded import generations
from indexer.engine.embedded.engine import begun
from indexer.engine.embedded.manifest import MANIFEST, Manifest
from indexer.engine.embedded.permissions import protect
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.whoosh.index import segment_files
from indexer.engine.opensearch.contents import Ids
from indexer.engine.opensearch.generations import Description
from indexer.engine.opensearch.sent import NAME as SENT
from indexer.engine.opensearch.sent import Sent
from indexer.engine.protocol import Counts
from indexer.errors import IndexUnusable


class Spools:
    """The spools of the states whose names begin with `prefix`; the builder's lock is held."""

    def __init__(self, index: IndexSettings, prefix: str) -> None:
        self._settings = replace(index, directory=index.directory / "spool" / prefix)
        self._root = self._settings.directory / "generations"
        self.sending = self._settings.directory / "sending"
        """Where a build has what need not stay."""

    def make(self, name: str) -> Path:
        """A new, empty spool for a state to be, and an empty `sending`."""
        shutil.rmtree(self.sending, ignore_errors=True)
        for path in (self.sending, self._root / name):
            path.mkdir(parents=True)
        protect(self._settings)
        return self._root / name

    def begin(self, name: str, told: Description, path: Path) -> Manifest:
        """Begin a spool in `path` with that of the state called `name`, which is returned.

        Raises `IndexUnusable` where there is none, or it is not of that state.
        """
        if not (self._root / name / MANIFEST).is_file():
            raise IndexUnusable(
                f"{self._root}: does not have what the live index was built from: it was built on another"
                " machine or by an earlier release, or the folder was emptied"
            )
        manifest = begun(self._settings.directory, name, path)
        sent = Sent.read(manifest.path / SENT)
        if (len(sent.numbers), sent.sums) != (told.generation.counts.documents, told.marks):
            raise IndexUnusable(f"{manifest.path}: is not what the live index was built from")
        return manifest

    def complete(
        self, path: Path, sent: Sent, fingerprint: str, counts: Counts, since: Manifest | None
    ) -> None:
        """Keep a spool, which is on disk then, with the table of what was sent."""
        sent.write(path / SENT)
        generations.complete(self._settings, path, fingerprint, counts, since=since)

    def keep(self, names: Names[str]) -> None:
        """Remove all spools but those of these states."""
        shutil.rmtree(self.sending, ignore_errors=True)
        for path in self._root.glob("*"):
            if path.name not in names:
                shutil.rmtree(path, ignore_errors=True)


def known(manifest: Manifest) -> tuple[Ids, Sent]:
    """Which documents a state has, and what was sent of them, as its spool says."""
    collection = Collection(segment_files(manifest.path))
    return Ids.of(collection), Sent.read(manifest.path / SENT)
