"""Does a cluster give the embedded engine's answers, and what do they cost beside plain OpenSearch indexes?

    python benchmarks/bench_cluster.py SET... --hosts http://127.0.0.1:9200 --work DIR [--queries 500]

A set is a directory with `docs.jsonl` (or .gz), `queries*.tsv` and `qrels.tsv`. Each is indexed by both
engines, and with --plain as two plain indexes on the same cluster: `cjk`, title and text by the analyzer of
that name, and `stock`, our words by whitespace, and pairs and characters by `cjk_bigram`. Queries
are asked in turn; with --common-last the cluster as a large index is. Printed are:

- in how many queries first hit, first ten in order, total, facets, snippets and suggestion are equal;
- of each index MRR@10, p50 and p95 in ms, CPU of nodes and of this process in ms a query;
- documents a second of the build, without and with analysis, and bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from indexer import Config, ResultPage, Searcher, rebuild
from indexer.config import EngineSettings, IndexSettings, SourceSettings
from indexer.engine import open_engine
from indexer.text.analyzer import Analyzer, load_analyzer
from indexer.text.normalize import normalize

PREFIX = "hansou-bench"
LOT = 1_000
PLAIN = {
    "cjk": {"text": {"type": "text", "analyzer": "cjk"}},
    "stock": {
        "words": {"type": "text", "analyzer": "whitespace"},
        "pairs": {"type": "text", "analyzer": "pairs"},
    },
}
ANALYSIS = {
    "filter": {"both": {"type": "cjk_bigram", "output_unigrams": True}},
    "analyzer": {"pairs": {"tokenizer": "standard", "filter": ["lowercase", "both"]}},
}


@dataclass(slots=True)
class Measured:
    """What asking an index came to: seconds, reciprocal ranks, CPU of the nodes and of this process in ms."""

    seconds: list[float] = field(default_factory=list)
    ranks: list[float] = field(default_factory=list)
    nodes_ms: float = 0.0
    own_ms: float = 0.0

    def line(self, name: str) -> str:
        """A row of the table."""
        times = sorted(self.seconds)
        count = len(times)
        p50, p95 = (times[int(count * part)] * 1000 for part in (0.5, 0.95))
        mrr = statistics.fmean(self.ranks)
        return (
            f"{name:9} MRR@10 {mrr:.4f}  p50 {p50:6.1f}  p95 {p95:6.1f}"
            f"  CPU nodes {self.nodes_ms / count:6.1f}  here {self.own_ms / count:6.1f}"
        )


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """The documents of a set."""
    plain = folder / "docs.jsonl"
    with plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz", "rb") as lines:
        for line in lines:
            yield json.loads(line)


def questions(folder: Path, most: int) -> list[tuple[str, str]]:
    """Some queries of a set, by chance, always the same: id and text."""
    found = []
    for path in sorted(folder.glob("queries*.tsv")):
        found += [tuple(line.split("\t", 1)) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(7).shuffle(found)
    return [(id, text.strip()) for id, text in found[:most]]


def relevant(folder: Path) -> Mapping[str, set[str]]:
    """The relevant documents of each query."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        parts = line.split("\t")
        found[parts[0]].add(parts[-1] if len(parts) == 2 else parts[2])
    return found


def source_of(folder: Path) -> Path:
    """The file of a set's documents."""
    plain = folder / "docs.jsonl"
    return plain if plain.exists() else folder / "docs.jsonl.gz"


def configs(
    folder: Path, hosts: Sequence[str], work: Path, shards: int, common_last: bool = False
) -> dict[str, Config]:
    """A configuration for each engine."""
    config = Config(
        index=IndexSettings(directory=work / f"{folder.name}-embedded", workers=1),
        sources=(SourceSettings(path=source_of(folder)),),
    )
    prefix = f"{PREFIX}-{folder.name.replace('_', '-')}"
    engine = EngineSettings("opensearch", tuple(hosts), prefix, shards=shards, replicas=0)
    engine = replace(engine, exact_up_to=0) if common_last else engine
    cluster = replace(config, engine=engine, index=IndexSettings(directory=work / f"{folder.name}-cluster"))
    return {"embedded": config, "cluster": cluster}


def nodes_cpu(client: OpenSearch) -> float:
    """Milliseconds that the nodes' processes took until now."""
    stats = client.nodes.stats(metric="process")["nodes"].values()
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in stats))


def plain_index(client: OpenSearch, name: str, folder: Path, analyzer: Analyzer) -> str:
    """Make a plain index; prints how many documents a second it took, after they were analyzed."""
    index = f"{PREFIX}-plain-{name}"
    client.indices.delete(index=index, ignore=[404])
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1, "analysis": ANALYSIS}
    client.indices.create(index, {"settings": settings, "mappings": {"properties": PLAIN[name]}})
    rows, spent, count = [], 0.0, 0
    for document in documents(folder):
        text = f"{document.get('title') or ''}。{document['text']}"
        fields = (
            {"text": text} if name == "cjk" else {"pairs": normalize(text), "words": _words(text, analyzer)}
        )
        rows += json.dumps({"index": {"_id": document["id"]}}), json.dumps(fields, ensure_ascii=False)
        count += 1
        if len(rows) >= 2 * LOT:
            spent += _sent(client, index, rows)
            rows = []
    spent += _sent(client, index, rows)
    started = time.perf_counter()
    client.indices.refresh(index=index)
    client.indices.flush(index=index)
    spent += time.perf_counter() - started
    size = client.indices.stats(index=index)["_all"]["primaries"]["store"]["size_in_bytes"]
    print(f"{name:9} {count / spent:8.0f} documents/s loaded  {size / 1e6:8.1f} MB")
    return index


def _words(text: str, analyzer: Analyzer) -> str:
    return " ".join(word.replace(" ", "") for word in analyzer.word_terms(text))


def _sent(client: OpenSearch, index: str, rows: Sequence[str]) -> float:
    if not rows:
        return 0.0
    started = time.perf_counter()
    if client.bulk(body="\n".join([*rows, ""]), index=index, timeout="120s", request_timeout=120)["errors"]:
        raise SystemExit(f"{index}: the cluster refused documents")
    return time.perf_counter() - started


def plain_query(name: str, text: str, analyzer: Analyzer) -> dict[str, Any]:
    """A query as somebody would write it who has no Hansou."""
    if name == "cjk":
        return {"match": {"text": text}}
    matches = {"pairs": normalize(text), "words": _words(text, analyzer)}
    return {"bool": {"should": [{"match": {field: query}} for field, query in matches.items()]}}


def ranks(ids: Sequence[str], wanted: set[str]) -> float:
    """1 by the place of the first relevant document among the first ten, else 0."""
    return next((1 / place for place, id in enumerate(ids[:10], 1) if id in wanted), 0.0)


def same(one: ResultPage, other: ResultPage) -> dict[str, bool]:
    """In what two pages are equal."""
    ids = [[hit.id for hit in page.hits] for page in (one, other)]
    snippets = [[hit.snippets for hit in page.hits] for page in (one, other)]
    return {
        "first hit": ids[0][:1] == ids[1][:1],
        "first ten": ids[0] == ids[1],
        "total": (one.total, one.distinct) == (other.total, other.distinct),
        "facets": one.facets == other.facets,
        "snippets": snippets[0] == snippets[1],
        "suggestion": one.suggestion == other.suggestion,
    }


def timed(measured: Measured, client: OpenSearch, ask: Callable[[], Any]) -> Any:
    """What a question gives; what it took is added."""
    before, own, started = nodes_cpu(client), time.process_time(), time.perf_counter()
    found = ask()
    measured.seconds.append(time.perf_counter() - started)
    measured.own_ms += (time.process_time() - own) * 1000
    measured.nodes_ms += nodes_cpu(client) - before
    return found


def build(name: str, config: Config) -> None:
    """Build an index of ours, and say how fast."""
    started = time.perf_counter()
    report = rebuild(config, allow_shrink=True)
    took = time.perf_counter() - started
    count, size = report.counts.documents, report.generation.bytes
    print(f"{name:9} {count / took:8.0f} documents/s in all  {size / 1e6:8.1f} MB  ({count:,} documents)")


def compare(
    folder: Path, hosts: Sequence[str], work: Path, most: int, shards: int, plain: bool, common_last: bool
) -> None:
    """Measure one set."""
    print(f"== {folder.name}")
    client = OpenSearch(list(hosts))
    ours = configs(folder, hosts, work, shards, common_last)
    analyzer = load_analyzer(ours["embedded"])
    for name, config in ours.items():
        if not open_engine(config).documents():
            build(name, config)
    indices = {name: plain_index(client, name, folder, analyzer) for name in PLAIN} if plain else {}
    searchers = {name: Searcher.open(config) for name, config in ours.items()}
    wanted, asked = relevant(folder), questions(folder, most)
    measured = {name: Measured() for name in (*searchers, *indices)}
    equal: dict[str, int] = defaultdict(int)
    for id, text in asked:
        pages = {}
        for name, searcher in searchers.items():
            pages[name] = timed(measured[name], client, partial(searcher.search, text))
            measured[name].ranks.append(ranks([hit.id for hit in pages[name].hits], wanted[id]))
        for name, index in indices.items():
            body = {"query": plain_query(name, text, analyzer), "track_total_hits": True, "_source": False}
            found = timed(measured[name], client, partial(client.search, index=index, body=body))
            measured[name].ranks.append(ranks([hit["_id"] for hit in found["hits"]["hits"]], wanted[id]))
        for what, is_so in same(pages["embedded"], pages["cluster"]).items():
            equal[what] += is_so
            if not is_so:
                print(f"not equal, {what}: {text}")
    print("equal of", len(asked), dict(equal))
    for name, own in measured.items():
        print(own.line(name))
    for searcher in searchers.values():
        searcher.close()


def main() -> None:
    """Measure the sets on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--hosts", default="http://127.0.0.1:9200")
    parser.add_argument("--work", type=Path, default=Path("artifacts/cluster-bench"))
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="the plain indexes too")
    parser.add_argument("--common-last", action="store_true", help="as in a large index")
    given = parser.parse_args()
    for folder in given.sets:
        hosts = given.hosts.split(",")
        compare(folder, hosts, given.work, given.queries, given.shards, given.plain, given.common_last)


if __name__ == "__main__":
    main()
