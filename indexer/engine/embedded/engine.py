"""How does an index live in a directory? Its generations as the states that an engine promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from indexer.config import IndexSettings, RankingSettings
from indexer.derived.duplicates import Groups, grouped, write_groups
from indexer.documents import Document
from indexer.engine.embedded import generations
from indexer.engine.embedded.building.adoption import adopt
from indexer.engine.embedded.building.compaction import compact
from indexer.engine.embedded.building.deletion import delete_documents
from indexer.engine.embedded.building.garbage import rarely_collected
from indexer.engine.embedded.building.parallel import beside, build_segments
from indexer.engine.embedded.manifest import Manifest
from indexer.engine.embedded.snapshot import EmbeddedSnapshot
from indexer.engine.embedded.whoosh.index import begin, is_of_segment, segments_of, unpickled
from indexer.engine.protocol import Counts, Generation, Prepare
from indexer.query.ranking import RANKING
from indexer.text.units import Units

# Batches of documents, fewer than which one process indexes as fast as it takes to start more.
_FEW = 8


class EmbeddedEngine:
    """The generations in a directory: see `indexer.engine.protocol.Engine`."""

    def __init__(self, settings: IndexSettings) -> None:
        self._settings = settings

    @contextmanager
    def build(self, from_live: bool = False) -> Iterator[EmbeddedBuild]:
        """See `Engine.build`."""
        with generations.build(self._settings) as path, rarely_collected():
            since = begun(self._settings.directory, self.live(), path) if from_live else None
            yield EmbeddedBuild(self._settings, path, since)

    def collect(self, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """See `Engine.collect`."""
        with rarely_collected():
            EmbeddedBuild(self._settings, path).write(batches, prepare)

    def live(self) -> str:
        """See `Engine.live`."""
        return generations.current_name(self._settings.directory)

    def documents(self) -> int:
        """See `Engine.documents`."""
        return generations.live_documents(self._settings.directory)

    def names(self) -> Sequence[str]:
        """See `Engine.names`."""
        return generations.names(self._settings.directory)

    def open(
        self, fingerprint: str | None = None, ranking: RankingSettings = RANKING, name: str | None = None
    ) -> EmbeddedSnapshot:
        """See `Engine.open`."""
        directory, read = self._settings.directory, partial(_opened, ranking)
        if name is None:
            return generations.open_live(directory, fingerprint, read)
        return generations.open_named(directory, name, fingerprint, read)

    def check(self, name: str) -> None:
        """See `Engine.check`."""
        generations.verify(generations.load(self._settings.directory, name))

    def conditions(self) -> Iterator[tuple[bool, str]]:
        """See `Engine.conditions`: there is nothing."""
        return iter(())

    def rollback(self) -> Generation:
        """See `Engine.rollback`."""
        return generations.rollback(self._settings)


def _opened(ranking: RankingSettings, manifest: Manifest) -> EmbeddedSnapshot:
    generations.verify(manifest, unpickled(manifest.files))
    return EmbeddedSnapshot(manifest.path, manifest.generation, ranking, partial(_vouch, manifest))


def _vouch(manifest: Manifest, name: str) -> None:
    """Verify a file as a whole, unless it is verified as it is read. Raises `IndexCorrupt`."""
    if name in manifest.files and name not in manifest.seals:
        generations.verify(manifest, [name])


def begun(directory: Path, name: str, path: Path) -> Manifest:
    """Begin a generation in `path` with the segments of the one called `name`, which is returned."""
    manifest = generations.load(directory, name)
    generations.verify(manifest, unpickled(manifest.files))
    generations.share(manifest, path, filter(is_of_segment, manifest.files))
    begin(path, segments_of(manifest.path))
    return manifest


class EmbeddedBuild:
    """A generation's directory, while it is filled: see `indexer.engine.protocol.Build`.

    `since` is the generation that it began with.
    """

    def __init__(self, settings: IndexSettings, path: Path, since: Manifest | None = None) -> None:
        self._settings, self._path, self._since = settings, path, since
        files = () if since is None else since.files
        self._segments = frozenset(Path(name).stem for name in files if is_of_segment(name))

    def write(self, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """See `Build.write`; what is added to a state in few batches is not worth several processes."""
        workers, memory_mb = self._settings.workers, self._settings.memory_mb
        if self._since is not None:
            first = list(islice(batches := iter(batches), _FEW))
            batches, workers = chain(first, batches), 1 if len(first) < _FEW else workers
        build_segments(self._path, batches, prepare, workers=workers, memory_mb=memory_mb)

    def adopt(self, directories: Sequence[Path]) -> None:
        """See `Build.adopt`."""
        adopt(self._path, directories)

    def delete(self, ids: Iterable[str]) -> int:
        """See `Build.delete`."""
        return delete_documents(self._path, ids, self._segments)

    def merge(self, whole: bool = False) -> int:
        """See `Build.merge`."""
        return compact(self._path, whole)

    def snapshot(self) -> EmbeddedSnapshot:
        """See `Build.snapshot`."""
        return _unpublished(self._path)

    def grouping(self, units: Callable[[str], Units]) -> AbstractContextManager[None]:
        """See `Build.grouping`: beside what follows, in a process of its own where there are several."""
        since = None if self._since is None else self._since.path
        return beside(partial(_group, self._path, units, since), self._settings.workers)

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """See `Build.attach`."""
        write(self._path / name)

    def publish(self, fingerprint: str, counts: Counts) -> Generation:
        """See `Build.publish`."""
        return generations.publish(self._settings, self._path, fingerprint, counts, since=self._since)


def _unpublished(path: Path) -> EmbeddedSnapshot:
    return EmbeddedSnapshot(path, Generation(path.name, "", "", Counts(), 0))


def _group(path: Path, units: Callable[[str], Units], since: Path | None) -> None:
    """Find near-identical documents, in the order of their ids: how the index was built says nothing.

    What the generation in `since` knows of two texts they are not read for.
    """
    known = {} if since is None else Groups(since).compared()
    snapshot = _unpublished(path)
    sketches, lengths = snapshot.fingerprints()
    living = snapshot.documents()
    order = living[np.argsort(snapshot.id_ranks()[living])]
    found, compared = grouped(
        sketches[order], lengths[order], lambda place: units(snapshot.text(int(order[place]))), known
    )
    leaders = np.arange(len(lengths))
    leaders[order] = order[found]
    write_groups(path, leaders, compared)
