"""Is a cluster fit for an index? What is looked at before it is missed, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.engine.opensearch.clauses import SETTING, WANTED, allowed
from indexer.engine.opensearch.cluster import Cluster

_COLORS = {
    "green": (True, "every shard has all its copies"),
    "yellow": (True, "some shard lacks a copy: a node that ends may take documents with it"),
    "red": (False, "some shard is nowhere; GET /_cluster/allocation/explain says why"),
}


def conditions(cluster: Cluster) -> Iterator[tuple[bool, str]]:
    """See `Engine.conditions`. Raises `IndexUnreachable`."""
    version = cluster.ask("GET", "/")["version"]["number"]
    health = cluster.ask("GET", "/_cluster/health")
    ok, told = _COLORS[health["status"]]
    yield ok, f"OpenSearch {version}, nodes: {health['number_of_nodes']}; {health['status']}: {told}"
    clauses = allowed(cluster)
    if clauses < WANTED:
        yield False, f"a query may have {clauses:,} clauses, too few for long ones; set {SETTING}: {WANTED}"
    else:
        yield True, f"a query may have {clauses:,} clauses"
