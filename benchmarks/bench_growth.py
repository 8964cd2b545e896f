"""How do build time, memory and query time grow with the corpus?

    python benchmarks/bench_growth.py --docs poems.jsonl.gz --queries queries.tsv --plot docs/growth.svg

The corpus is tiled ×1, ×2, ×4 with the lines of each document shuffled, so that terms recur and documents
differ. Each size is built and queried in a process of its own. The plot is drawn here, as SVG.
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

FACTORS = (1, 2, 4)
SERIES = {"build cpu_s": "build, CPU s", "rss_mb": "peak memory, MB", "grams or": "OR of pairs, p50 ms"}


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
    return {"build cpu_s": built["cpu_s"], "disk_mb": built["disk_mb"], "rss_mb": built["rss_mb"], **times}


def draw(results: dict[int, dict[str, float]]) -> str:
    """The series over the factor as SVG: each relative to its value at ×1, beside the line of growth."""
    shapes = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 320" font-family="sans-serif">']
    shapes.append('<rect width="480" height="320" fill="white"/>')

    def point(factor: float, ratio: float) -> str:
        return f"{50 + factor * 80:.1f},{290 - ratio * 60:.1f}"

    def line(values: list[tuple[float, float]], color: str, label: str, dashes: str = "") -> None:
        points = " ".join(point(*value) for value in values)
        shapes.append(f'<polyline points="{points}" fill="none" stroke="{color}" {dashes}/>')
        x, y = point(*values[-1]).split(",")
        shapes.append(f'<text x="{x}" y="{y}" dx="4" font-size="10" fill="{color}">{label}</text>')

    line([(1, 1), (4, 4)], "#999", "linear", 'stroke-dasharray="4"')
    for (name, label), color in zip(SERIES.items(), ("#06c", "#a40", "#080"), strict=True):
        first = results[FACTORS[0]][name]
        line([(factor, found[name] / first) for factor, found in results.items()], color, label)
    for factor in FACTORS:
        x, y = point(factor, 0).split(",")
        shapes.append(f'<text x="{x}" y="{y}" dy="16" font-size="10">×{factor}</text>')
        x, y = point(0.2, factor).split(",")
        shapes.append(f'<text x="{x}" y="{y}" font-size="10">×{factor}</text>')
    return "\n".join([*shapes, "</svg>"])


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
    parser.add_argument("--factor", type=int)
    options = parser.parse_args()
    if options.factor:
        print(json.dumps(measure(options)))
        return
    results: dict[int, dict[str, float]] = {}
    for factor in FACTORS:
        command = [sys.executable, *sys.argv, "--factor", str(factor)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results[factor] = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"×{factor}", done.stdout.strip().splitlines()[-1], flush=True)
    Path(options.plot).write_text(draw(results), encoding="utf-8")


if __name__ == "__main__":
    main()
