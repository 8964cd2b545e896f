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

from indexer.engine.opensearch.cluster import Cluster
from indexer.errors import HansouError, IndexUnreachable

_LOT_BYTES, _LOT_DOCUMENTS, _ON_THEIR_WAY = 4 << 20, 2_000, 4
_PATIENCE_S, _LOT_S = 600.0, 120.0
_LONGEST_PAUSE = 15.0
_BUSY = (429, 502, 503, 504)
_BITS = 20
_MASK = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way: its number, what is sent of it, its mark."""

    number: int
    body: bytes
    mark: tuple[int, int]


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


def load(
    cluster: Cluster, index: str, rows: Iterable[Entry], check: Callable[[], None]
) -> tuple[int, tuple[int, int]]:
    """Send all rows; how many there were, and the sums of their marks. `check` may raise between lots.

    Raises `IndexUnreachable` where the cluster is busy for ten minutes, `HansouError` where it refuses one.
    """
    count, a, b = 0, 0, 0
    waiting: set[Future[None]] = set()
    with ThreadPoolExecutor(_ON_THEIR_WAY) as pool:
        try:
            for lot in lots(rows):
                count += len(lot)
                a += sum(row.mark[0] for row in lot)
                b += sum(row.mark[1] for row in lot)
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
    return count, (a, b)


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
        lines = b"".join(b'{"index":{"_id":"%d"}}\n%b\n' % (row.number, row.body) for row in lot)
        answer = cluster.ask("POST", path, lines, seconds=max(_LOT_S, deadline - time.monotonic()))
        if not answer["errors"]:
            return
        outcomes = [item["index"] for item in answer["items"]]
        for outcome in outcomes:
            if outcome["status"] >= 400 and outcome["status"] not in _BUSY:
                raise HansouError(
                    f"{index}: the cluster refused a document: {outcome['error'].get('reason')}"
                )
        lot = [row for row, outcome in zip(lot, outcomes, strict=True) if outcome["status"] >= 400]
        if time.monotonic() + pause > deadline:
            reason = next(each["error"].get("reason") for each in outcomes if each["status"] >= 400)
            raise IndexUnreachable(
                f"{index}: the cluster took no documents for {_PATIENCE_S:.0f} s ({reason}); try again later"
            )
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, _LONGEST_PAUSE)
