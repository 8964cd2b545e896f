"""What does the kernel compute, written with numpy? The reference for the compiled one.

A *field* is the tuple (postings, frequent, norms, bounds, positions, block_positions): whole arrays of
one field of one segment, postings packed as `indexer.codec.packing` says. `norms` is
K1·(1-B+B·length/average) per document, or None for a field that is not scorable; `bounds` is the
greatest tf/(tf+norm) of each block. A *term* is (field index, start, end, weight): a slice of its
postings. A *list* is (docs, units): scored documents, ascending.

Scores are integers in *units* of 2⁻³²: `rint(weight·tf / (tf + norm))` with the weight given in units.
Integer sums do not depend on their order, so both kernels give equal scores and break ties alike
(by document number), whatever they skip.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, repeat

import numpy as np

from indexer.codec.container import Array
from indexer.codec.grouping import gram_table, group, intern, intern_units, merge_terms, order_terms
from indexer.codec.packing import unpack_docs, unpack_freqs

__all__ = [
    "Field",
    "List",
    "Term",
    "find_span",
    "gather",
    "gram_table",
    "group",
    "intern",
    "intern_units",
    "intersection",
    "locate",
    "lower_bound",
    "merge_terms",
    "order_terms",
    "phrase",
    "top",
    "top_union",
    "union",
    "union_count",
    "windows",
]

Field = tuple[Array, Array, Array | None, Array, Array | None, Array | None]
Term = tuple[int, int, int, float]
List = tuple[Array, Array]
BLOCK = 128
_NO_DOCS = np.zeros(0, np.uint32)
_NO_UNITS = np.zeros(0, np.int64)


def _docs(field: Field, start: int, end: int) -> Array:
    return unpack_docs(field[0][start:end])


def _freqs(field: Field, start: int, end: int) -> Array:
    return unpack_freqs(field[0][start:end], field[1], start)


def _scored(fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]) -> tuple[Array, Array]:
    """The documents of all terms and lists one after the other, and their scores as whole floats.

    The terms of a field go through the formula together: calls cost more than postings.
    """
    docs: list[Array] = [docs for docs, _ in lists]
    scores: list[Array] = [units.astype(np.float64) for _, units in lists]
    for place, field in enumerate(fields):
        norms = field[2]
        own = [term for term in terms if term[0] == place]
        if not own:
            continue
        found = unpack_docs(np.concatenate([field[0][start:end] for _, start, end, _ in own]))
        freqs = np.concatenate([_freqs(field, start, end) for _, start, end, _ in own]).astype(np.float64)
        values = np.repeat([term[3] for term in own], [end - start for _, start, end, _ in own]) * freqs
        if norms is not None:
            values /= freqs + norms[found]
        docs.append(found)
        scores.append(np.rint(values))
    return np.concatenate(docs) if docs else _NO_DOCS, np.concatenate(scores) if scores else _NO_UNITS


def union(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], doc_count: int
) -> tuple[Array, Array]:
    """Every document of any term or list, ascending, and the sum of its scores."""
    docs, scores = _scored(fields, terms, lists)
    if len(terms) + len(lists) == 1 or not len(docs):
        return docs, scores.astype(np.int64)
    if len(docs) * 8 < doc_count:
        docs, which = np.unique(docs, return_inverse=True)
        return docs, np.bincount(which, scores).astype(np.int64)
    # Sums of whole floats are exact below 2⁵³, which is a score of two million.
    sums = np.bincount(docs, scores, doc_count)
    if scores.min() > 0:
        found = np.flatnonzero(sums)
    else:
        found = np.flatnonzero(np.bincount(docs, minlength=doc_count))
    return found.astype(np.uint32), sums[found].astype(np.int64)


def top(docs: Array, units: Array, limit: int) -> tuple[Array, Array]:
    """The `limit` best, best first; equal scores by document number."""
    if len(docs) > 16 * BLOCK and limit * 4 * BLOCK < len(docs):
        # The limit-th best block maximum bounds the limit-th best score from below.
        whole = len(docs) // BLOCK * BLOCK
        maxima = units[:whole].reshape(-1, BLOCK).max(axis=1)
        floor = np.partition(maxima, len(maxima) - limit)[len(maxima) - limit]
        keep = np.flatnonzero(units >= floor)
        docs, units = docs[keep], units[keep]
    order = np.lexsort((docs, -units))[:limit]
    return docs[order], units[order]


def top_union(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
) -> tuple[Array, Array]:
    """The `limit` best of `union` above `floor` units, best first, among the documents `allowed` marks."""
    docs, units = union(fields, terms, lists, doc_count)
    keep = units > floor
    if allowed is not None:
        keep &= allowed[docs] != 0
    return top(docs[keep], units[keep], limit)


def union_count(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    allowed: Array | None,
) -> int:
    """How many documents hold any term or are in any list, among the documents `allowed` marks."""
    seen = np.zeros(doc_count, np.bool_)
    for f, start, end, _ in terms:
        seen[_docs(fields[f], start, end)] = True
    for docs, _ in lists:
        seen[docs] = True
    return int(np.count_nonzero(seen if allowed is None else seen & (allowed != 0)))


def locate(haystack: Array, needles: Array) -> tuple[Array, Array]:
    """For ascending arrays: where each needle would be, and whether it is there."""
    at = np.searchsorted(haystack, needles)
    at[at == len(haystack)] = 0
    return at, haystack[at] == needles if len(haystack) else np.zeros(len(needles), np.bool_)


def gather(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], docs: Array
) -> tuple[Array, Array]:
    """For each of the ascending `docs`: the sum of its scores, and how many terms and lists hold it."""
    sums, hits = np.zeros(len(docs), np.int64), np.zeros(len(docs), np.uint32)
    for f, start, end, weight in terms:
        norms = fields[f][2]
        at, there = locate(_docs(fields[f], start, end), docs)
        freqs = _freqs(fields[f], start, end)[at[there]].astype(np.float64)
        scores = weight * freqs
        if norms is not None:
            scores /= freqs + norms[docs[there]]
        sums[there] += np.rint(scores).astype(np.int64)
        hits += there
    for list_docs, units in lists:
        at, there = locate(list_docs, docs)
        sums[there] += units[at[there]]
        hits += there
    return sums, hits


def intersection(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]
) -> tuple[Array, Array]:
    """Every document that is in all terms and lists, ascending, and the sum of its scores."""
    candidates = [_docs(fields[f], start, end) for f, start, end, _ in terms] + [docs for docs, _ in lists]
    candidates.sort(key=len)
    docs = candidates[0]
    for other in candidates[1:]:
        docs = docs[locate(other, docs)[1]]
    return docs, gather(fields, terms, lists, docs)[0]


def phrase(field: Field, terms: Sequence[Term], slop: int) -> Array:
    """The documents where each term follows the one before it at a distance of 1 to `slop`, ascending."""
    docs = intersection([field], [(0, *term[1:]) for term in terms], [])[0]
    ends = _occurrences(field, terms[0], docs, slop)
    for term in terms[1:]:
        follow = _occurrences(field, term, docs, slop)
        # An occurrence counts where some end lies in [occurrence - slop, occurrence - 1].
        before = np.searchsorted(ends, follow) - 1
        near = before >= 0
        near[near] = follow[near] - ends[before[near]] <= slop
        ends = follow[near]
    found: Array = np.unique((ends >> 32).astype(np.uint32))
    return found


def _occurrences(field: Field, term: Term, docs: Array, gap: int) -> Array:
    """Document · 2³² + position + gap for each occurrence of the term in `docs`, ascending.

    The gap keeps documents apart: no position of one is within `gap` of a position of another.
    """
    *_, positions, block_positions = field
    assert positions is not None and block_positions is not None
    _, start, end, _ = term
    postings = start + np.searchsorted(_docs(field, start, end), docs)
    first = start // BLOCK * BLOCK
    freqs = _freqs(field, first, end).astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(freqs)])
    heads = int(block_positions[start // BLOCK]) + sums[postings - first]
    counts = freqs[postings - first]
    inner = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    spots = positions[np.repeat(heads, counts) + inner].astype(np.int64)
    return (np.repeat(docs.astype(np.int64), counts) << 32) + spots + gap


def windows(field: Field, terms: Sequence[Term], docs: Array, width: int) -> Array:
    """For each of the ascending `docs`: the most that terms weigh that stand within `width` positions.

    A term counts once however often it stands there; weights are in units, rounded.
    """
    spots: list[tuple[int, int]] = []
    for number, (_, start, end, _) in enumerate(terms):
        held = docs[locate(_docs(field, start, end), docs)[1]]
        if len(held):
            found = _occurrences(field, (0, start, end, 0.0), held, 0)
            spots += zip(found.tolist(), repeat(number))
    weights = [int(np.rint(term[3])) for term in terms]
    best = dict.fromkeys(docs.tolist(), 0)
    for doc, inside in groupby(sorted(spots), key=lambda spot: spot[0] >> 32):
        best[doc] = _best_window(list(inside), weights, width)
    return np.fromiter(best.values(), np.int64, len(best))


def _best_window(spots: Sequence[tuple[int, int]], weights: Sequence[int], width: int) -> int:
    inside = [0] * len(weights)
    total = best = low = 0
    for spot, term in spots:
        inside[term] += 1
        total += weights[term] if inside[term] == 1 else 0
        while spot - spots[low][0] > width:
            leaving = spots[low][1]
            inside[leaving] -= 1
            total -= 0 if inside[leaving] else weights[leaving]
            low += 1
        best = max(best, total)
    return best


def find_span(blob: Array, offsets: Array, starts: Array, term: bytes) -> tuple[int, int]:
    """The half-open range of postings of `term` in sorted terms, (0, 0) where there is none."""
    number = lower_bound(blob, offsets, term)
    if number == len(offsets) - 1 or blob[offsets[number] : offsets[number + 1]].tobytes() != term:
        return 0, 0
    return int(starts[number]), int(starts[number + 1])


def lower_bound(blob: Array, offsets: Array, term: bytes) -> int:
    """The number of the first of the sorted terms that is not less than `term`."""
    # Indexing a memoryview is several times faster than indexing an array.
    text, ends = blob.data, offsets.data
    low, high = 0, len(offsets) - 1
    while low < high:
        middle = (low + high) // 2
        if text[ends[middle] : ends[middle + 1]].tobytes() < term:
            low = middle + 1
        else:
            high = middle
    return low
