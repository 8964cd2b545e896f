"""How is it known, on however many machines, that one builds? A document that its holder keeps touching.

Nobody's clock is compared with another's: who finds the document held watches whether it changes. A holder
that was killed touches it no more, and after `STALE_S` the next one takes it over.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from indexer.engine.opensearch.cluster import Answer, Cluster
from indexer.engine.opensearch.mapping import Json
from indexer.errors import BusyError, HansouError

BEAT_S, STALE_S = 1.0, 8.0
_INDEX: Json = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2"},
    "mappings": {
        "dynamic": "strict",
        "properties": {"holder": {"type": "keyword"}, "beat": {"type": "long"}},
    },
}


class BuildLock:
    """The lock of the builders of one index; `check` raises `BusyError` where another has taken it over."""

    def __init__(self, cluster: Cluster, prefix: str) -> None:
        self._cluster, self._prefix = cluster, prefix
        self._path = f"/{prefix}-lock/_doc/build"
        self._token = secrets.token_hex(8)
        self._beats, self._lost = 0, False
        self._ended = threading.Event()

    def check(self) -> None:
        """Raise `BusyError` where the lock was lost: this build was taken for dead."""
        if self._lost:
            raise self._busy()

    def _busy(self) -> BusyError:
        return BusyError(f"{self._prefix}: another process is building this index; wait until it is done")

    @contextmanager
    def held(self) -> Iterator[BuildLock]:
        """Hold the lock. Raises `BusyError` while another holds it."""
        version = self._taken()
        beating = threading.Thread(target=self._beat, args=(version,), daemon=True)
        beating.start()
        try:
            yield self
        finally:
            self._ended.set()
            beating.join()
            if not self._lost:
                with suppress(HansouError):
                    self._cluster.ask("DELETE", self._path, seconds=5)

    def _taken(self) -> Answer:
        if "status" in self._cluster.ask("GET", f"/{self._prefix}-lock"):
            self._cluster.ask("PUT", f"/{self._prefix}-lock", _INDEX, accept=(400,))
        deadline, seen = time.monotonic() + STALE_S, None
        while True:
            # Who asked before and heard no answer finds its own token.
            answer = self._write({"op_type": "create"})
            if "status" not in answer:
                return answer
            found = self._cluster.ask("GET", self._path)
            if not found.get("found"):
                continue
            if found["_source"]["holder"] == self._token:
                return found
            if seen is not None and _version(found) != _version(seen):
                raise self._busy()
            seen = found
            if time.monotonic() > deadline:
                answer = self._write(_version(found))
                if "status" in answer:
                    raise self._busy()
                return answer
            time.sleep(BEAT_S / 4)

    def _write(self, condition: dict[str, str | int]) -> Answer:
        self._beats += 1
        body = {"holder": self._token, "beat": self._beats}
        return self._cluster.ask("PUT", self._path, body, parameters=condition, accept=(409,))

    def _beat(self, version: Answer) -> None:
        while not self._ended.wait(BEAT_S):
            # A cluster that does not answer now may answer before the lock is taken for stale.
            with suppress(HansouError):
                answer = self._write(_version(version))
                if "status" not in answer:
                    version = answer
                    continue
                version = self._cluster.ask("GET", self._path)
                if version.get("_source", {}).get("holder") != self._token:
                    self._lost = True
                    return


def _version(document: Answer) -> dict[str, str | int]:
    """What a document is to be still, to be written over."""
    return {"if_seq_no": document["_seq_no"], "if_primary_term": document["_primary_term"]}
