"""The best documents of a union, found without adding up all of it (numpy)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indexer.engine.embedded.arrays.packing import pack
from indexer.engine.embedded.kernel import pruning
from indexer.engine.embedded.kernel.vectorized import BLOCK, Field, List, Term, top_union, union

COUNT = 20_000
UNIT = 2.0**32


def make_query(seed: int) -> tuple[list[Field], list[Term], list[List]]:
    """Terms from rare to common, rarer ones weighing more, and one list."""
    chance = np.random.default_rng(seed)
    sizes = [30, 400, 2000, 9000, 15_000]
    docs = np.concatenate([np.sort(chance.choice(COUNT, size, replace=False)) for size in sizes])
    freqs = chance.integers(1, 4, len(docs))
    norms = np.sort(chance.uniform(0.3, 4, 256)).astype(np.float32)
    lengths = chance.integers(0, 256, COUNT).astype(np.uint8)
    tops = np.maximum.reduceat(freqs / (freqs + norms[lengths[docs]]), np.arange(0, len(docs), BLOCK))
    field = (*pack(docs, freqs), norms, (tops * 1.000001).astype(np.float32), None, None, None, lengths)
    ends = np.cumsum([0, *sizes])
    weights = np.log(COUNT / np.array(sizes)) * UNIT
    spans = zip(ends[:-1].tolist(), ends[1:].tolist(), weights.tolist(), strict=True)
    listed = np.sort(chance.choice(COUNT, 50, replace=False)).astype(np.uint32)
    return [field], [(0, *span) for span in spans], [(listed, chance.integers(0, int(3 * UNIT), 50))]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limit", [1, 10, 70])
@pytest.mark.parametrize("masked", [False, True])
def test_nothing_is_lost_by_leaving_out(
    seed: int, limit: int, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pruned search gives the documents, scores and ties of the whole union, and it is what runs."""
    query = make_query(seed)
    allowed = (np.random.default_rng(seed).random(COUNT) < 0.7).astype(np.uint8) if masked else None
    found: list[Any] = []
    original = pruning.pruned_top
    monkeypatch.setattr(
        "indexer.engine.embedded.kernel.vectorized.pruned_top",
        lambda *args: found.append(original(*args)) or found[-1],
    )
    docs, units = union(*query, COUNT)
    floor = int(np.median(units))
    keep = (units > floor) & (allowed[docs] != 0 if allowed is not None else True)
    ranks = np.random.default_rng(seed).permutation(COUNT).astype(np.uint32)
    truth = pruning.top(docs[keep], units[keep], limit, ranks[docs[keep]])
    best = top_union(*query, COUNT, limit, floor, allowed, ranks)
    assert found[0] is best
    assert all(np.array_equal(one, other) for one, other in zip(best, truth, strict=True))


@pytest.mark.parametrize("weight", [-UNIT, 0.0])
def test_scores_below_zero_are_added_up(weight: float) -> None:
    """Where a score may fall, no bound holds: everything is added up."""
    fields, terms, lists = make_query(1)
    terms[3] = (*terms[3][:3], weight)
    assert pruning.by_bound(fields, terms, lists) is None
    docs, units = union(fields, terms, lists, COUNT)
    best = top_union(fields, terms, lists, COUNT, 10, -(1 << 62), None, np.arange(COUNT, dtype=np.uint32))
    assert np.array_equal(best[1], np.sort(units)[::-1][:10])
    assert set(best[0].tolist()) <= set(docs.tolist())
