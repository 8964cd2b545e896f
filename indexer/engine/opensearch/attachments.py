"""How are files kept on a cluster? In packed parts, in an index of their own; fetched where they are used.

**A file is used after its SHA-256 is that of the manifest.** What was fetched is kept by that in a directory,
so a process that comes later, or the next state that has the same file, fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.mapping import Json
from indexer.errors import IndexCorrupt

_PART = 4 << 20
_BULK = 4
MAPPING: Json = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "codec": "best_compression"},
    "mappings": {"dynamic": "strict", "properties": {"packed": {"type": "binary"}}},
}
"""What the index of files is made with."""
_LEVEL = 1
_DIGITS = 64
_FRESH_S = 900.0
"""What was fetched is left alone so long, whatever it is of: another process may be about to open it."""


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def store(cluster: Cluster, index: str, path: Path) -> tuple[int, str]:
    """Put a file into an index of files; its size and SHA-256."""
    name = path.name
    rows: list[bytes] = []
    for number, part in enumerate(_parts(path)):
        content = {"packed": base64.b64encode(zlib.compress(part, _LEVEL)).decode("ascii")}
        rows += json.dumps({"index": {"_id": f"{name}-{number}"}}).encode(), json.dumps(content).encode()
        if len(rows) == 2 * _BULK:
            _send(cluster, index, rows)
            rows = []
    _send(cluster, index, rows)
    return path.stat().st_size, digest(path)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while part := stream.read(_PART):
            yield part


def _send(cluster: Cluster, index: str, rows: list[bytes]) -> None:
    if rows and cluster.ask("POST", f"/{index}/_bulk", b"\n".join([*rows, b""]), seconds=300)["errors"]:
        raise IndexCorrupt(f"{index}: the cluster did not take a file; see its log")


def fetch(cluster: Cluster, index: str, name: str, size: int, sha256: str, directory: Path) -> Path:
    """A file of an index of files, in a directory. Raises `IndexCorrupt` where it is another than was put."""
    path = directory / sha256
    if path.is_file() and path.stat().st_size == size and digest(path) == sha256:
        return path
    directory.mkdir(parents=True, exist_ok=True)
    # Another process may fetch the same file: each writes its own, and the last one is like the first.
    unfinished = directory / f"{sha256}.{secrets.token_hex(4)}.new"
    try:
        with unfinished.open("wb") as stream:
            for number in range(-(-size // _PART)):
                found = cluster.ask("GET", f"/{index}/_doc/{name}-{number}")
                stream.write(_unpacked(found.get("_source", {})))
        if digest(unfinished) != sha256:
            raise IndexCorrupt(f"{index}: {name} is another file than was put there; run `hansou rebuild`")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def stale(directory: Path, used: Container[str]) -> list[Path]:
    """What was fetched a while ago and is none of the files with the digests `used`."""
    found = []
    with suppress(OSError):
        for path in directory.iterdir():
            if path.name[:_DIGITS] not in used and time.time() - path.stat().st_mtime > _FRESH_S:
                found.append(path)
    return found


def _unpacked(part: Mapping[str, str]) -> bytes:
    """A part of a file, b"" where there is none; releases before sent it as it is."""
    if "packed" not in part:
        return base64.b64decode(part.get("content", ""))
    try:
        return zlib.decompress(base64.b64decode(part["packed"]))
    except zlib.error:
        return b""
