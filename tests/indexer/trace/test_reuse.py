"""Passages that documents share are found, all against all, each pair once."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import Searcher
from indexer.query import nodes
from indexer.text.display import convert
from indexer.trace import Reuse, reuses
from indexer.trace.reuse import RARE
from indexer.trace.shingles import PARTS, SIZE, WINDOW, Partitions, minimizers
from tests.conftest import OpenIndex

PROVERB = "湖邊的老人說水漲的時候船自己會走用不著喊號子"
SAYING = "種樹的人不一定乘涼可是路過的人總要歇一歇腳"
FORMULA = "本通知自發布之日起施行"


def filler(chance: random.Random, size: int = 60) -> str:
    """A text that nobody else has."""
    return "".join(chr(chance.randint(0x4E00, 0x9000)) for _ in range(size))


@pytest.fixture(scope="module")
def searcher(open_index: OpenIndex) -> Searcher:
    """Two that share a proverb, one of them in the other script; a copy of one; many with one formula."""
    chance = random.Random(8)
    first = filler(chance) + "。" + PROVERB + filler(chance)
    documents = [
        {"id": "a", "text": first, "source": "甲報"},
        {
            "id": "b",
            "text": filler(chance) + convert(PROVERB, "hans").replace("的时候", "时") + "。" + SAYING,
        },
        {"id": "c", "text": SAYING + filler(chance), "source": "甲報"},
        {"id": "copy", "text": first},
        *({"id": f"n{n}", "text": filler(chance) + FORMULA} for n in range(2 * RARE)),
    ]
    return open_index(documents)


def shown(found: list[Reuse]) -> set[tuple[str, ...]]:
    """The ids of each pair."""
    return {tuple(sorted(place.id for place in reuse.passages)) for reuse in found}


def test_reused_passages(searcher: Searcher) -> None:
    """Whatever the script and small changes; a copy is no other document, and a formula no passage."""
    found = [*searcher.reuses()]
    assert shown(found) == {("a", "b"), ("b", "c")} and len(found) == 2
    for reuse in found:
        assert reuse.score > 0 and reuse.changed <= 0.35
        for place in reuse.passages:
            text = searcher.document(place.id).document.text
            assert text[slice(*place.mark)] == place.text
    assert [*searcher.reuses()] == found


def test_only_documents_of_a_filter(searcher: Searcher) -> None:
    """What is not of the filter is not read."""
    source = nodes.Term("source", "甲報")
    assert [*reuses(searcher._live.snapshot, only=source)] == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_agrees_has_a_shingle_in_common(data: st.DataObject) -> None:
    """Texts that agree in so many symbols in a row keep one hash in common, wherever these stand."""
    code = st.integers(0, 40)
    shared = data.draw(st.lists(code, min_size=SIZE + WINDOW - 1, max_size=20))
    kept = []
    for _ in range(2):
        before, after = data.draw(st.lists(code, max_size=9)), data.draw(st.lists(code, max_size=9))
        hashes, places = minimizers(np.array([*before, *shared, *after], np.uint32))
        assert len(hashes) == len(places)
        kept.append({*hashes.tolist()})
    assert kept[0] & kept[1]


def test_a_spool_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """Rows by part, all of them, and no file is left."""
    row = np.dtype([("number", "u8")])
    with Partitions(tmp_path, "rows", row) as spool:
        for start in (0, 500):
            rows = np.zeros(500, row)
            rows["number"] = np.arange(start, start + 500)
            spool.add(rows["number"] % PARTS, rows)
        parts = [*spool.parts()]
    assert all((part["number"] % PARTS == number).all() for number, part in enumerate(parts))
    assert sorted(np.concatenate(parts)["number"].tolist()) == [*range(1000)] and not [*tmp_path.iterdir()]
