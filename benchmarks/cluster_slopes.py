"""What does a query cost on a cluster as an archive grows? The same requests to an index of 1, 4, … copies.

    python benchmarks/cluster_slopes.py SET --hosts http://127.0.0.1:9200 --work DIR [--times 1,4]

The set is one that `bench_cluster.py` indexed in DIR. Its documents are analyzed once, and loaded so many
times into an index of one shard with our mapping; copies are no groups here. Then each gets the requests
that queries make of the real one, in turn: whole, all scored at once (`asked`) and common terms last
(`common last`), each without counts too (`hits`, `hits, common last`), and counts alone (`counts`). Printed
are ms a request, on the node, and its CPU; and in how many the first ten of both have the same scores.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench_cluster import configs, documents, nodes_cpu, questions
from opensearchpy import OpenSearch

from indexer import Searcher
from indexer.config import Config
from indexer.documents.document import document_of
from indexer.engine import open_engine
from indexer.engine.opensearch.asking import AskedIndex
from indexer.engine.opensearch.cluster import Answer, Cluster
from indexer.engine.opensearch.entries import body_of
from indexer.engine.opensearch.generations import Indices
from indexer.engine.opensearch.loading import Entry, entry_of, load
from indexer.engine.opensearch.mapping import index_of
from indexer.pipeline import Stages, batches

INDEX = "hansou-slopes-{}"
LONGEST = 1_000
"""Requests are told from others by their length: filters and counts of a whole index are short."""
Body = dict[str, Any]


def requests(config: Config, folder: Path, most: int) -> list[Body]:
    """What queries ask of the index."""
    found: list[Body] = []
    ask = AskedIndex.search

    def noted(self: AskedIndex, body: Body, deadline: float | None = None) -> Answer:
        if len(json.dumps(body)) > LONGEST:
            found.append({name: part for name, part in body.items() if name != "timeout"})
        return ask(self, body, deadline)

    AskedIndex.search = noted  # type: ignore[method-assign]
    with Searcher.open(config) as searcher:
        for _, text in questions(folder, most):
            searcher.search(text)
    AskedIndex.search = ask  # type: ignore[method-assign]
    return found


def rows(folder: Path, config: Config, times: int, spool: Path) -> Iterator[Entry]:
    """The documents so many times; what is sent of each is kept in a file, for the next index."""
    if not spool.exists():
        with spool.open("wb") as lines:
            stages = Stages(config)
            for batch in batches(map(document_of, documents(folder))):
                lines.writelines(body_of(fields) + b"\n" for fields in stages(batch))
    number = 0
    for _ in range(times):
        with spool.open("rb") as lines:
            for line in lines:
                yield entry_of(line.rstrip(b"\n"), number, None)
                number += 1


def build(cluster: Cluster, client: OpenSearch, config: Config, folder: Path, times: int, work: Path) -> str:
    """An index of copies, where there is none."""
    index = INDEX.format(times)
    if client.indices.exists(index=index) and client.count(index=index)["count"]:
        return index
    client.indices.delete(index=index, ignore=[404])
    indices = Indices(cluster, config.engine.index)
    scales = indices.load(open_engine(config).live()).scales
    cluster.ask("PUT", f"/{index}", index_of(scales, 1))
    started = time.perf_counter()
    load(cluster, index, rows(folder, config, times, work / f"{folder.name}.lines"), lambda: None)
    client.indices.refresh(index=index)
    count = client.count(index=index)["count"]
    client.indices.flush(index=index)
    size_mb = client.indices.stats(index=index)["_all"]["primaries"]["store"]["size_in_bytes"] / 1e6
    segments = client.indices.stats(index=index)["_all"]["primaries"]["segments"]["count"]
    took = time.perf_counter() - started
    print(f"x{times}: {count:,} documents, {size_mb:,.0f} MB, {segments} segments, {took:.0f} s", flush=True)
    return index


def variants(whole: Body, last: Body) -> dict[str, Body]:
    """A request that scores at once, and common terms last, and what may be left out of it."""
    hits, last_hits = (
        {name: part for name, part in body.items() if name != "aggs"} for body in (whole, last)
    )
    counts = {"query": whole["query"], "size": 0, "track_total_hits": True, "aggs": whole.get("aggs", {})}
    return {
        "asked": whole,
        "common last": last,
        "hits": hits,
        "hits, common last": last_hits,
        "counts": counts,
    }


def first_ten(answer: Mapping[str, Any]) -> list[float]:
    """The scores of the first ten hits, as far as they can be told apart."""
    scores = sorted((hit["_score"] for hit in answer["hits"]["hits"]), reverse=True)
    return [float(f"{score:.5g}") for score in scores[:10]]


def main() -> None:
    """Measure the set on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--hosts", default="http://127.0.0.1:9200")
    parser.add_argument("--work", type=Path, default=Path("artifacts/cluster-bench"))
    parser.add_argument("--times", default="1,4")
    parser.add_argument("--queries", type=int, default=100)
    given = parser.parse_args()
    hosts = given.hosts.split(",")
    config, last = (configs(given.set, hosts, given.work, 1, each)["cluster"] for each in (False, True))
    client = OpenSearch(hosts, timeout=120)
    cluster = Cluster(config.engine)
    pairs = [*zip(*(requests(each, given.set, given.queries) for each in (config, last)), strict=True)]
    indices = {
        int(times): build(cluster, client, config, given.set, int(times), given.work)
        for times in given.times.split(",")
    }
    took: dict[tuple[int, str], list[float]] = {}
    cpu: dict[tuple[int, str], float] = {}
    first: dict[tuple[int, str], list[list[float]]] = {}
    # The first round warms up.
    for warm in (False, True):
        for name in variants(*pairs[0]):
            for times, index in indices.items():
                before = nodes_cpu(client)
                answers = [
                    client.search(index=index, body=variants(*pair)[name], request_cache=False)
                    for pair in pairs
                ]
                if warm:
                    took[times, name] = [answer["took"] for answer in answers]
                    cpu[times, name] = (nodes_cpu(client) - before) / len(pairs)
                    first[times, name] = [*map(first_ten, answers)]
    for (times, name), own in took.items():
        mean, p50, p95 = statistics.mean(own), statistics.median(own), sorted(own)[int(len(own) * 0.95)]
        print(
            f"x{times:<3} {name:17} took mean {mean:6.1f}  p50 {p50:6.0f}  p95 {p95:6.0f}"
            f"  CPU {cpu[times, name]:6.1f}"
        )
    for times in indices:
        same = sum(
            one == two
            for one, two in zip(first[times, "hits"], first[times, "hits, common last"], strict=True)
        )
        print(f"x{times:<3} the same first ten in {same} of {len(pairs)}")


if __name__ == "__main__":
    main()
