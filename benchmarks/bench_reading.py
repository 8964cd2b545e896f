"""How fast is the reading room? Concordances, export and listings over an index that is there.

    python -m benchmarks.bench_reading --config poems/config.toml 不 人 "不 人 花 一"

Times are of the process's own work (CPU), the best of three but for what is sorted, which is remembered.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

from indexer import Searcher, load_config, written_lines


def milliseconds(run: Callable[[], object], times: int = 3) -> float:
    """What a call takes at best."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best * 1000


def measure(searcher: Searcher, query: str) -> str:
    """One line about a query."""
    page = searcher.concordance(query)
    first = milliseconds(lambda: searcher.concordance(query))
    search = milliseconds(lambda: searcher.search(query))
    ordered = milliseconds(lambda: searcher.concordance(query, sort="left", by=3), 1)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    lines = sum(piece.count("\n") for piece in written_lines(searcher.lines(query, most=None), "jsonl"))
    rate = lines / (time.process_time() - started)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return (
        f"{query}: {page.total:,} places in {page.documents:,} documents; first page {first:.1f} ms, "
        f"sorted {ordered:.0f} ms; export {rate:,.0f} lines/s, {grown:,} kB more; search {search:.1f} ms"
    )


def main() -> None:
    """Measure each query that is given."""
    parser = argparse.ArgumentParser(description="How fast is the reading room?")
    parser.add_argument("--config", required=True)
    parser.add_argument("queries", nargs="+")
    arguments = parser.parse_args()
    with Searcher.open(load_config(arguments.config, {})) as searcher:
        for query in arguments.queries:
            print(measure(searcher, query))


if __name__ == "__main__":
    main()
