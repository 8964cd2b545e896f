"""Which terms of a question are scored for the best matches alone? In a large index those that are common.

A term that many documents hold weighs little, and reading its postings is most of what a question costs. So
common terms are scored for the best `WINDOW` matches by all other terms, on each shard. **Which documents
match is told before either**, so totals and counts stay exact; the first hits are the same too, unless one
has so much by common terms alone that it would pass the whole window.
"""

from __future__ import annotations

from collections.abc import Callable

from indexer.engine.opensearch.mapping import Json
from indexer.query.nodes import AnyOf, Maybe, Node, Term, Without

COMMON = 1 / 16
"""A term is common that so large a share of the documents holds."""
WINDOW = 1_000
"""So many of a shard get the scores of common terms; no more hits can be asked for."""


def common_apart(query: Node, is_common: Callable[[Term], bool]) -> tuple[Node, Node | None]:
    """What is scored for every match, and what for the best of these; None where all is scored at once."""
    match query:
        case Without(wanted, unwanted):
            rest, common = common_apart(wanted, is_common)
            return (Without(rest, unwanted), common) if common else (query, None)
        case Maybe(wanted, AnyOf() as more):
            several = tuple(each for each in more.spread if isinstance(each, Term) and is_common(each))
            others = tuple(each for each in more.spread if each not in several)
            if several and others:
                return Maybe(wanted, AnyOf(others)), AnyOf(several)
    return query, None


def rescored(query: Json) -> Json:
    """What is added to a search so that the best get the scores of a query too."""
    both = {"rescore_query": query, "query_weight": 1.0, "rescore_query_weight": 1.0}
    return {"rescore": {"window_size": WINDOW, "query": both}}
