"""How does a state get onto a cluster? From a spool, into an index of its own, verified before it is live.

    write → spool   grouping → groups   publish → index, files, spool kept, manifest, alias

A state that begins with the live one begins with the spool of that, and its index with a clone, which shares
the segments on each node: what is sent is what differs. **What is not published was never there**: until the
alias moves nobody reads of it, and whoever builds next removes what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from indexer.config import EngineSettings, IndexSettings, RankingSettings
from indexer.documents import Document
from indexer.engine.embedded.engine import EmbeddedBuild
from indexer.engine.embedded.manifest import Manifest
from indexer.engine.embedded.snapshot import EmbeddedSnapshot
from indexer.engine.opensearch import attachments
from indexer.engine.opensearch.contents import Contents
from indexer.engine.opensearch.generations import Description, Indices, shape_of
from indexer.engine.opensearch.loading import load, lost
from indexer.engine.opensearch.lock import BuildLock
from indexer.engine.opensearch.mapping import SCORED_THERE, clone_of, index_of
from indexer.engine.opensearch.sent import Sent
from indexer.engine.opensearch.shipment import Shipment
from indexer.engine.opensearch.spool import FOLDER, Spooling, spooled
from indexer.engine.opensearch.spools import Spools, known
from indexer.engine.opensearch.terms import NAME as TERMS
from indexer.engine.opensearch.terms import write_term_file
from indexer.engine.protocol import Counts, Generation, Prepare
from indexer.errors import HansouError, IndexCorrupt
from indexer.query.ranking import Scale
from indexer.text.units import Units

_SLOW_S, _SLOWEST_S = 600.0, 6 * 3600.0
SHARD_DOCUMENTS = 5_000_000
"""Lucene's own advice: 10 to 50 GB a shard; a document of 1 kB takes some 6 kB."""
_COUNTED = ("repairs",)


@dataclass(slots=True)
class OpenSearchBuild:
    """A state while it is made, in `path` until it is published: see `indexer.engine.protocol.Build`.

    `since` is the spool of the state that it began with.
    """

    settings: EngineSettings
    index: IndexSettings
    ranking: RankingSettings
    indices: Indices
    lock: BuildLock
    spools: Spools
    path: Path
    since: Manifest | None = None
    _attached: dict[str, Path] = field(default_factory=dict, init=False)
    _lines: Sequence[Path] = field(default=(), init=False)
    _prepare: Prepare | None = field(default=None, init=False)
    _expunged: bool = field(default=False, init=False)

    def write(self, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """See `Build.write`."""
        folder = self.spools.sending / FOLDER
        folder.mkdir()
        self._lines, self._prepare = [folder], prepare
        self._spool.write(batches, Spooling(prepare, folder))

    def adopt(self, directories: Sequence[Path]) -> None:
        """See `Build.adopt`."""
        self._lines = [directory / FOLDER for directory in directories]
        self._spool.adopt(directories)

    def delete(self, ids: Iterable[str]) -> int:
        """See `Build.delete`."""
        return self._spool.delete(ids)

    def merge(self, whole: bool = False) -> int:
        """See `Build.merge`: of the spool; the cluster merges by itself, and at once where it is `whole`."""
        self._expunged = whole
        return self._spool.merge(whole)

    @property
    def _spool(self) -> EmbeddedBuild:
        return EmbeddedBuild(self.index, self.path, self.since)

    def snapshot(self) -> EmbeddedSnapshot:
        """See `Build.snapshot`: of the spool."""
        return self._spool.snapshot()

    def grouping(self, units: Callable[[str], Units]) -> AbstractContextManager[None]:
        """See `Build.grouping`."""
        return self._spool.grouping(units)

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """See `Build.attach`."""
        folder = self.spools.sending / "attached"
        folder.mkdir(exist_ok=True)
        write(folder / name)
        self._attached[name] = folder / name

    def publish(self, fingerprint: str, counts: Counts) -> Generation:
        """See `Build.publish`. Raises `IndexCorrupt` where what arrived is not what was sent."""
        name, contents = self.path.name, Contents(self.path, self.snapshot())
        before = None if self.since is None else known(self.since)
        shipment = Shipment.of(contents, before)
        self.attach(TERMS, partial(write_term_file, contents.snapshot.collection))
        index = self.indices.index(name)
        scales = {field: contents.scale(field, self.ranking) for field in SCORED_THERE}
        self._begin(index, scales, contents.count)
        rows = shipment.entries(spooled(self._lines), self._prepare)
        load(self.indices.cluster, index, rows, self.lock.check)
        if self._expunged:
            path = f"/{index}/_forcemerge?only_expunge_deletes=true"
            self.indices.cluster.ask("POST", path, seconds=_SLOWEST_S)
        self._finish(index)
        self._verify(index, shipment.sent)
        files = self._files(name)
        self.spools.complete(self.path, shipment.sent, fingerprint, counts, self.since)
        built_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = Description(
            generation=Generation(name, built_at, fingerprint, counts, self._bytes(index)),
            scales=scales,
            files=files,
            values=contents.values,
            groups=contents.groups,
            marks=shipment.sent.sums,
            occurrences={field: contents.snapshot.occurrences(field) for field in _COUNTED},
            shape=shape_of(self.indices.cluster.ask("GET", f"/{index}")[index]),
        )
        self._live(name, told)
        return told.generation

    def _begin(self, index: str, scales: Mapping[str, Scale], count: int) -> None:
        """Make the index: empty, or a clone of that of the state before, which says nothing of itself yet."""
        if self.since is None:
            shards = self.settings.shards or 1 + count // SHARD_DOCUMENTS
            self._make(f"/{index}", index_of(scales, shards))
            return
        self._make(f"/{self.indices.index(self.since.name)}/_clone/{index}", clone_of(scales))
        wait = {"wait_for_status": "yellow", "timeout": "300s"}
        ask = partial(self.indices.cluster.ask, seconds=_SLOW_S)
        if ask("GET", f"/_cluster/health/{index}", parameters=wait, accept=(404, 408))["timed_out"]:
            raise HansouError(
                f"{index}: the cluster does not clone the live index, which takes room on its nodes;"
                " see its log, or run `hansou rebuild`"
            )
        ask("PUT", f"/{index}/_mapping", {"_meta": {}})

    def _make(self, path: str, body: Mapping[str, object]) -> None:
        answer = self.indices.cluster.ask("PUT", path, body, seconds=_SLOW_S, accept=(400,))
        if "status" in answer and "already_exists" not in str(answer.get("error")):
            reason = answer["error"].get("reason", answer["error"])
            raise HansouError(f"{path}: the cluster does not make the index: {reason}")

    def _finish(self, index: str) -> None:
        """Let what was loaded be searched, copied to other nodes, and changed by nobody."""
        ask = partial(self.indices.cluster.ask, seconds=_SLOW_S)
        ask("POST", f"/{index}/_refresh")
        ask("POST", f"/{index}/_flush")
        settings = {"number_of_replicas": self.settings.replicas, "blocks.write": True}
        ask("PUT", f"/{index}/_settings", {"index": settings})
        # A cluster of one node has no place for copies, and answers all the same.
        wait = {"wait_for_status": "yellow", "wait_for_no_initializing_shards": "true", "timeout": "300s"}
        ask("GET", f"/_cluster/health/{index}", parameters=wait, accept=(404, 408))

    def _verify(self, index: str, sent: Sent) -> None:
        try:
            found, count = sums(self.indices, index), len(sent.numbers)
        except IndexCorrupt as error:
            raise lost(index) from error
        if found != (count, *sent.sums):
            raise IndexCorrupt(
                f"{index}: {found[0]:,} documents arrived of {count:,}, or others than were sent; build again"
            )

    def _files(self, name: str) -> dict[str, tuple[int, str]]:
        index = self.indices.files(name)
        self._make(f"/{index}", attachments.MAPPING)
        stored = {
            attached: attachments.store(self.indices.cluster, index, path)
            for attached, path in self._attached.items()
        }
        self._finish(index)
        return stored

    def _bytes(self, index: str) -> int:
        found = self.indices.cluster.ask("GET", f"/{index}/_stats/store")
        return int(found["_all"]["primaries"]["store"]["size_in_bytes"])

    def _live(self, name: str, told: Description) -> None:
        """Write the manifest, let the alias move, and remove what nobody wants to go back to."""
        path = f"/{self.indices.index(name)}/_mapping"
        self.lock.check()
        self.indices.cluster.ask("PUT", path, {"_meta": told.to_json()})
        previous = self.indices.previous()
        self.indices.point_to(name)
        self.indices.prune(self.index.keep, name, previous)


def collect(index: IndexSettings, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
    """Write documents into a spool in `path`, which is empty."""
    folder = path / FOLDER
    folder.mkdir()
    EmbeddedBuild(index, path).write(batches, Spooling(prepare, folder))


def sums(indices: Indices, index: str) -> tuple[int, int, int]:
    """How many documents an index has, and the sums of their marks."""
    body = {
        "size": 0,
        "track_total_hits": True,
        "aggs": {name: {"sum": {"field": name}} for name in ("mark_a", "mark_b")},
    }
    path = f"/{index}/_search?allow_partial_search_results=false"
    found = indices.cluster.ask("POST", path, body, seconds=_SLOW_S)
    if "hits" not in found:
        raise IndexCorrupt(f"{index}: the index is gone; run `hansou rebuild`")
    a, b = (round(found["aggregations"][name]["value"]) for name in ("mark_a", "mark_b"))
    return found["hits"]["total"]["value"], a, b
