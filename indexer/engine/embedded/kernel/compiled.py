"""The functions of `vectorized`, in C. Raises ImportError where the extension was not built.

Same arguments, same results to the last bit; what each does is described there.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array
from indexer.engine.embedded.kernel.sorting import Slices
from indexer.engine.embedded.kernel.vectorized import Choices, Field, List, Term
from indexer.native import _kernel
from indexer.native._kernel import find_spans, table_bytes, term_table
from indexer.text.units import Units

__all__ = [
    "find_spans",
    "gather",
    "group",
    "group_pairs",
    "holdings",
    "intern",
    "intern_slices",
    "intern_units",
    "intersection",
    "merge_terms",
    "order_terms",
    "phrase",
    "table_bytes",
    "term_table",
    "top_among",
    "top_enough",
    "top_union",
    "union",
    "union_count",
    "windows",
]


def _pair(found: tuple[bytes, bytes]) -> List:
    return np.frombuffer(found[0], np.uint32), np.frombuffer(found[1], np.int64)


def union(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], doc_count: int
) -> tuple[Array, Array]:
    """Every document of any term or list, ascending, and the sum of its scores."""
    return _pair(_kernel.union(fields, terms, lists, doc_count))


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
    """The `limit` best of `union` above `floor` units, best first, equals by rank (block-max MaxScore)."""
    return _pair(_kernel.top_union(fields, terms, lists, doc_count, limit, floor, allowed, ranks))


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
    """The `limit` best of the ascending `docs` above `floor` units, best first, equals by rank (MaxScore)."""
    every, listed, groups = _grouped(terms, lists, choices)
    return _pair(_kernel.top_among(fields, every, listed, groups, docs, limit, floor, ranks))


def _grouped(
    terms: Sequence[Term], lists: Sequence[List], choices: Sequence[Choices]
) -> tuple[list[Term], list[List], list[tuple[int, int]]]:
    """All terms, all lists, and of each its group, 0 for none, and which of its choices it belongs to."""
    every, listed = [*terms], [*lists]
    groups, of_lists = [(0, 0)] * len(every), [(0, 0)] * len(listed)
    for number, several in enumerate(choices, 1):
        for place, (own_terms, own_lists) in enumerate(several):
            every += own_terms
            listed += own_lists
            groups += [(number, place)] * len(own_terms)
            of_lists += [(number, place)] * len(own_lists)
    return every, listed, groups + of_lists


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

    What is held is counted and scored while its postings are read, and what else there is to score is looked
    up for the documents that may be among the best.
    """
    every, listed, groups = _grouped(terms, lists, choices)
    # The kernel is told by a group below 0 what decides.
    first, last = [(-1, 0)] * len(held), [(-1, 0)] * len(standing)
    split = len(every)
    marks = [*first, *groups[:split], *last, *groups[split:]]
    *best, docs = _kernel.top_enough(
        fields, [*held, *every], [*standing, *listed], marks, least, doc_count, limit, floor, allowed, ranks
    )
    return *_pair((best[0], best[1])), np.frombuffer(docs, np.uint32)


def union_count(
    fields: Sequence[Field],
    terms: Sequence[Term],
    lists: Sequence[List],
    doc_count: int,
    allowed: Array | None,
) -> int:
    """How many documents hold any term or are in any list, among the documents `allowed` marks."""
    return int(_pair(_kernel.union_count(fields, terms, lists, doc_count, allowed))[1][0])


def gather(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List], docs: Array
) -> tuple[Array, Array]:
    """For each of the ascending `docs`: the sum of its scores, and how many terms and lists hold it."""
    hits, sums = _pair(_kernel.gather(fields, terms, lists, docs))
    return sums, hits


def holdings(field: Field, terms: Sequence[Term], docs: Array) -> tuple[Array, Array]:
    """For each of the ascending `docs`: what those terms weigh that it holds, and how often it holds any."""
    times, weights = _pair(_kernel.holdings([field], terms, docs))
    return weights, times


def intersection(
    fields: Sequence[Field], terms: Sequence[Term], lists: Sequence[List]
) -> tuple[Array, Array]:
    """Every document that is in all terms and lists, ascending, and the sum of its scores."""
    return _pair(_kernel.intersection(fields, terms, lists))


def phrase(field: Field, terms: Sequence[Term], steps: Sequence[tuple[int, int]]) -> Array:
    """The documents where each term follows the one before it at a distance within its step, ascending."""
    return _pair(_kernel.phrase(field, [(0, *term[1:]) for term in terms], steps))[0]


def windows(field: Field, terms: Sequence[Term], docs: Array, width: int) -> Array:
    """For each of the ascending `docs`: the most that terms weigh that stand within `width` positions."""
    return _pair(_kernel.windows(field, terms, docs, width))[1]


def group(
    terms: Array, ranks: Array, docs: Array, counts: Array, positions: Array | None
) -> tuple[Array, Array, Array, Array | None]:
    """Sort tokens into postings: (starts, docs, freqs, positions)."""
    starts, out_docs, freqs, spots = _kernel.group(terms, ranks, docs, counts, positions)
    return (
        np.frombuffer(starts, np.int64),
        np.frombuffer(out_docs, np.uint32),
        np.frombuffer(freqs, np.uint32),
        None if spots is None else np.frombuffer(spots, np.uint32),
    )


def merge_terms(sources: Sequence[tuple[Array, Array]]) -> tuple[Array, Array, list[Array]]:
    """Unite sorted term lists (blob, offsets): the united list, and each source's places in it."""
    blob, offsets, ranks = _kernel.merge_terms(sources)
    places: list[Array] = [np.frombuffer(rank, np.uint32) for rank in ranks]
    return np.frombuffer(blob, np.uint8), np.frombuffer(offsets, np.int64), places


def intern(table: object, terms: Sequence[str], out: array[int]) -> None:
    """Append the number of each term to `out`."""
    out.frombytes(_kernel.intern(table, terms))


def intern_slices(
    table: object, pieces: Sequence[Slices | None], out: array[int], counts: array[int]
) -> None:
    """Append the numbers of those parts of texts that are terms, and for each text how many there are."""
    numbers, added = _kernel.intern_slices(table, pieces)
    out.frombytes(numbers)
    counts.frombytes(added)


def intern_units(
    table: object, units: Sequence[Units | None], out: array[int], counts: array[int]
) -> Sequence[int]:
    """Append a symbol for each position of texts, and for each text how many; how many terms each has."""
    symbols, added, sizes = _kernel.intern_units(table, units)
    out.frombytes(symbols)
    counts.frombytes(added)
    return memoryview(sizes).cast("I")


def group_pairs(
    symbols: Array, docs: Array, counts: Array, sizes: Array, low: int, high: int
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Sort symbols into postings: (firsts, seconds, starts, docs, freqs, positions)."""
    found = _kernel.group_pairs(symbols, docs, counts, sizes, low, high)
    firsts, seconds, starts, out_docs, freqs, spots = found
    return (
        np.frombuffer(firsts, np.uint32),
        np.frombuffer(seconds, np.uint32),
        np.frombuffer(starts, np.int64),
        np.frombuffer(out_docs, np.uint32),
        np.frombuffer(freqs, np.uint32),
        np.frombuffer(spots, np.uint32),
    )


def order_terms(table: object) -> tuple[Array, Array, Array]:
    """Sort terms by their UTF-8: (place of each number, blob, offsets)."""
    places, blob, offsets = _kernel.order_terms(table)
    return np.frombuffer(places, np.uint32), np.frombuffer(blob, np.uint8), np.frombuffer(offsets, np.int64)
