"""Which segments are merged: few are left, and little is written."""

from __future__ import annotations

import random
from collections import Counter
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


@pytest.mark.parametrize("share", [0.001, 0.005, 0.05, 0.1])
@pytest.mark.parametrize("gone", [0.0, 0.5, 1.0])
def test_little_is_merged_at_once(share: float, gone: float) -> None:
    """A third of the documents or little more, until much is deleted; what is deleted takes little room."""
    chance = random.Random(1)
    segments = [segment(2_000)]
    for _ in range(100):
        added = max(1, round(sum(map(living, segments)) * share * chance.random()))
        for _ in range(chance.randint(1, 2)):
            segments.append(segment(added))
        weights = [*map(living, segments)]
        for some, count in Counter(chance.choices(segments, weights, k=round(added * gone))).items():
            first = some.deleted_count()
            some.delete_documents(range(first, min(first + count, some.doc_count_all())))
        every = sum(map(living, segments))
        deleted = sum(each.deleted_count() for each in segments)
        if merged := chosen(segments):
            total = sum(map(living, merged))
            assert total <= every * 0.4 or deleted > 0.3 * every
            segments = [each for each in segments if each not in merged] + [segment(total)]
        assert len(segments) <= MOST_SEGMENTS + 1
        assert sum(each.doc_count_all() for each in segments) <= 1.35 * every


def living(some: ArraySegment) -> int:
    """How many documents of a segment there are."""
    return int(some.doc_count_all() - some.deleted_count())


def test_much_deleted_is_a_reason() -> None:
    """A segment of which more than a fifth is deleted is written anew, alone where nothing else is wrong.

    One that is most of the index waits until what is deleted takes too much room.
    """
    whole, worn = segment(3000, 600), segment(1000, 201)
    assert chosen([whole, worn]) == [worn] and chosen([whole]) == []
    assert chosen([segment(1000, 201)]) == [] and len(chosen([segment(1000, 240)])) == 1
