"""Which documents hold enough of a query, and which of them come first?

A document is found if it holds at least a given share of the query's terms by weight, so that counts
mean something; what else the query consists of only ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from whoosh import query

from indexer.arrays import Array
from indexer.engine.embedded.kernel.kernel import active
from indexer.engine.embedded.kernel.vectorized import List, Term, top
from indexer.engine.embedded.search.collection import collection_of
from indexer.engine.embedded.search.evaluator import UNIT, LeafRun, Run, Scored
from indexer.engine.embedded.search.proximity import terms_by_segment
from indexer.engine.embedded.search.selection import (
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

# Up to so many documents, looking each up in every term's postings beats reading the postings.
_FEW = 5_000


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
    run = Run(collection_of(searcher.reader()), searcher, searcher.weighting, deadline)
    parts, whole = _weighed(run, field, terms, others or {})
    found: list[Array] = []
    chosen: list[List] = []
    for part, holding, weights in parts:
        leaf = part.leaf
        enough = holding[weights >= max(least * whole, 1.0)]
        allowed = allowed_documents(part, filter, None)
        enough = enough if allowed is None else enough[allowed[enough] != 0]
        found.append(enough.astype(np.int64) + leaf.base)
        if not sort:
            part.within = enough if len(enough) <= _FEW else None
            floor = floor_of(chosen, limit) if chosen else LOWEST
            docs, units = _best(part, part.evaluate(ranking, 1.0), enough, limit, floor)
            chosen.append((docs.astype(np.int64) + leaf.base, units))
    run.check()
    everything = np.concatenate(found) if found else np.zeros(0, np.int64)
    docs, units = (everything, np.zeros(len(everything), np.int64)) if sort else joined(chosen)
    docs, units = ordered(run.collection, docs, units, limit, sort)
    counts = {name: facet(run.collection, name, everything) for name in facets}
    return Evaluation(docs.tolist(), (units / UNIT).tolist(), len(everything), True, counts, everything)


def covered_shares(
    searcher: Any,
    field: str,
    terms: Mapping[str, float],
    docnums: Sequence[int],
    others: Mapping[tuple[str, ...], float] | None = None,
) -> list[float]:
    """For each document: the share of `terms` by weight that it holds, as `evaluate_covered` counts it."""
    run = Run(collection_of(searcher.reader()), searcher, searcher.weighting)
    parts, whole = _weighed(run, field, terms, others or {})
    shares = dict.fromkeys(docnums, 0.0)
    for part, docs, units in parts:
        held = dict(zip((docs.astype(np.int64) + part.leaf.base).tolist(), units.tolist(), strict=True))
        shares |= {docnum: min(held[docnum] / whole, 1.0) for docnum in docnums if docnum in held}
    return list(shares.values())


def _holding(part: LeafRun, field: str, sequence: tuple[str, ...], count: float) -> List:
    """The documents with these terms one after the other, and what the whole counts for."""
    found = [term for text in sequence if (term := part.term(field, text, count))]
    if len(found) < len(sequence):
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    question = query.Phrase(field, list(sequence)) if len(sequence) > 1 else query.Term(field, sequence[0])
    docs, _ = part.materialize(question, 1.0)
    return docs, np.full(len(docs), round(sum(term[3] for term in found)), np.int64)


def _best(part: LeafRun, scored: Scored, enough: Array, limit: int, floor: int) -> List:
    """The `limit` best of the documents `enough`: few are scored one by one, many by skipping."""
    if len(enough) <= _FEW:
        units = active().gather(part.fields, scored.terms, scored.lists, enough)[0]
        return top(enough, units, limit)
    mask = np.zeros(part.leaf.count, np.uint8)
    mask[enough] = 1
    return best_of(part, scored, limit, floor, mask)


def _weighed(
    run: Run, field: str, terms: Mapping[str, float], others: Mapping[tuple[str, ...], float]
) -> tuple[Iterator[tuple[LeafRun, Array, Array]], float]:
    """For each segment the documents that hold any of the terms or others, and what these weigh together.

    And what `terms` weigh together that occur anywhere.
    """
    found, whole = terms_by_segment(run, field, terms, {})
    return (
        (part := LeafRun(run, number), *_holding_any(part, field, own, others))
        for number, (_, own) in enumerate(found)
    ), whole


def _holding_any(
    part: LeafRun, field: str, terms: Sequence[Term], others: Mapping[tuple[str, ...], float]
) -> List:
    lists = [_holding(part, field, sequence, count) for sequence, count in others.items()]
    docs, freqs, _, *rest = part.leaf.plan(field, None)
    flat = (docs, freqs, _no_norms(part.leaf.count), *rest)
    found: List = active().union([flat], terms, lists, part.leaf.count)
    return found


@lru_cache(maxsize=16)
def _no_norms(count: int) -> Array:
    """Norms of 0: tf/(tf + 0) is 1, so each term adds its weight once."""
    return np.zeros(count, np.float32)
