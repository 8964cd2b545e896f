"""How long does an update take, beside a rebuild of the same sources? In one run, as ratios.

    python benchmarks/bench_update.py --docs poems.jsonl.gz --limit 20000 --folder /tmp/update

The documents lie in one file of rows. Updates with nothing changed, and with one and ten in
a hundred rows changed here and there, are timed in turn with a rebuild of what the file holds then.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bench_index

from indexer import load_config, rebuild
from indexer.pipeline import update

SHARES = (0.0, 0.01, 0.1)


def main() -> None:
    """Print one JSON object for each share of changed rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", nargs="+", required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument(
        "--folder", type=Path, required=True, help="Where sources and indexes go; not there yet."
    )
    options = parser.parse_args()
    file = options.folder / "seeds" / "rows.jsonl"
    file.parent.mkdir(parents=True)
    (options.folder / "config.toml").write_text("", encoding="utf-8")
    config = load_config(options.folder / "config.toml", {})
    fresh = {"HANSOU_INDEX_DIRECTORY": str(options.folder / "fresh")}
    beside = load_config(options.folder / "config.toml", fresh)
    rows = [
        {"id": key, "text": text} for key, text in bench_index.read_documents(options.docs, options.limit)
    ]
    chance = random.Random(1)
    _write(file, rows)
    rebuild(config)
    for share in SHARES:
        for row in chance.sample(rows, int(len(rows) * share)):
            row["text"] += f"\n又改了{chance.randrange(1000)}"
        if share:
            _write(file, rows)
        started = time.monotonic()
        report = update(config)
        between = time.monotonic()
        rebuild(beside)
        updating, building = between - started, time.monotonic() - between
        times = {
            "update_s": round(updating, 2),
            "rebuild_s": round(building, 2),
            "ratio": round(updating / building, 4),
        }
        print(json.dumps({"changed": report.changes.changed, "of": len(rows), **times}), flush=True)


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
