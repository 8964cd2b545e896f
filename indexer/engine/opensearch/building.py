"""How does a state get onto a cluster? From a spool, into an index of its own, verified before it is live.

    write → spool   grouping → groups   publish → index, files, manifest, alias

**What is not published was never there**: until the alias moves nobody reads of it, and whoever builds next
removes what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from indexer.arrays import Array
from indexer.config import EngineSettings, IndexSettings, RankingSettings
from indexer.derived.duplicates import Groups
from indexer.documents import Document
from indexer.engine.embedded.engine import EmbeddedBuild
from indexer.engine.embedded.snapshot import EmbeddedSnapshot
from indexer.engine.fields import FIELDS
from indexer.engine.opensearch import attachments
from indexer.engine.opensearch.generations import Description, Indices, shape_of
from indexer.engine.opensearch.loading import Entry, entry_of, load
from indexer.engine.opensearch.lock import BuildLock
from indexer.engine.opensearch.mapping import SCORED_THERE, index_of
from indexer.engine.opensearch.spool import FOLDER, Spooling, spooled
from indexer.engine.opensearch.terms import NAME as TERMS
from indexer.engine.opensearch.terms import write_term_file
from indexer.engine.protocol import Counts, Generation, Prepare
from indexer.errors import HansouError, IndexCorrupt
from indexer.query.ranking import RANKING, Scale
from indexer.text.units import Units

_SLOW_S = 600.0
# Lucene's own advice: 10 to 50 GB a shard; a document of 1 kB takes some 6 kB.
_SHARD_DOCUMENTS = 5_000_000
_COUNTED = ("repairs",)


@dataclass(slots=True)
class OpenSearchBuild:
    """A state while it is made, in `path` until it is published: see `indexer.engine.protocol.Build`."""

    settings: EngineSettings
    index: IndexSettings
    ranking: RankingSettings
    indices: Indices
    lock: BuildLock
    path: Path
    _attached: dict[str, Path] = field(default_factory=dict, init=False)
    _adopted: Sequence[Path] = field(default=(), init=False)

    def write(self, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """See `Build.write`."""
        collect(self.index, self.path, batches, prepare)

    def adopt(self, directories: Sequence[Path]) -> None:
        """See `Build.adopt`."""
        self._adopted = [directory / FOLDER for directory in directories]
        self._spool.adopt(directories)

    def delete(self, ids: Iterable[str]) -> int:
        """See `Build.delete`: it began with nothing."""
        return 0

    def merge(self, whole: bool = False) -> int:
        """See `Build.merge`: the cluster does that by itself."""
        return 0

    @property
    def _spool(self) -> EmbeddedBuild:
        return EmbeddedBuild(self.index, self.path)

    def snapshot(self) -> EmbeddedSnapshot:
        """See `Build.snapshot`: of the spool."""
        return self._spool.snapshot()

    def grouping(self, units: Callable[[str], Units]) -> AbstractContextManager[None]:
        """See `Build.grouping`."""
        return self._spool.grouping(units)

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """See `Build.attach`."""
        folder = self.path / "attached"
        folder.mkdir(exist_ok=True)
        write(folder / name)
        self._attached[name] = folder / name

    def publish(self, fingerprint: str, counts: Counts) -> Generation:
        """See `Build.publish`. Raises `IndexCorrupt` where what arrived is not what was sent."""
        name, spool = self.path.name, Spooled(self.path, self.snapshot())
        self.attach(TERMS, partial(write_term_file, spool.snapshot.collection))
        index = self.indices.index(name)
        scales = {field: spool.scale(field, self.ranking) for field in SCORED_THERE}
        shards = self.settings.shards or 1 + spool.count // _SHARD_DOCUMENTS
        self._make(index, index_of(scales, shards))
        sent, marks = load(self.indices.cluster, index, spool.rows(self._adopted), self.lock.check)
        self._finish(index)
        self._verify(index, sent, marks, spool.count)
        files = self._files(name)
        built_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = Description(
            generation=Generation(name, built_at, fingerprint, counts, self._bytes(index)),
            scales=scales,
            files=files,
            values=spool.values,
            groups=spool.groups,
            marks=marks,
            occurrences={field: spool.snapshot.occurrences(field) for field in _COUNTED},
            shape=shape_of(self.indices.cluster.ask("GET", f"/{index}")[index]),
        )
        self._live(name, told)
        return told.generation

    def _make(self, index: str, body: Mapping[str, object]) -> None:
        answer = self.indices.cluster.ask("PUT", f"/{index}", body, seconds=_SLOW_S, accept=(400,))
        if "status" in answer and "already_exists" not in str(answer.get("error")):
            reason = answer["error"].get("reason", answer["error"])
            raise HansouError(f"{index}: the cluster does not make the index: {reason}")

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

    def _verify(self, index: str, sent: int, marks: tuple[int, int], count: int) -> None:
        found = sums(self.indices, index)
        if sent != count or found != (count, *marks):
            raise IndexCorrupt(
                f"{index}: {found[0]:,} documents arrived of {count:,}, or others than were sent; build again"
            )

    def _files(self, name: str) -> dict[str, tuple[int, str]]:
        index = self.indices.files(name)
        self._make(index, attachments.MAPPING)
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


@dataclass(frozen=True)
class Spooled:
    """What a spool in `path` says of all documents together; `snapshot` is of its index."""

    path: Path
    snapshot: EmbeddedSnapshot

    @property
    def count(self) -> int:
        """How many documents there are."""
        return self.snapshot.collection.count

    def scale(self, name: str, ranking: RankingSettings) -> Scale:
        """How a field is scored. Frequencies are told from scores, so they must count for something."""
        if not ranking.k1:
            ranking = replace(ranking, k1=RANKING.k1)
        return Scale.of(ranking, self.snapshot.collection.average_length(name))

    @cached_property
    def _groups(self) -> tuple[Array, Array]:
        """For each document the first of its group, and how many the group has."""
        every = np.arange(self.count)
        leaders = np.array(Groups(self.path).leaders(every.tolist()), np.int64)
        sizes = np.bincount(leaders, minlength=self.count) if self.count else every
        return leaders, sizes[leaders] if self.count else every

    @property
    def groups(self) -> int:
        """How many groups of several documents there are."""
        leaders, sizes = self._groups
        return len(np.unique(leaders[sizes > 1]))

    @property
    def values(self) -> dict[str, int]:
        """How many different values each field has that is counted by value."""
        counted = [name for name, kind in FIELDS.items() if kind == "value"]
        found = {name: len(self.snapshot.values(name)) for name in counted}
        return found | {"day": len(self.snapshot.collection.ordinals("day")[0]) - 1 if self.count else 0}

    def rows(self, folders: Sequence[Path] = ()) -> Iterator[Entry]:
        """All documents as they are sent, numbered in the order of their ids."""
        ranks = self.snapshot.id_ranks()
        leaders, sizes = self._groups
        for id, body in spooled(folders or [self.path / FOLDER]):
            document = self.snapshot.number(id)
            if document is None:
                raise HansouError(f"{self.path}: its index does not have {id!r}; build again")
            group = int(ranks[leaders[document]]) if sizes[document] > 1 else None
            yield entry_of(body, int(ranks[document]), group)
