"""What vouches for a generation? A list of its files, each with its size and its SHA-256, in one form.

The last line of a manifest is the SHA-256 of what precedes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from indexer.engine.protocol import Counts, Generation
from indexer.errors import IndexCorrupt, IndexOutdated

FORMAT = 5
MANIFEST = "manifest.json"
ADVICE = "run `hansou rollback` or `hansou rebuild`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What vouches for the generation in `path`: its files, each with `(bytes, SHA-256)`.

    `seals` has of each file of arrays what `indexer.arrays.seal` gives: a few bytes that vouch for all of it.
    """

    path: Path
    generation: Generation
    files: Mapping[str, tuple[int, str]]
    seals: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.generation.name


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest in its one form; its last line is the SHA-256 of what precedes it."""
    content = {
        "format": FORMAT,
        "files": manifest.files,
        "seals": manifest.seals,
        **asdict(manifest.generation),
    }
    body = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


def read_manifest(raw: bytes, path: Path) -> Manifest:
    """The manifest of a generation in `path`. Raises `IndexCorrupt`, `IndexOutdated` for another format."""
    body, _, digest = raw[:-1].rpartition(b"\n")
    if not raw.endswith(b"\n") or hashlib.sha256(body).hexdigest().encode() != digest:
        raise IndexCorrupt(f"{path / MANIFEST}: is damaged; {ADVICE}")
    content = json.loads(body)
    if (format := content.pop("format")) != FORMAT:
        other = "an older" if format < FORMAT else "a newer"
        raise IndexOutdated(
            f"{path}: was built by {other} version of Hansou (format {format}, this one reads {FORMAT});"
            " run `hansou rebuild`, which reads the sources again, or install that version"
        )
    files = {name: (size, digest) for name, (size, digest) in content.pop("files").items()}
    seals, counts = content.pop("seals"), Counts(**content.pop("counts"))
    return Manifest(path, Generation(counts=counts, **content), files, seals)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
