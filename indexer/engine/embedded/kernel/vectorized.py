"""What does the kernel compute, written with numpy? The reference for the compiled one.

A *field* is the tuple (postings, frequent, norms, bounds, positions, block_positions, far, lengths): whole
arrays of one field of one segment, postings packed as `indexer.engine.embedded.arrays.packing` says.
`lengths` has a byte for each document and `norms` what each of the 256 bytes adds below the line
(`indexer.query.ranking`), both None for a field that is not scored; `bounds` is the greatest tf/(tf+norm)
of each block. A *term* is (field index, start, end, weight): a slice of its
postings. A *list* is (docs, units): scored documents, ascending. *Choices* are several terms and lists each:
for a document that one counts that gives it most, 0 at least.

Scores are integers in *units* of 2⁻³²: `rint(weight·tf / (tf + norm))` with the weight given in units.
Integer sums do not depend on their order, so both kernels give equal scores and break ties alike, whatever
they skip.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, Flat, damaged
from indexer.engine.embedded.kernel.adjacency import phrase, windows
from indexer.engine.embedded.kernel.pruning import by_bound, pruned_top, top
from indexer.engine.embedded.kernel.slices import (
    BLOCK,
    Choices,
    Field,
    List,
    Term,
    common,
    freqs_at,
    gather,
    locate,
    placed,
    scored,
    slice_docs,
    within,
)
from indexer.engine.embedded.kernel.sorting import (
    group,
    group_pairs,
    intern,
    intern_slices,
    intern_units,
    merge_terms,
    order_terms,
    table_bytes,
    term_table,
)

__all__ = [
    "BLOCK",
    "FEW",
    "Choices",
    "Field",
    "List",
    "Term",
    "find_spans",
    "gather",
    "group",
    "group_pairs",
    "holdings",
    "intern",
    "intern_slices",
    "intern_units",
    "intersection",
    "locate",
    "lower_bound",
    "merge_terms",
    "order_terms",
    "phrase",
    "table_bytes",
    "term_table",
    "top",
    "top_among",
    "top_enough",
    "top_union",
    "union",
    "union_count",
    "windows",
]


FEW = 5_000
"""Up to so many documents, looking each up in every term's postings beats reading the postings."""


def union(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], doc_count: int
) -> tuple[Array, Array]:
    """Every document of any term or list, ascending, and the sum of its scores."""
    docs, scores = scored(fields, terms, lists)
    within(docs, doc_count)
    if len(terms) + len(lists) == 1 or not len(docs):
        return docs, scores.astype(np.int64)
    if len(docs) * 8 < doc_count:
        docs, which = np.unique(docs, return_inverse=True)
        return docs, np.bincount(which, scores).astype(np.int64)
    # Sums of whole floats are exact below 2⁵³, which is a score of two million.
    sums = np.bincount(docs, scores, doc_count)
    marks = sums if scores.min() > 0 else np.bincount(docs, minlength=doc_count)
    found = np.flatnonzero(marks != 0)
    return found.astype(np.uint32), sums[found].astype(np.int64)


def top_union(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
    ranks: Array,
) -> tuple[Array, Array]:
    """The `limit` best of `union` above `floor` units, best first, among the documents `allowed` marks.

    Equal scores are in the order of `ranks`, a different number below 2³² for each document.
    """
    parts = by_bound(fields, terms, lists)
    best = parts and pruned_top(fields, parts, doc_count, limit, floor, allowed, ranks)
    if best:
        return best
    docs, units = union(fields, terms, lists, doc_count)
    keep = units > floor
    if allowed is not None:
        keep &= allowed[docs] != 0
    return top(docs[keep], units[keep], limit, ranks[docs[keep]])


def top_among(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    choices: Sequence[Choices],
    docs: Array,
    limit: int,
    floor: int,
    ranks: Array,
) -> tuple[Array, Array]:
    """The `limit` best of the ascending `docs` above `floor` units, best first, equals by rank.

    A document scores what all terms, lists and choices give it, nothing where it is in none of them.
    """
    units = gather(fields, terms, lists, docs)[0]
    for several in choices:
        best = np.zeros(len(docs), np.int64)
        for own_terms, own_lists in several:
            best = np.maximum(best, gather(fields, own_terms, own_lists, docs)[0])
        units += best
    keep = units > floor
    return top(docs[keep], units[keep], limit, ranks[docs[keep]])


def top_enough(
    fields: Sequence[Field],
    held: Sequence[Term],
    standing: Sequence[List],
    least: float,
    terms: Sequence[Term],
    lists: Sequence[List],
    choices: Sequence[Choices],
    doc_count: int,
    limit: int,
    floor: int,
    allowed: Array | None,
    ranks: Array,
) -> tuple[Array, Array, Array]:
    """The `limit` best of the documents that hold enough, and all of these, ascending.

    Those of them that `allowed` marks are meant in which the weights of terms `held`, whatever their
    frequency, and the units of lists `standing` come to `least` at least. They score as in `top_among`.
    """
    parts = [(slice_docs(fields[term[0]], term[1], term[2]), round(term[3])) for term in held]
    counted = [(docs, np.full(len(docs), weight, np.int64)) for docs, weight in parts]
    docs, units = union([], [], [*counted, *standing], doc_count)
    keep = units >= least
    if allowed is not None:
        keep &= allowed[docs] != 0
    docs = docs[keep]
    if len(docs) > FEW and terms and not choices:
        marks = np.zeros(doc_count, np.uint8)
        marks[docs] = 1
        best = top_union(fields, terms, lists, doc_count, limit, floor, marks, ranks)
        # Otherwise there may be some that nothing gives a score.
        if floor >= 0 or len(best[0]) == limit:
            return *best, docs
    return *top_among(fields, terms, lists, choices, docs, limit, floor, ranks), docs


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
        seen[within(slice_docs(fields[f], start, end), doc_count)] = True
    for docs, _ in lists:
        seen[within(docs, doc_count)] = True
    return int(np.count_nonzero(seen if allowed is None else seen & (allowed != 0)))


def holdings(field: Field, terms: Sequence[Term], docs: Array) -> tuple[Array, Array]:
    """For each of the ascending `docs`: what those terms weigh that it holds, and how often it holds any.

    The terms are of field 0; weights are in units, rounded.
    """
    if not terms:
        return np.zeros(len(docs), np.int64), np.zeros(len(docs), np.uint32)
    at, there = placed(field, terms, docs)
    times = np.zeros(at.shape, np.uint32)
    times[there] = freqs_at(field, at[there])
    units = np.rint([weight for _, _, _, weight in terms]).astype(np.int64)
    return units @ there, times.sum(axis=0, dtype=np.uint32)


def intersection(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]
) -> tuple[Array, Array]:
    """Every document that is in all terms and lists, ascending, and the sum of its scores."""
    docs = common(
        [slice_docs(fields[f], start, end) for f, start, end, _ in terms] + [docs for docs, _ in lists]
    )
    return docs, gather(fields, terms, lists, docs)[0]


def find_spans(blob: Flat, offsets: Flat, starts: Flat, terms: Sequence[bytes]) -> list[tuple[int, int]]:
    """The half-open ranges of postings of `terms` in sorted terms, (0, 0) where there is none.

    Raises `IndexCorrupt` where there is none that could be. The terms are verified whole: to ask for each
    that is looked at takes several times as long as to look.
    """
    content, edges = blob.data, offsets.data
    if not len(edges):
        raise damaged("an offset")
    most, numbers = len(content), range(len(edges) - 1)

    def term_at(number: int) -> bytes:
        start, end = edges[number], edges[number + 1]
        if not start <= end <= most:
            raise damaged("an offset")
        return bytes(content[start:end])

    def span(term: bytes) -> tuple[int, int]:
        number = bisect_left(numbers, term, key=term_at)
        if number == len(numbers) or term_at(number) != term:
            return 0, 0
        start, end = starts[number : number + 2].tolist()
        if start > end:
            raise damaged("an offset")
        return start, end

    return [*map(span, terms)]


def lower_bound(blob: Flat, offsets: Flat, term: bytes) -> int:
    """The number of the first of the sorted terms that is not less than `term`."""
    low, high = 0, len(offsets) - 1
    while low < high:
        middle = (low + high) // 2
        if _term_at(blob, offsets, middle) < term:
            low = middle + 1
        else:
            high = middle
    return low


def _term_at(blob: Flat, offsets: Flat, number: int) -> bytes:
    start, end = offsets[number : number + 2].tolist()
    if not start <= end <= len(blob):
        raise damaged("an offset")
    term: bytes = blob[start:end].tobytes()
    return term
