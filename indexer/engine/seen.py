"""What of an index does somebody see who may see some collections only? An engine that opens views.

**Whoever is given this engine comes to no other document by it**, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from indexer.config import RankingSettings
from indexer.documents import Document
from indexer.engine.protocol import Build, Engine, Generation, Prepare, Snapshot
from indexer.errors import NotPermitted
from indexer.query.nodes import AnyOf, Node, Term
from indexer.query.ranking import RANKING

_REFUSED = "only for who sees all of the index: leave out --as"


def permitted(seen: frozenset[str]) -> Node:
    """What finds the documents of some collections."""
    return AnyOf(tuple(Term("collection", name) for name in sorted(seen)))


class SeenEngine:
    """An engine as far as the documents of some collections go: see `indexer.engine.protocol.Engine`."""

    def __init__(self, engine: Engine, seen: frozenset[str]) -> None:
        self._engine, self._seen = engine, seen

    def live(self) -> str:
        """See `Engine.live`."""
        return self._engine.live()

    def documents(self) -> int:
        """See `Engine.documents`."""
        return self.open().generation.counts.documents

    def names(self) -> Sequence[str]:
        """See `Engine.names`."""
        return self._engine.names()

    def open(
        self, fingerprint: str | None = None, ranking: RankingSettings = RANKING, name: str | None = None
    ) -> Snapshot:
        """See `Engine.open`."""
        return self._engine.open(fingerprint, ranking, name).within(permitted(self._seen))

    def build(self, from_live: bool = False) -> AbstractContextManager[Build]:
        """Raises `NotPermitted`."""
        raise NotPermitted(f"building is {_REFUSED}")

    def collect(self, path: Path, batches: Iterable[list[Document]], prepare: Prepare) -> None:
        """Raises `NotPermitted`."""
        raise NotPermitted(f"building is {_REFUSED}")

    def check(self, name: str) -> None:
        """Raises `NotPermitted`."""
        raise NotPermitted(f"checking is {_REFUSED}")

    def conditions(self) -> Iterator[tuple[bool, str]]:
        """See `Engine.conditions`."""
        return self._engine.conditions()

    def rollback(self) -> Generation:
        """Raises `NotPermitted`."""
        raise NotPermitted(f"going back is {_REFUSED}")
