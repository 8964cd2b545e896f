"""How are documents deleted? Whoosh's commit says which, and a file beside each segment what it loses.

The files of segments are not touched: other generations have them too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
from whoosh.writing import SegmentWriter

from indexer.arrays import ArrayFile
from indexer.engine.embedded.arrays.losses import EXTENSION as LOSSES
from indexer.engine.embedded.arrays.losses import write_losses
from indexer.engine.embedded.arrays.postings import segment_postings
from indexer.engine.embedded.kernel import active
from indexer.engine.embedded.whoosh.index import EXTENSION, ArrayCodec, ArraySegment, opened


def delete_documents(path: Path, ids: Iterable[str], among: Collection[str]) -> int:
    """Delete the documents with these ids from the segments whose names are `among`; returns how many."""
    writer = SegmentWriter(opened(path), codec=ArrayCodec())
    terms = sorted({id.encode("utf-8", "surrogatepass") for id in ids})
    deleted = 0
    try:
        for segment in writer.segments:
            if segment.segment_id() in among:
                deleted += _delete(path, segment, terms)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    return deleted


def _delete(path: Path, segment: ArraySegment, terms: list[bytes]) -> int:
    """Delete the documents with ids `terms` from a segment; how many were not deleted before."""
    file = ArrayFile.open(path / segment.make_filename(EXTENSION))
    before, found = segment.deleted_count(), _numbers(file, terms)
    segment.delete_documents(found)
    if segment.deleted_count() > before:
        losses = path / segment.make_filename(LOSSES)
        # Another generation may have it too: it is made anew, and not written over.
        losses.unlink(missing_ok=True)
        write_losses(losses, file, np.array(sorted(segment.deleted_docs()), np.int64))
    return int(segment.deleted_count()) - before


def _numbers(file: ArrayFile, terms: list[bytes]) -> list[int]:
    """The documents of a segment that have these ids."""
    if "id" not in file.metadata["indexed"]:
        return []
    field = segment_postings(file, "id")
    spans = active().find_spans(field.blob, field.offsets, field.starts, terms)
    return [int(field.docs(start, end)[0]) for start, end in spans if end > start]
