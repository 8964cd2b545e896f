"""How does an index live on a cluster? Its states, as an engine promises them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from indexer.config import EngineSettings, IndexSettings, RankingSettings
from indexer.documents import Document
from indexer.engine.embedded import generations
from indexer.engine.embedded.building.garbage import rarely_collected
from indexer.engine.embedded.manifest import Manifest
from indexer.engine.opensearch import attachments
from indexer.engine.opensearch.asking import Location
from indexer.engine.opensearch.building import SHARD_DOCUMENTS, OpenSearchBuild, collect, sums
from indexer.engine.opensearch.clauses import allowed
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.conditions import conditions
from indexer.engine.opensearch.generations import Description, Indices
from indexer.engine.opensearch.lock import BuildLock
from indexer.engine.opensearch.snapshot import OpenSearchSnapshot
from indexer.engine.opensearch.spools import Spools
from indexer.engine.protocol import Generation, Prepare
from indexer.errors import IndexCorrupt, IndexMissing, IndexUnusable
from indexer.query.ranking import RANKING

_OUTGROWN = 3
"""So many times what a shard is made for are too much."""


class OpenSearchEngine:
    """The states on a cluster. `index.directory` is for what is fetched, and for spools of builds."""

    def __init__(
        self, settings: EngineSettings, index: IndexSettings, ranking: RankingSettings = RANKING
    ) -> None:
        self._settings, self._index, self._ranking = settings, index, ranking

    @cached_property
    def _indices(self) -> Indices:
        return Indices(Cluster(self._settings), self._settings.index)

    @contextmanager
    def build(self, from_live: bool = False) -> Iterator[OpenSearchBuild]:
        """See `Engine.build`."""
        prefix = self._settings.index
        lock, spools = BuildLock(self._indices.cluster, prefix), Spools(self._index, prefix)
        # Of builders on this machine the lock of the directory is told at once.
        with generations.lock(self._index.directory), lock.held(), rarely_collected():
            self._clean(spools)
            path = spools.make(self._indices.new_name())
            try:
                since = self._begun(spools, path) if from_live else None
                made = self._settings, self._index, self._ranking, self._indices, lock, spools, path, since
                yield OpenSearchBuild(*made)
            finally:
                self._clean(spools)

    def _clean(self, spools: Spools) -> None:
        """Remove what was not published: that has a manifest, and anything else was never there."""
        spools.keep(self._indices.names())
        self._indices.remove_unfinished()

    def _begun(self, spools: Spools, path: Path) -> Manifest:
        """Begin with the spool of the live state. Raises `IndexUnusable` where it is to be built anew."""
        live = self._indices.live()
        told = self._indices.load(live)
        shards, documents = self._indices.shards(live), told.generation.counts.documents
        if self._settings.shards not in (0, shards) or documents > _OUTGROWN * shards * SHARD_DOCUMENTS:
            wanted = self._settings.shards or f"more for {documents:,} documents"
            raise IndexUnusable(f"the index has {shards} shards, and is to have {wanted}")
        return spools.begin(live, told, path)

    def collect(self, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """See `Engine.collect`; the cluster is not needed for that."""
        with rarely_collected():
            collect(self._index, path, batches, prepare)

    def live(self) -> str:
        """See `Engine.live`."""
        return self._indices.live()

    def documents(self) -> int:
        """See `Engine.documents`."""
        return self._indices.documents()

    def names(self) -> Sequence[str]:
        """See `Engine.names`."""
        return self._indices.names()

    def open(
        self, fingerprint: str | None = None, ranking: RankingSettings = RANKING, name: str | None = None
    ) -> OpenSearchSnapshot:
        """See `Engine.open`."""
        chosen = self._indices.live() if name is None else name
        told = self._indices.load(chosen, fingerprint)
        self._forget(told)
        most = allowed(self._indices.cluster), self._settings.exact_up_to
        return OpenSearchSnapshot(self._place(chosen), told, ranking, *most)

    def _forget(self, told: Description) -> None:
        """Remove files that were fetched of states which are gone."""
        own = {sha256 for _, sha256 in told.files.values()}
        if old := attachments.stale(self._fetched, own):
            used = self._indices.digests()
            for path in old:
                if path.name not in used:
                    with suppress(OSError):
                        path.unlink()

    @property
    def _fetched(self) -> Path:
        return self._index.directory / "cache" / "files"

    def _place(self, name: str) -> Location:
        indices = self._indices
        return Location(indices.cluster, indices.index(name), indices.files(name), self._fetched)

    def check(self, name: str) -> None:
        """See `Engine.check`."""
        told = self._indices.load(name)
        index = self._indices.index(name)
        count, *marks = sums(self._indices, index)
        if count != told.generation.counts.documents or tuple(marks) != told.marks:
            raise IndexCorrupt(f"{index}: has other documents than were loaded; run `hansou rebuild`")
        place = self._place(name)
        for attached, (size, sha256) in told.files.items():
            attachments.fetch(place.cluster, place.files, attached, size, sha256, place.directory)

    def conditions(self) -> Iterator[tuple[bool, str]]:
        """See `Engine.conditions`."""
        return conditions(self._indices.cluster)

    def rollback(self) -> Generation:
        """See `Engine.rollback`."""
        lock = BuildLock(self._indices.cluster, self._settings.index)
        with generations.lock(self._index.directory), lock.held():
            try:
                live = self._indices.live()
            except IndexCorrupt:
                live = "~"
            for name in reversed([name for name in self._indices.names() if name < live]):
                try:
                    self.check(name)
                except IndexCorrupt:
                    continue
                self._indices.point_to(name)
                return self._indices.load(name).generation
        raise IndexMissing(f"{self._settings.index}: there is no earlier generation to go back to")
