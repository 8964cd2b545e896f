"""Where do documents follow a passage? The postings of its rarest terms, read with their positions.

A bounded number of postings is read, so a passage of everyday words takes no longer than one of rare ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, Flat, damaged
from indexer.derived.chains import WEIGHT, Chains, chained, heaviest, units_of
from indexer.engine.answers import Chain
from indexer.engine.embedded.arrays.packing import DOC_BITS, MOST, look_up, unpack_docs
from indexer.engine.embedded.arrays.places import positions_at
from indexer.engine.embedded.kernel.adjacency import scattered_starts
from indexer.engine.embedded.kernel.slices import Field, within
from indexer.engine.embedded.search.collection import Leaf
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.statistics import TermStatistics
from indexer.engine.embedded.search.view import Span
from indexer.query.ranking import inverse_frequency

Allowed = Sequence[Array | None]
"""For each segment 1 for each document that may be found; None for all."""


def chains(
    request: Request, field: str, terms: Sequence[str], limit: int, most: int, allowed: Allowed
) -> list[Chain]:
    """See `Snapshot.chains`."""
    collection = request.collection
    chosen = rarest(request.statistics, field, terms, most)
    weights = np.zeros(len(terms), np.int64)
    for place in chosen:
        documents = request.statistics.term(field, terms[place]).documents
        weights[place] = units_of(inverse_frequency(documents, request.statistics.count))
    found = []
    for number, leaf in enumerate(collection.leaves):
        request.check()
        spans = [request.statistics.term(field, terms[place]).spans[number] for place in chosen]
        own = _in_segment(leaf, field, chosen, spans, weights, allowed[number])
        found.append(own._replace(documents=own.documents + leaf.base))
    if not found:
        return []
    every = Chains(*map(np.concatenate, zip(*found, strict=True)))
    best = heaviest(every, limit, collection.ranks_of(every.documents))
    rows = zip(*(column[best].tolist() for column in every), strict=True)
    return [Chain(doc, (a, b), (start, end), weight / WEIGHT) for doc, a, b, start, end, weight in rows]


def rarest(statistics: TermStatistics, field: str, terms: Sequence[str], most: int) -> list[int]:
    """The places of the terms of fewest documents, at most `most` in all, ascending."""
    held = [(statistics.term(field, term).documents, place) for place, term in enumerate(terms) if term]
    chosen, read = [], 0
    for documents, place in sorted(held):
        read += documents
        if read > most:
            break
        chosen += [place] if documents else []
    return sorted(chosen)


def _in_segment(
    leaf: Leaf, name: str, places: Sequence[int], spans: Sequence[Span], weights: Array, allowed: Array | None
) -> Chains:
    """The chains of a segment's documents, as they are numbered there."""
    field, nothing = leaf.plan(name, None), np.zeros(0, np.int64)
    held = [(place, start, end) for place, (start, end) in zip(places, spans, strict=True) if end > start]
    if not held or field[4] is None or field[6] is None:
        return chained(nothing, nothing, nothing, weights)
    own, starts, ends = np.array(held).T
    docs, freqs, heads = _postings(field, field[4], starts, ends)
    own = np.repeat(own, ends - starts)
    # Documents with one occurrence have no chain: their positions are not read.
    wanted = np.bincount(within(docs, leaf.count), weights=freqs)[docs] > 1
    if allowed is not None:
        wanted &= allowed[docs] != 0
    docs, freqs, heads, own = docs[wanted], freqs[wanted], heads[wanted], own[wanted]
    inner = np.arange(int(freqs.sum())) - np.repeat(np.cumsum(freqs) - freqs, freqs)
    positions = positions_at(field[4], field[6], np.repeat(heads, freqs) + inner)
    return chained(np.repeat(docs, freqs), np.repeat(own, freqs), positions, weights)


def _postings(field: Field, positions: Flat, starts: Array, ends: Array) -> tuple[Array, Array, Array]:
    """The postings of several terms one after the other: document, frequency, where its positions start."""
    packed = np.concatenate([field[0][start:end] for start, end in zip(starts, ends, strict=True)])
    sizes = ends - starts
    firsts = np.cumsum(sizes) - sizes
    freqs = (packed >> np.uint32(DOC_BITS)).astype(np.int64)
    many = np.flatnonzero(freqs == MOST)
    freqs[many] = look_up(field[1], many + np.repeat(starts - firsts, sizes)[many])
    before = np.cumsum(freqs) - freqs
    if int(freqs.sum()) > len(starts) * len(positions):
        raise damaged("a list of positions")
    heads = before + np.repeat(scattered_starts(field, starts) - before[firsts], sizes)
    return unpack_docs(packed), freqs, heads
