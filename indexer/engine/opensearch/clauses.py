"""How many clauses may a query have? As many as the cluster allows, which patterns make use of last.

Terms of a query are bounded by its length; what a pattern stands for is not. **So where a query is too large,
patterns stand for fewer terms, and who asked is told that the total is a lower bound.**
"""

from __future__ import annotations

from collections.abc import Callable

from indexer.engine.embedded.search.expansion import MAX_EXPANSIONS
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.mapping import Json
from indexer.engine.opensearch.queries import Queries
from indexer.errors import QueryTooLong

SETTING = "indices.query.bool.max_clause_count"
USUAL, WANTED = 1_024, 8_192
"""What a cluster allows by default, and what is enough for any query without patterns."""
_LEAVES = {"term", "span_term", "match", "match_phrase", "exists", "range", "ids", "match_all", "match_none"}
_SCORED = {"function_score", "script_score"}

Value = Json | list[Json] | str | float | None


def allowed(cluster: Cluster) -> int:
    """How many clauses the cluster allows; the usual number where it may not be asked."""
    parameters = {"include_defaults": "true", "filter_path": f"*.{SETTING}"}
    found = cluster.ask("GET", "/_cluster/settings", parameters=parameters, accept=(403, 404))
    for kind in ("transient", "persistent", "defaults"):
        told = found.get(kind)
        for part in SETTING.split("."):
            told = told.get(part) if isinstance(told, dict) else None
        if told:
            return int(told)
    return USUAL


def count(query: Value) -> int:
    """How many clauses a query has, as the cluster counts them, or some more.

    >>> count({"bool": {"should": [{"term": {"a": "b"}}, {"match_all": {}}]}})
    2
    """
    if isinstance(query, list):
        return sum(map(count, query))
    if not isinstance(query, dict):
        return 0
    return sum(1 if kind in _LEAVES else count(part) + (kind in _SCORED) for kind, part in query.items())


def fitting(
    queries: Callable[[int], Queries], made: Callable[[Queries], Json | None], most: int
) -> tuple[Json | None, Queries]:
    """What is made, in at most `most` clauses, of queries whose patterns stand for so many terms, and these.

    Raises `QueryTooLong` where it has more with the least of patterns.
    """
    expansions = MAX_EXPANSIONS
    while True:
        own = queries(expansions)
        query = made(own)
        clauses = count(query)
        if clauses <= most:
            return query, own
        if expansions == 1:
            raise QueryTooLong(
                f"the query has {clauses:,} clauses, and the cluster allows {most:,}; "
                f"ask for less, or set {SETTING}: {WANTED} there"
            )
        expansions = max(1, min(expansions // 2, expansions * most // clauses))
