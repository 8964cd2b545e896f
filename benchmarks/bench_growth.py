"""How do build time, memory and query time grow with the corpus?

    python benchmarks/bench_growth.py --docs poems.jsonl.gz --queries queries.tsv --plot docs/growth.svg

The corpus is tiled ×1, ×4, ×10 with the lines of each document shuffled, so that terms recur and documents
differ. Each size is built, and opened and queried after, in a process of its own; with `--rounds` all sizes
again and again, of which the least of each figure counts: what else runs on a machine only adds. The plot is
drawn here, as SVG.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bench_index

FACTORS = (1, 4, 10)
SERIES = {
    "build cpu_s": "build, CPU",
    "disk_mb": "index size",
    "rss_mb": "peak memory",
    "words or": "OR of words, p50",
    "grams or": "OR of pairs, p50",
}
COLORS = ("#06c", "#777", "#a40", "#808", "#080")


def tiled(paths: list[str], factor: int, limit: int | None) -> Iterator[tuple[str, str]]:
    """The documents `factor` times, each copy with its lines in another order."""
    for copy in range(factor):
        chance = random.Random(copy)
        for key, text in bench_index.read_documents(paths, limit):
            lines = text.split("\n")
            chance.shuffle(lines)
            yield f"{key}-{copy}", "\n".join(lines)


def measure(options: argparse.Namespace) -> dict[str, float]:
    """One size: what `bench_index` measures of this index, flat."""
    documents = tiled(options.docs, options.factor, options.limit)
    built = bench_index.measure_build("hansou", options, documents)
    asked = bench_index.measure_queries("hansou", options)
    times = {name: found[0] for name, found in asked.items() if isinstance(found, tuple)}
    costs = {"build cpu_s": built["cpu_s"], "disk_mb": built["disk_mb"], "rss_mb": built["rss_mb"]}
    return {**costs, "open_ms": asked["open_ms"], "first_ms": asked["first_ms"], **times}


def draw(results: dict[int, dict[str, float]]) -> str:
    """The series over the factor as SVG: each relative to its value at the least, beside linear growth."""
    least, most = min(results), max(results)
    first = results[least]

    def place(factor: float, ratio: float) -> tuple[float, float]:
        """Where a factor of growth and a ratio stand in the plot."""
        return 30 + factor / most * 320, 290 - ratio * least / most * 240

    lines = [("linear", "#999", [(factor, factor / least) for factor in results])]
    for (name, label), color in zip(SERIES.items(), COLORS, strict=True):
        ratios = [(factor, found[name] / first[name]) for factor, found in results.items()]
        lines.append((f"{label} ×{ratios[-1][1]:.2f}", color, ratios))
    shapes = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 320" font-family="sans-serif">']
    shapes.append('<rect width="500" height="320" fill="white"/>')
    below = 0.0
    for label, color, ratios in sorted(lines, key=lambda line: -line[2][-1][1]):
        points = " ".join("{:.1f},{:.1f}".format(*place(*pair)) for pair in ratios)
        dashes = ' stroke-dasharray="4"' if label == "linear" else ""
        shapes.append(f'<polyline points="{points}" fill="none" stroke="{color}"{dashes}/>')
        x, y = place(*ratios[-1])
        # Labels of lines that end close together stand one below the other.
        below = max(y, below + 12)
        shapes.append(f'<text x="{x + 4:.0f}" y="{below:.0f}" font-size="10" fill="{color}">{label}</text>')
    for factor in results:
        across, up = place(factor, 0)[0], place(0, factor / least)[1]
        shapes.append(f'<text x="{across:.0f}" y="308" font-size="10">×{factor}</text>')
        shapes.append(f'<text x="8" y="{up:.0f}" font-size="10">×{factor / least:g}</text>')
    return "\n".join([*shapes, "</svg>\n"])


def main() -> None:
    """Measure all sizes, print them and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", nargs="+", required=True)
    parser.add_argument("--queries", nargs="+", required=True)
    parser.add_argument("--plot", default="docs/growth.svg")
    parser.add_argument("--work", default="artifacts/growth")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--factors", type=int, nargs="+", default=FACTORS)
    parser.add_argument("--factor", type=int)
    options = parser.parse_args()
    if options.factor:
        print(json.dumps(measure(options)))
        return
    results: dict[int, dict[str, float]] = {}
    for factor in [*options.factors] * options.rounds:
        command = [sys.executable, *sys.argv, "--factor", str(factor)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"×{factor}", json.dumps(found), flush=True)
        before = results.get(factor, found)
        results[factor] = {name: min(value, before[name]) for name, value in found.items()}
    if options.rounds > 1:
        for factor, least in results.items():
            print(f"least ×{factor}", json.dumps(least))
    Path(options.plot).write_text(draw(results), encoding="utf-8")


if __name__ == "__main__":
    main()
