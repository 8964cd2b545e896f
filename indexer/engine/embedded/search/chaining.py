"""Where do documents follow a passage? The postings of its rarest terms, read with their positions.

A bounded number of postings is read, so a passage of everyday words takes no longer than one of rare ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, damaged
from indexer.derived.chains import WEIGHT, Chains, chained, heaviest, units_of
from indexer.engine.embedded.arrays.packing import unpack_docs
from indexer.engine.embedded.arrays.places import positions_at
from indexer.engine.embedded.kernel.adjacency import scattered_starts
from indexer.engine.embedded.kernel.slices import slice_freqs, within
from indexer.engine.embedded.search.collection import Leaf
from indexer.engine.embedded.search.request import Request
from indexer.engine.embedded.search.statistics import Span, TermStatistics
from indexer.engine.protocol import Chain
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
        weights[place] = units_of(inverse_frequency(documents, collection.count))
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
    held = [(place, start, end) for place, (start, end) in zip(places, spans, strict=True) if end > start]
    field, nothing = leaf.plan(name, None), np.zeros(0, np.int64)
    if not held or field[4] is None or field[6] is None:
        return chained(nothing, nothing, nothing, weights)
    freqs = np.concatenate([slice_freqs(field, start, end) for _, start, end in held]).astype(np.int64)
    docs = np.concatenate([unpack_docs(field[0][start:end]) for _, start, end in held])
    sizes = [end - start for _, start, end in held]
    own = np.repeat(np.array([place for place, _, _ in held]), sizes)
    within(docs, leaf.count)
    edges = np.cumsum(sizes)
    counts = np.diff(np.cumsum(freqs)[edges - 1], prepend=0)
    heads = scattered_starts(field, np.array([start for _, start, _ in held]))
    if int(counts.sum()) > len(field[4]) * len(held):
        raise damaged("a list of positions")
    # Documents with one occurrence have no chain: their positions are not read.
    occurring = np.bincount(docs, weights=freqs, minlength=leaf.count)
    wanted = occurring[docs] > 1
    if allowed is not None:
        wanted &= allowed[docs] != 0
    at = np.repeat(heads - np.cumsum(counts) + counts, sizes) + np.cumsum(freqs) - freqs
    at, freqs, docs, own = at[wanted], freqs[wanted], docs[wanted], own[wanted]
    inner = np.arange(int(freqs.sum())) - np.repeat(np.cumsum(freqs) - freqs, freqs)
    positions = positions_at(field[4], field[6], np.repeat(at, freqs) + inner)
    return chained(np.repeat(docs, freqs), np.repeat(own, freqs), positions, weights)
