"""Which states of an index does a cluster have, and which is live? Indices with a manifest, and one alias.

    <prefix>-<name>          the documents of a state; its manifest is in the mapping's `_meta`
    <prefix>-<name>-files    what is attached to it
    <prefix>-lock            held while building
    <prefix>                 the alias of the live state

**A state is there once it has a manifest of its own, written last: without one it is what a killed build
left.** A clone begins with that of another state, which is none of its own.
The alias moves in one step. What it leaves goes later, never in the same step: somebody is still reading it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from indexer.engine.opensearch.cluster import Answer, Cluster
from indexer.engine.opensearch.mapping import FORMAT
from indexer.engine.protocol import Counts, Generation
from indexer.errors import IndexCorrupt, IndexMissing, IndexOutdated
from indexer.query.ranking import Scale

_KNOWN_S = 1.0
"""So long the live state is taken for what it was when it was asked for."""
_ANSWER_S = 3.0
GRACE = timedelta(minutes=15)
"""A state that is no longer live stays so long for those who read it."""
MOST_READ = 20
"""But so many at most: updates may follow one another, and a cluster has room for so many shards."""
_ADVICE = "run `hansou rollback` or `hansou rebuild`"


@dataclass(frozen=True, slots=True)
class Description:
    """What vouches for a state: its files, each with size and SHA-256, and what its index is to be like.

    `scales` are the parameters of its similarities, `values` how many different values a field has, `groups`
    how many groups of several documents there are, `marks` the sums of the digests of all documents,
    `occurrences` how often the terms of fields with few of them occur, `shape` the digest of its mapping.
    """

    generation: Generation
    scales: Mapping[str, Scale]
    files: Mapping[str, tuple[int, str]]
    values: Mapping[str, int]
    groups: int
    marks: tuple[int, int]
    occurrences: Mapping[str, Mapping[str, int]]
    shape: str

    def to_json(self) -> dict[str, Any]:
        """The manifest."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Description:
        """The state that a manifest describes."""
        told = dict(found["generation"])
        return cls(
            generation=Generation(counts=Counts(**told.pop("counts")), **told),
            scales={name: Scale(**scale) for name, scale in found["scales"].items()},
            files={name: (size, sha256) for name, (size, sha256) in found["files"].items()},
            values=found["values"],
            groups=found["groups"],
            marks=(found["marks"][0], found["marks"][1]),
            occurrences=found["occurrences"],
            shape=found["shape"],
        )


def shape_of(index: Answer) -> str:
    """The digest of what decides how an index is searched, as the cluster tells of it."""
    told = index["settings"]["index"]
    parts = index["mappings"]["properties"], told["similarity"], told["analysis"]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _is_own(meta: Mapping[str, Any], name: str) -> bool:
    """Whether what an index says of itself is the manifest of the state called `name`."""
    told = meta.get("generation") or {}
    return bool(told.get("name") == name)


class Indices:
    """The states of the index whose names begin with `prefix`."""

    def __init__(self, cluster: Cluster, prefix: str) -> None:
        self.cluster, self.prefix = cluster, prefix
        self._name = re.compile(rf"{re.escape(prefix)}-(\d{{8}}t\d{{12}}-[0-9a-f]{{6}})(-files)?")
        self._live: tuple[str, float] = "", 0.0

    def new_name(self) -> str:
        """The name of a state to be; later ones come later in order."""
        return f"{datetime.now(UTC):%Y%m%dt%H%M%S%f}-{secrets.token_hex(3)}"

    def index(self, name: str) -> str:
        """The index of a state's documents."""
        return f"{self.prefix}-{name}"

    def files(self, name: str) -> str:
        """The index of a state's files."""
        return f"{self.prefix}-{name}-files"

    def live(self) -> str:
        """The name of the live state. Raises `IndexMissing`, `IndexCorrupt`, `IndexUnreachable`."""
        name, until = self._live
        if time.monotonic() < until:
            return name
        pointed = self._pointed_at()
        if not pointed:
            raise IndexMissing(f"{self.prefix}: there is no index yet; run `hansou rebuild`")
        if len(pointed) > 1:
            raise IndexCorrupt(f"{self.prefix}: the alias names several indices; {_ADVICE}")
        self._live = pointed[0], time.monotonic() + _KNOWN_S
        return pointed[0]

    def _pointed_at(self) -> list[str]:
        found = self.cluster.ask("GET", f"/_alias/{self.prefix}", seconds=_ANSWER_S)
        return (
            []
            if "status" in found
            else [match[1] for index in found if (match := self._name.fullmatch(index))]
        )

    def names(self) -> list[str]:
        """The states that have a manifest, oldest first."""
        return sorted(name for name, told in self._built().items() if told is not None)

    def _built(self) -> dict[str, Mapping[str, Any] | None]:
        """Every index of documents, with what its own manifest says of the generation; None without one."""
        metas = self._metas()
        return {name: meta["generation"] if _is_own(meta, name) else None for name, meta in metas.items()}

    def _metas(self) -> dict[str, Mapping[str, Any]]:
        """What every index of documents says of itself."""
        found = self.cluster.ask("GET", f"/{self.prefix}-*/_mapping")
        indices = ((self._name.fullmatch(index), told) for index, told in found.items())
        return {
            match[1]: told["mappings"].get("_meta", {}) for match, told in indices if match and not match[2]
        }

    def digests(self) -> set[str]:
        """The SHA-256 of every file that is attached to a state."""
        metas = [meta for name, meta in self._metas().items() if _is_own(meta, name)]
        return {sha256 for meta in metas for _, sha256 in meta["files"].values()}

    def load(self, name: str, fingerprint: str | None = None) -> Description:
        """The manifest of a state whose index is as it was made. Raises `IndexCorrupt`, `IndexOutdated`."""
        index = self.index(name)
        found = self.cluster.ask("GET", f"/{index}").get(index)
        meta = found["mappings"].get("_meta") if found else None
        if not found or not meta or not _is_own(meta, name):
            raise IndexCorrupt(f"{index}: there is no such index, or it has no manifest; {_ADVICE}")
        if meta.get("format") != FORMAT:
            raise IndexOutdated(f"{index}: has the format of another version; run `hansou rebuild`")
        told = Description.from_json(meta)
        if told.shape != shape_of(found):
            raise IndexCorrupt(f"{index}: its mapping was changed after it was built; {_ADVICE}")
        if fingerprint not in (None, told.generation.fingerprint):
            raise IndexOutdated(
                f"{index}: built with another analysis than the one configured; run `hansou rebuild`"
            )
        return told

    def shards(self, name: str) -> int:
        """How many shards the index of a state has."""
        settings = self.cluster.ask("GET", f"/{self.index(name)}/_settings")
        return int(settings[self.index(name)]["settings"]["index"]["number_of_shards"])

    def documents(self) -> int:
        """How many documents the live state has; 0 where nobody can say."""
        try:
            told = self._built().get(self.live())
            return int(told["counts"]["documents"]) if told else 0
        except (IndexMissing, IndexCorrupt, KeyError):
            return 0

    def point_to(self, name: str) -> None:
        """Make a state the live one, in one step."""
        actions: list[dict[str, Any]] = [
            {"remove": {"index": self.index(each), "alias": self.prefix}}
            for each in self._pointed_at()
            if each != name
        ]
        actions.append({"add": {"index": self.index(name), "alias": self.prefix}})
        self.cluster.ask("POST", "/_aliases", {"actions": actions})
        self._live = name, time.monotonic() + _KNOWN_S

    def drop(self, name: str) -> None:
        """Remove a state and what is left of it."""
        for index in (self.index(name), self.files(name)):
            self.cluster.ask("DELETE", f"/{index}")

    def remove_unfinished(self) -> None:
        """Remove what killed builds left; the builder's lock is held."""
        found = self.cluster.ask(
            "GET", f"/{self.prefix}-*/_settings", parameters={"filter_path": "*.settings.index.uuid"}
        )
        whole = {*self.names()}
        for index in found:
            match = self._name.fullmatch(index)
            if match and match[1] not in whole:
                self.cluster.ask("DELETE", f"/{index}")

    def prune(self, keep: int, live: str, previous: str | None) -> None:
        """Keep the state that was live before, and what led to it, and what somebody may still be reading.

        One between the two never went live or was rolled back from: nobody wants to go back there.
        """
        built = {name: told for name, told in self._built().items() if told is not None and name != live}
        older = sorted(name for name in built if previous is None or name <= previous)
        kept = older[max(0, len(older) - max(keep - 1, 0)) :]
        times = sorted(str(told["built_at"]) for told in [*built.values()] if told)
        read = []
        for name, told in sorted(built.items()):
            # It was live until the next one was built.
            ended = min((each for each in times if told and each > told["built_at"]), default=None)
            until = datetime.fromisoformat(ended) if ended else datetime.now(UTC)
            if name not in kept and datetime.now(UTC) - until <= GRACE:
                read.append(name)
        for name in built.keys() - {*kept, *read[-MOST_READ:]}:
            self.drop(name)

    def previous(self) -> str | None:
        """The live state, where there is one."""
        pointed = self._pointed_at()
        return max(pointed) if pointed else None
