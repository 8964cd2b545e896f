"""Where do terms stand beside or near each other? Phrases and windows, with numpy.

Occurrences are numbers: document · 2³² + position, so that one search compares positions of many
documents. Invariant: positions of one document never meet those of another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, damaged
from indexer.engine.embedded.arrays.places import positions_at
from indexer.engine.embedded.kernel.slices import (
    BLOCK,
    Field,
    Term,
    common,
    freqs_at,
    locate,
    placed,
    slice_docs,
    slice_freqs,
)

# Adding up the frequencies of one block costs as much as those of so many postings in a row.
_BLOCK_COST = 64
_IN_BLOCK = np.arange(BLOCK)
# Farther before any occurrence than windows are wide.
_NOWHERE = -(1 << 62)

Step = tuple[int, int]
"""How far an occurrence may stand behind the one before it: at least and at most, in positions."""


def phrase(field: Field, terms: Sequence[Term], steps: Sequence[Step]) -> Array:
    """The documents where each term follows the one before it at a distance within its step, ascending.

    There is a step (least, most) between each two terms.
    """
    return sequence(field, [(term,) for term in terms], steps)


def sequence(
    field: Field, places: Sequence[Sequence[Term]], steps: Sequence[Step], stop: Term | None = None
) -> Array:
    """As `phrase`, where at each place any of several terms may stand, and `stop` between none of them."""
    if len(places) == 1:
        lists = [slice_docs(field, start, end) for _, start, end, _ in places[0]]
        return lists[0] if len(lists) == 1 else _united(lists)
    found = (following(field, places, steps, stop) >> 32).astype(np.uint32)
    return found[np.flatnonzero(np.diff(found, prepend=np.uint32(0xFFFFFFFF)))]


def following(
    field: Field, places: Sequence[Sequence[Term]], steps: Sequence[Step], stop: Term | None = None
) -> Array:
    """The occurrences at the last of several places, ascending; all are as far from each other as is said.

    One is document · 2³² and more, the same for all of a document but for the distances between them.
    """
    lists = [[slice_docs(field, start, end) for _, start, end, _ in terms] for terms in places]
    docs = common([listed[0] if len(listed) == 1 else _united(listed) for listed in lists])
    if not len(docs):
        return np.zeros(0, np.int64)
    gap = max(most for _, most in steps)
    ends = _any_of(field, places[0], lists[0], docs, gap)
    stops = _stops(field, stop, docs, gap)
    for terms, listed, (least, most) in zip(places[1:], lists[1:], steps, strict=True):
        follow = _any_of(field, terms, listed, docs, gap)
        # An occurrence counts where some end lies in [occurrence - most, occurrence - least].
        before = np.searchsorted(ends, follow - least, side="right") - 1
        near = before >= 0
        near[near] = follow[near] - ends[before[near]] <= most
        if len(stops) and len(ends):
            # The nearest of the ends is right behind the last stop, or none is.
            last = np.searchsorted(stops, follow) - 1
            behind = (last < 0) | (ends[before] > stops[last])
            near &= behind
        ends = follow[near]
    return ends


def _stops(field: Field, stop: Term | None, docs: Array, gap: int) -> Array:
    """The occurrences of `stop` in those of `docs` that hold it."""
    if stop is None:
        return np.zeros(0, np.int64)
    listed = slice_docs(field, stop[1], stop[2])
    held = docs[locate(listed, docs)[1]]
    return _occurrences(field, stop, listed, held, gap) if len(held) else np.zeros(0, np.int64)


def _united(lists: Sequence[Array]) -> Array:
    united: Array = np.unique(np.concatenate(lists))
    return united


def _any_of(field: Field, terms: Sequence[Term], lists: Sequence[Array], docs: Array, gap: int) -> Array:
    """`_occurrences` of all terms of a place together."""
    if len(terms) == 1:
        return _occurrences(field, terms[0], lists[0], docs, gap)
    parts = []
    for term, listed in zip(terms, lists, strict=True):
        held = docs[locate(listed, docs)[1]]
        if len(held):
            parts.append(_occurrences(field, term, listed, held, gap))
    return np.sort(np.concatenate(parts))


def _occurrences(field: Field, term: Term, listed: Array, docs: Array, gap: int) -> Array:
    """Document · 2³² + position + gap for each occurrence of the term in `docs`, ascending.

    `listed` are the documents of the term, all of `docs` among them. The gap keeps documents apart: no
    position of one is within `gap` of a position of another.
    """
    _, start, end, _ = term
    postings = start + (np.searchsorted(listed, docs) if len(docs) < len(listed) else np.arange(len(docs)))
    heads, counts = _position_starts(field, postings, end), freqs_at(field, postings).astype(np.int64)
    return _spots(field, heads, counts, (docs.astype(np.int64) << 32) + gap)[0]


def _spots(field: Field, heads: Array, counts: Array, bases: Array) -> tuple[Array, Array]:
    """Positions of postings, which start at `heads`, added to their bases; which posting each is of."""
    positions, far = field[4], field[6]
    assert positions is not None and far is not None
    if int(counts.sum()) > len(positions):
        raise damaged("a list of positions")
    if int(counts.max(initial=1)) == 1:
        return bases + positions_at(positions, far, heads), np.arange(len(heads))
    which = np.repeat(np.arange(len(heads)), counts)
    inner = np.arange(len(which)) - (np.cumsum(counts) - counts)[which]
    return bases[which] + positions_at(positions, far, heads[which] + inner), which


def _position_starts(field: Field, postings: Array, end: int) -> Array:
    """Where the positions of each of the ascending `postings`, all before `end`, start."""
    blocks = postings // BLOCK
    first = int(blocks[0]) * BLOCK if len(blocks) else end
    block_positions = field[5]
    assert block_positions is not None
    if len(postings) * _BLOCK_COST > end - first:
        ends = np.cumsum(slice_freqs(field, first, end), dtype=np.int64)
        before = np.where(postings > first, ends[postings - first - 1], 0)
        return before + int(block_positions[first // BLOCK])
    return scattered_starts(field, postings)


def scattered_starts(field: Field, postings: Array) -> Array:
    """Where the positions of postings start that may lie far apart, in any order."""
    block_positions, blocks = field[5], postings // BLOCK
    assert block_positions is not None
    # Past the end there is nothing to read; what is read twice there is not counted.
    places = np.minimum((blocks * BLOCK)[:, None] + _IN_BLOCK, len(field[0]) - 1)
    freqs = freqs_at(field, places.ravel()).reshape(places.shape)
    freqs[_IN_BLOCK >= (postings % BLOCK)[:, None]] = 0
    starts: Array = block_positions[blocks].astype(np.int64) + freqs.sum(axis=1, dtype=np.int64)
    return starts


def windows(field: Field, terms: Sequence[Term], docs: Array, width: int) -> Array:
    """For each of the ascending `docs`: the most that terms weigh that stand within `width` positions.

    A term counts once however often it stands there; weights are in units, rounded.
    """
    best = np.zeros(len(docs), np.int64)
    if not terms:
        return best
    at, there = placed(field, terms, docs)
    rows, columns = there.nonzero()
    postings = at[there]
    heads, counts = scattered_starts(field, postings), freqs_at(field, postings).astype(np.int64)
    keys, which = _spots(field, heads, counts, docs[columns].astype(np.int64) << 32)
    order = np.lexsort((rows[which], keys))
    keys, numbers = keys[order], rows[which][order]
    sums = np.zeros(len(keys), np.int64)
    for number, (_, _, _, weight) in enumerate(terms):
        # A term counts at an occurrence if its own last one is near enough.
        last = np.maximum.accumulate(np.where(numbers == number, keys, _NOWHERE))
        sums[keys - last <= width] += int(np.rint(weight))
    np.maximum.at(best, columns[which][order], sums)
    return best
