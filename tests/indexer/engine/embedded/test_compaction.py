"""Which segments are merged: few are left, and little is written."""

from __future__ import annotations

from math import log

import pytest

from indexer.engine.embedded.building.compaction import MOST_SEGMENTS, chosen
from indexer.engine.embedded.whoosh.index import ArraySegment


def segment(count: int, deleted: int = 0) -> ArraySegment:
    """A segment of so many documents, so many of them deleted."""
    made = ArraySegment("MAIN")
    made.set_doc_count(count)
    made.delete_documents(range(deleted))
    return made


@pytest.mark.parametrize("share", [0.001, 0.005, 0.05])
def test_segments_stay_few_and_little_is_written(share: float) -> None:
    """Over hundreds of updates segments stay few, and each document is written a few times at most."""
    first, added = 100_000, int(100_000 * share)
    segments, written, most = [segment(first)], 0, 0
    for _ in range(300):
        segments.append(segment(added))
        merged = chosen(segments)
        if merged:
            names = {each.segment_id() for each in merged}
            total = sum(each.doc_count_all() for each in merged)
            segments = [each for each in segments if each.segment_id() not in names] + [segment(total)]
            written += total
        most = max(most, len(segments))
    assert most <= MOST_SEGMENTS + 1
    every = first + 300 * added
    assert written <= every * log(every / added, 2)
    assert sum(each.doc_count_all() for each in segments) == every


def test_much_deleted_is_a_reason() -> None:
    """A segment of which more than a fifth is deleted is written anew, alone where nothing else is wrong."""
    whole, worn = segment(1000, 200), segment(1000, 201)
    assert chosen([whole, worn]) == [worn] and chosen([whole]) == []
