"""How do segments that others wrote become one index? Linked into its directory, with one table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.arrays import decoded
from indexer.engine.embedded.building.writer import BulkWriter
from indexer.engine.embedded.search.collection import Collection
from indexer.engine.embedded.search.frequencies import united
from indexer.engine.embedded.whoosh.index import EXTENSION, create, segment_files, segments_of
from indexer.errors import HansouError


def adopt(path: Path, directories: Sequence[Path]) -> None:
    """Make an index in `path` of those in `directories`, which stay as they are.

    Raises `HansouError` where two documents have one id.
    """
    writer = BulkWriter(create(path))
    try:
        for directory in directories:
            for segment in segments_of(directory):
                name = segment.make_filename(EXTENSION)
                _link(directory / name, path / name)
                writer.segments.append(segment)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    _require_unique(path)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk, or where links are not known
        shutil.copyfile(source, target)


def _require_unique(path: Path) -> None:
    collection = Collection(segment_files(path))
    if not collection.leaves:
        return
    blob, offsets, counts, _ = united(collection, "id")
    for place in np.flatnonzero(counts > 1)[:1].tolist():
        taken = decoded(blob[offsets[place] : offsets[place + 1]].tobytes())
        raise HansouError(f"two documents of different files have the id {taken!r}; give one its own")
