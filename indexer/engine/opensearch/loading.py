"""How do documents get into an index on a cluster? In lots, each sent again until it is taken.

Every document has a fixed id (its number), so a lot that is sent twice is there once. A lot waits for its
answer before the next takes its place: a cluster that is slow is sent less.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from indexer.engine.opensearch.cluster import Answer, Cluster
from indexer.errors import HansouError, IndexCorrupt, IndexUnreachable

_LOT_BYTES, _LOT_DOCUMENTS, _ON_THEIR_WAY = 4 << 20, 2_000, 4
_PATIENCE_S, _LOT_S = 600.0, 120.0
_LONGEST_PAUSE = 15.0
_BUSY, _NOT_THERE = (429, 502, 503, 504), 404
_BITS = 20
_MASK = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way: its number, what is sent of it, its mark. Without a body it is deleted."""

    number: int
    body: bytes = b""
    mark: tuple[int, int] = (0, 0)

    @property
    def lines(self) -> bytes:
        """How a cluster is told."""
        if not self.body:
            return b'{"delete":{"_id":"%d"}}\n' % self.number
        return b'{"index":{"_id":"%d"}}\n%b\n' % (self.number, self.body)


def entry_of(body: bytes, number: int, group: int | None) -> Entry:
    """A spooled document with its place among all, and its group where it has copies.

    The marks are two parts of a digest; few enough bits that sums of a billion are exact in a double.
    """
    told: dict[str, int] = {"number": number} | ({} if group is None else {"group": group})
    whole = body[:-1] + b"," + json.dumps(told, separators=(",", ":")).encode()[1:-1]
    mark = int.from_bytes(hashlib.sha256(whole).digest()[:8], "big")
    marks = mark & _MASK, mark >> _BITS & _MASK
    return Entry(number, whole + b',"mark_a":%d,"mark_b":%d}' % marks, marks)


def lots(rows: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Rows as they are sent together."""
    lot: list[Entry] = []
    size = 0
    for row in rows:
        lot.append(row)
        size += len(row.body)
        if size >= _LOT_BYTES or len(lot) == _LOT_DOCUMENTS:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def lost(index: str) -> IndexCorrupt:
    """What is to be said where an index is no longer there that is being loaded."""
    return IndexCorrupt(
        f"{index}: the cluster lost it while it was loaded, as where a disk of a node is full;"
        " see the logs of the nodes, then build again"
    )


def load(cluster: Cluster, index: str, rows: Iterable[Entry], check: Callable[[], None]) -> None:
    """Send all rows, no two of which have the same number. `check` may raise between lots.

    Raises `IndexUnreachable` where the cluster is busy for ten minutes, `IndexCorrupt` where the index is
    gone, `HansouError` where it refuses a row.
    """
    waiting: set[Future[None]] = set()
    with ThreadPoolExecutor(_ON_THEIR_WAY) as pool:
        try:
            for lot in lots(rows):
                while len(waiting) >= _ON_THEIR_WAY:
                    waiting = _done(waiting)
                check()
                waiting.add(pool.submit(_send, cluster, index, lot))
            while waiting:
                waiting = _done(waiting)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise


def _done(waiting: set[Future[None]]) -> set[Future[None]]:
    done, rest = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
    return rest


def _send(cluster: Cluster, index: str, lot: list[Entry]) -> None:
    """Send a lot until each row of it is taken."""
    deadline, pause = time.monotonic() + _PATIENCE_S, 0.5
    path = f"/{index}/_bulk?filter_path=errors,items.*.status,items.*.error"
    while lot:
        lines = b"".join(row.lines for row in lot)
        answer = cluster.ask("POST", path, lines, seconds=max(_LOT_S, deadline - time.monotonic()))
        if not answer["errors"]:
            return
        outcomes = [outcome for item in answer["items"] for outcome in item.values()]
        for outcome in filter(_failed, outcomes):
            if outcome["status"] == _NOT_THERE:
                raise lost(index)
            if outcome["status"] not in _BUSY:
                raise HansouError(
                    f"{index}: the cluster refused a document: {outcome['error'].get('reason')}"
                )
        lot = [row for row, outcome in zip(lot, outcomes, strict=True) if _failed(outcome)]
        if time.monotonic() + pause > deadline:
            reason = next(each["error"].get("reason") for each in outcomes if _failed(each))
            raise IndexUnreachable(
                f"{index}: the cluster took no documents for {_PATIENCE_S:.0f} s ({reason}); try again later"
            )
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _failed(outcome: Answer) -> bool:
    """Whether a row is to be sent again; one that was not there was deleted before."""
    return outcome["status"] >= 400 and "error" in outcome
