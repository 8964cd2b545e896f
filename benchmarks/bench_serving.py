"""What does a serving process cost before its first answer, and what does it hold while it answers?

    python benchmarks/bench_serving.py --config config.toml --queries queries.tsv [--searches 400] [--runs 3]

Each run is a new process over an index that is already built; the first finds the compiled dictionary where
the last user of this index left it (`--cold` removes it before each run). Times are milliseconds, of the
clock and of the processor. Memory is MB from `/proc/self/smaps_rollup` (Linux): `anonymous` is what no
file backs, `private` what no other process shares, mapped files that only this process reads among it,
`rss` all that is resident. Printed is the median of the runs, one JSON line.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

QUERIES = ("软件园", "創新", "数据中心", "圖書館", "今天的天气", "明月几时有", "春風又綠江南岸", "長江")
MEMORY = {"anonymous": ("Anonymous",), "private": ("Private_Clean", "Private_Dirty"), "rss": ("Rss",)}
_TIMES = "{}_ms", "{}_cpu_ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--queries", type=Path, help="[id TAB] query, one a line")
    parser.add_argument("--searches", type=int, default=400)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="without a compiled dictionary")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(dict(measured(options))))
        return
    runs = [json.loads(output) for output in map(in_new_process, range(options.runs))]
    print(json.dumps({name: round(median(run[name] for run in runs), 2) for name in runs[0]}))


def in_new_process(_: int) -> str:
    """One run of this file with the same arguments."""
    command = [sys.executable, __file__, *sys.argv[1:], "--once"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measured(options: argparse.Namespace) -> Iterator[tuple[str, float]]:
    """All figures of this process, in the order they are taken."""
    yield from memory("started")
    indexer, times = timed("import", lambda: __import__("indexer"))
    yield from times
    yield from memory("imported")
    config = indexer.load_config(options.config)
    if options.cold:
        forget(config.index.directory / "cache")
    searcher, times = timed("open", lambda: indexer.Searcher.open(config))
    yield from times
    again, times = timed("open_again", lambda: indexer.Searcher.open(config))
    yield from times
    again.close()
    del again
    yield from memory("opened")
    queries = read_queries(options.queries)
    _, times = timed("first_search", lambda: searcher.search(queries[0]))
    yield from times
    taken: list[float] = []
    _, times = timed("searches", lambda: taken.extend(search_all(searcher, queries, options.searches)))
    yield from times
    yield "search_p50_ms", median(taken)
    yield "search_p99_ms", quantiles(taken, n=100)[98]
    yield from memory("searched")


def search_all(searcher: object, queries: list[str], count: int) -> Iterator[float]:
    """Search `count` times; the milliseconds of each."""
    for query in islice(cycle(queries), count):
        started = time.perf_counter()
        searcher.search(query)  # type: ignore[attr-defined]
        yield (time.perf_counter() - started) * 1000


def timed(name: str, do: Callable[[], object]) -> tuple[object, list[tuple[str, float]]]:
    """What `do` gives, and its milliseconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = do()
    spent = (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000
    return result, [(form.format(name), figure) for form, figure in zip(_TIMES, spent, strict=True)]


def memory(when: str) -> Iterator[tuple[str, float]]:
    """What this process holds now, MB."""
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    found = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)}
    for name, parts in MEMORY.items():
        yield f"{when}_{name}_mb", sum(found[part] for part in parts) / 1024


def read_queries(path: Path | None) -> list[str]:
    """The queries of a file, or a few of our own."""
    if path is None:
        return list(QUERIES)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.rpartition("\t")[2] for line in lines if line.strip()]


def forget(cache: Path) -> None:
    """Remove compiled dictionaries."""
    for file in cache.glob("*"):
        file.unlink()


if __name__ == "__main__":
    main()
