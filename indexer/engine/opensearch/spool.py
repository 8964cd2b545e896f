"""Where are documents between being read and being loaded? In an embedded index, and in files beside it.

The embedded index, which is never published, has what is to be known of all documents together: terms,
lengths, fingerprints. The files have a line of what is sent of each. Whoever prepares documents writes both,
in however many processes; each process has a file of its own, to which it adds whole batches.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.documents import Document
from indexer.engine.fields import Fields
from indexer.engine.opensearch.entries import body_of
from indexer.engine.protocol import Prepare

FOLDER = "lines"
_LEVEL = 1


@dataclass(slots=True)
class Spooling:
    """Prepares batches of documents as `prepare` does, and adds what is sent of them to a file."""

    prepare: Prepare
    folder: Path
    _name: str = field(default="", init=False)

    def __getstate__(self) -> Any:
        # Each process names its own file.
        return self.prepare, self.folder

    def __setstate__(self, state: Any) -> None:
        self.prepare, self.folder = state
        self._name = ""

    def __call__(self, batch: list[Document]) -> Iterator[Fields]:
        """What is indexed of each document."""
        lines: list[bytes] = []
        for fields in self.prepare(batch):
            lines += json.dumps(fields["id"]).encode(), body_of(fields)
            yield fields
        self._name = self._name or f"{os.getpid()}-{secrets.token_hex(4)}.gz"
        with (self.folder / self._name).open("ab") as stream:
            stream.write(gzip.compress(b"\n".join([*lines, b""]), _LEVEL))


def spooled(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """The id of each document in the files of some folders, and what is to be sent of it."""
    for folder in folders:
        for path in sorted(folder.glob("*.gz")):
            with gzip.open(path, "rb") as stream:
                for line in stream:
                    yield json.loads(line), next(stream).rstrip(b"\n")
