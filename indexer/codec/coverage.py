"""Which documents hold enough of a query, and which of them come first?

A document is found if it holds at least a given share of the query's terms by weight, so that counts
mean something; what else the query consists of only ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from whoosh import query

from indexer.codec.collection import Leaf, collection_of
from indexer.codec.container import Array
from indexer.codec.evaluator import UNIT, LeafRun, Run
from indexer.codec.kernel import active
from indexer.codec.proximity import terms_by_segment
from indexer.codec.selection import (
    LOWEST,
    Evaluation,
    Sort,
    allowed_documents,
    best_of,
    facet,
    floor_of,
    joined,
    ordered,
)
from indexer.codec.vectorized import List, Term


def evaluate_covered(
    searcher: Any,
    ranking: Any,
    field: str,
    terms: Mapping[str, float],
    least: float,
    *,
    limit: int,
    others: Mapping[tuple[str, ...], float] | None = None,
    filter: Any = None,
    sort: Sort = (),
    facets: Sequence[str] = (),
    deadline: float | None = None,
) -> Evaluation:
    """The `limit` best by the Whoosh query `ranking` of the documents that hold enough of `terms`.

    `terms` are terms of `field` and what each counts for besides its idf; a document that holds less
    than the share `least` of them is not found. `others` are
    sequences of terms that may stand for some of them, with what each counts for. The other arguments
    are those of `evaluate`.
    """
    parts, whole = terms_by_segment(searcher, field, terms, {})
    run = Run(collection_of(searcher.reader()), searcher, searcher.weighting, deadline)
    found: list[Array] = []
    chosen: list[List] = []
    for number, (leaf, segment_terms) in enumerate(parts):
        part = LeafRun(run, number)
        lists = [_holding(part, field, sequence, count) for sequence, count in (others or {}).items()]
        mask = _mask(leaf, field, segment_terms, lists, max(least * whole, 1.0))
        allowed = allowed_documents(part, filter, None)
        mask = mask if allowed is None else mask & allowed
        found.append(np.flatnonzero(mask) + leaf.base)
        if not sort:
            floor = floor_of(chosen, limit) if chosen else LOWEST
            docs, units = best_of(part, part.evaluate(ranking, 1.0), limit, floor, mask)
            chosen.append((docs.astype(np.int64) + leaf.base, units))
    run.check()
    everything = np.concatenate(found) if found else np.zeros(0, np.int64)
    docs, units = (everything, np.zeros(len(everything), np.int64)) if sort else joined(chosen)
    docs, units = ordered(run.collection, docs, units, limit, sort)
    counts = {name: facet(run.collection, name, everything) for name in facets}
    return Evaluation(docs.tolist(), (units / UNIT).tolist(), len(everything), True, counts, everything)


def _holding(part: LeafRun, field: str, sequence: tuple[str, ...], count: float) -> List:
    """The documents with these terms one after the other, and what the whole counts for."""
    found = [term for text in sequence if (term := part.term(field, text, count))]
    if len(found) < len(sequence):
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    question = query.Phrase(field, list(sequence)) if len(sequence) > 1 else query.Term(field, sequence[0])
    docs, _ = part.materialize(question, 1.0)
    return docs, np.full(len(docs), round(sum(term[3] for term in found)), np.int64)


def _mask(leaf: Leaf, field: str, terms: Sequence[Term], lists: Sequence[List], least: float) -> Array:
    """1 for each document of a segment whose terms and lists weigh at least `least`."""
    docs, freqs, _, *rest = leaf.plan(field, None)
    # With a norm of 0, tf/(tf + norm) is 1: each term adds its weight once.
    flat = (docs, freqs, np.zeros(leaf.count, np.float32), *rest)
    holding, units = active().union([flat], terms, lists, leaf.count)
    mask = np.zeros(leaf.count, np.uint8)
    mask[holding[units >= least]] = 1
    return mask
