"""How long does an update take beside a rebuild, and what do many leave? In one run, as ratios.

    python benchmarks/bench_update.py --docs poems.jsonl.gz --limit 20000 --folder /tmp/update
    python benchmarks/bench_update.py --docs poems.jsonl.gz --limit 20000 --folder /tmp/update --updates 100
    python benchmarks/bench_update.py … --hosts http://127.0.0.1:9200     the same on a cluster

The documents lie in one file of rows. Updates with nothing changed, and with one and ten in
a hundred rows changed here and there, are timed in turn with a rebuild of what the file holds then. With
`--updates` so many updates follow one another, each with one row in two hundred changed, taken away or
added; then what they left is held against a rebuild: pieces, room, and queries, asked in turn. Of a cluster
it is also said how many bytes it was sent, and how large the folder of the builder is.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bench_index

from indexer import Config, ResultPage, Searcher, load_config, rebuild
from indexer.engine.embedded.whoosh.index import segments_of
from indexer.pipeline import update

SHARES = (0.0, 0.01, 0.1)
EACH = 0.005
"""The share of rows that each of many updates changes."""
HAN = re.compile("[\u4e00-\u9fff]{2,}")
Row = dict[str, str]
PREFIX = "hansou-bench-update"
SENT = {"bytes": 0}


def main() -> None:
    """Print JSON objects."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", nargs="+", required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument(
        "--folder", type=Path, required=True, help="Where sources and indexes go; not there yet."
    )
    parser.add_argument("--updates", type=int, default=0)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--hosts", help="Nodes of a cluster, which is used then.")
    parser.add_argument("--shards", type=int, default=1)
    options = parser.parse_args()
    file = options.folder / "seeds" / "rows.jsonl"
    file.parent.mkdir(parents=True)
    (options.folder / "config.toml").write_text(_settings(options), encoding="utf-8")
    config = load_config(options.folder / "config.toml", {})
    fresh = {
        "HANSOU_INDEX_DIRECTORY": str(options.folder / "fresh"),
        "HANSOU_ENGINE_INDEX": f"{config.engine.index}-fresh",
    }
    beside = load_config(options.folder / "config.toml", fresh)
    rows = [
        {"id": key, "text": text} for key, text in bench_index.read_documents(options.docs, options.limit)
    ]
    _write(file, rows)
    rebuild(config, allow_shrink=True)
    if options.updates:
        updated_often(config, beside, file, rows, options.updates, options.queries)
    else:
        updated_once(config, beside, file, rows)


def _settings(options: argparse.Namespace) -> str:
    if not options.hosts:
        return ""
    _count_sent()
    where = f'hosts = {json.dumps(options.hosts.split(","))}\nindex = "{PREFIX}"'
    return f'[engine]\nkind = "opensearch"\n{where}\nshards = {options.shards}\nreplicas = 0\n'


def _count_sent() -> None:
    """Have it counted in `SENT` what clusters are sent."""
    from indexer.engine.opensearch.cluster import Cluster

    ask = Cluster.ask

    def counted(self: Cluster, method: str, path: str, body: Any = None, **more: Any) -> Any:
        SENT["bytes"] += len(body) if isinstance(body, bytes) else len(json.dumps(body or ""))
        return ask(self, method, path, body, **more)

    Cluster.ask = counted  # type: ignore[method-assign]


def _sent_mb() -> float:
    """The megabytes that a cluster was sent since this was asked last."""
    sent, SENT["bytes"] = SENT["bytes"], 0
    return round(sent / 1e6, 2)


def updated_once(config: Config, beside: Config, file: Path, rows: list[Row]) -> None:
    """A line for each share of changed rows: an update in turn with a rebuild."""
    chance = random.Random(1)
    for share in SHARES:
        for row in chance.sample(rows, int(len(rows) * share)):
            row["text"] += f"\n又改了{chance.randrange(1000)}"
        if share:
            _write(file, rows)
        _sent_mb()
        started = time.monotonic()
        report = update(config)
        between, sent = time.monotonic(), _sent_mb()
        rebuild(beside, allow_shrink=True)
        updating, building = between - started, time.monotonic() - between
        times = {
            "update_s": round(updating, 2),
            "rebuild_s": round(building, 2),
            "ratio": round(updating / building, 4),
        }
        if config.engine.kind != "embedded":
            times |= {"update_mb": sent, "rebuild_mb": _sent_mb(), "folder_mb": _room_mb(config)}
        print(json.dumps({"changed": report.changes.changed, "of": len(rows), **times}), flush=True)


def _room_mb(config: Config) -> float:
    """The megabytes of the folder of a builder; what has several names counts once."""
    files = {(found := path.stat()).st_ino: found.st_size for path in config.index.directory.rglob("*")}
    return round(sum(files.values()) / 1e6, 1)


def updated_often(
    config: Config, beside: Config, file: Path, rows: list[Row], updates: int, queries: int
) -> None:
    """A line for every tenth update, then one that compares what they left with a rebuild."""
    chance = random.Random(1)
    times, pieces, size = [], [], 0
    for number in range(updates):
        _change(rows, chance, number)
        _write(file, rows)
        started = time.monotonic()
        report = update(config)
        times.append(time.monotonic() - started)
        kept = "" if config.engine.kind == "embedded" else f"spool/{PREFIX}"
        pieces.append(
            len(segments_of(config.index.directory / kept / "generations" / report.generation.name))
        )
        size = max(size, report.generation.bytes)
        if number % 10 == 9:
            said = {"updates": number + 1, "median_s": round(statistics.median(times[-10:]), 2)}
            print(
                json.dumps({**said, "most_s": round(max(times[-10:]), 2), "pieces": pieces[-10:]}), flush=True
            )
    started = time.monotonic()
    generation = rebuild(beside, allow_shrink=True).generation
    found = {
        "rebuild_s": round(time.monotonic() - started, 2),
        "update_s": round(statistics.median(times), 2),
    }
    room = {"most_pieces": max(pieces), "bytes_ratio": round(report.generation.bytes / generation.bytes, 3)}
    room["most_bytes_ratio"] = round(size / generation.bytes, 3)
    asked = [*_queries(rows, random.Random(2), queries)]
    print(json.dumps({**found, **room, **_compared(config, beside, asked)}), flush=True)


def _change(rows: list[Row], chance: random.Random, number: int) -> None:
    """One row in two hundred is another: three of five are changed, of the others as many come as go."""
    count = max(5, int(len(rows) * EACH))
    for row in chance.sample(rows, count * 3 // 5):
        row["text"] += f"\n又改了{chance.randrange(1000)}"
    for at in range(count // 5):
        del rows[chance.randrange(len(rows))]
        text = chance.choice(rows)["text"] + "\n" + chance.choice(rows)["text"]
        rows.insert(chance.randrange(len(rows)), {"id": f"new {number} {at}", "text": text})


def _queries(rows: Sequence[Row], chance: random.Random, count: int) -> Iterator[str]:
    """Pieces of what documents say: words, strings, two words, phrases."""
    while count:
        runs = HAN.findall(chance.choice(rows)["text"])
        if not runs:
            continue
        parts = [_piece(chance.choice(runs), chance) for _ in range(chance.choice((1, 1, 2)))]
        yield f'"{parts[0]}"' if chance.random() < 0.2 else " ".join(parts)
        count -= 1


def _piece(run: str, chance: random.Random) -> str:
    size = min(len(run), chance.randint(1, 6))
    at = chance.randint(0, len(run) - size)
    return run[at : at + size]


def _compared(config: Config, beside: Config, queries: Sequence[str]) -> Mapping[str, Any]:
    """Both are asked in turn, the one or the other first, in three passes of which the fastest counts."""
    best: dict[str, list[float]] = {}
    differing = set()
    with Searcher.open(config) as updated, Searcher.open(beside) as rebuilt:
        for turn in range(3):
            for query in queries:
                pair = [updated, rebuilt]
                pages, times = {}, {}
                for at in (turn % 2, 1 - turn % 2):
                    started = time.perf_counter()
                    pages[at] = pair[at].search(query, size=10)
                    times[at] = time.perf_counter() - started
                before = best.get(query, [1e9, 1e9])
                best[query] = [min(before[at], times[at]) for at in (0, 1)]
                if _said(pages[0]) != _said(pages[1]):
                    differing.add(query)
    p50 = [statistics.median(each[at] for each in best.values()) * 1000 for at in (0, 1)]
    return {
        "queries": len(queries),
        "differing": [*differing][:5] if differing else 0,
        "p50_ms": round(p50[0], 3),
        "rebuilt_p50_ms": round(p50[1], 3),
        "p50_ratio": round(p50[0] / p50[1], 3),
    }


def _said(page: ResultPage) -> Any:
    """What a page says but for times, with scores to six digits."""
    hits = [(hit.id, round(hit.score, 6), [snippet.text for snippet in hit.snippets]) for hit in page.hits]
    return hits, page.total, page.facets, page.suggestion


def _write(file: Path, rows: list[Row]) -> None:
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
