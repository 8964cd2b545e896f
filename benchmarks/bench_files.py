"""What does an archive of many small files cost that hardly changes? An update, and a file dropped into it.

    python benchmarks/bench_files.py --files 100000 --folder /tmp/files
    python benchmarks/bench_files.py --files 100000 --folder /tmp/files --watch

Files of some sentences lie in folders of a thousand. An update with nothing changed is timed in turn with
`find -newer`, which lists them too. With `--watch` files are dropped beside `hansou watch`: one at a time,
each timed until it is found, then ten thousand at once, for which its updates are counted.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from indexer import Config, Searcher, load_config, rebuild
from indexer.engine import open_engine
from indexer.pipeline import update

SIGNS = "無錫園區湖邊清晨安靜早餐車聲遠處水鳥渡輪夜市燈籠碼頭胡同鈴聲颱風工程師天地玄黃宇宙洪荒日月盈昃"
IN_FOLDER = 1000
TURNS = 3
PROGRAM = "from indexer.cli import main; main()"
POLL_S = 0.02
LONGEST_S = 600.0


def main() -> None:
    """Print JSON objects."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True, help="Where files and index go.")
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--at-once", type=int, default=10_000)
    options = parser.parse_args()
    source = options.folder / "seeds"
    source.mkdir(parents=True, exist_ok=True)
    (options.folder / "config.toml").write_text("", encoding="utf-8")
    config = load_config(options.folder / "config.toml", {})
    if not any(source.iterdir()):
        write(source, options.files)
        time.sleep(2)  # a file that is as young as the clock is coarse may change yet
        started = time.monotonic()
        counts = rebuild(config).counts
        seconds = round(time.monotonic() - started, 1)
        print(
            json.dumps({"files": options.files, "documents": counts.documents, "rebuild_s": seconds}),
            flush=True,
        )
    if options.watch:
        watched(config, source, options.at_once)
    else:
        unchanged(config, source)


def write(folder: Path, count: int, name: str = "f") -> None:
    """So many small files, a thousand in a folder."""
    chance = random.Random(name)
    for number in range(count):
        inner = folder / f"{name}{number // IN_FOLDER:04}"
        if number % IN_FOLDER == 0:
            inner.mkdir()
        text = "".join(chance.choices(SIGNS, k=chance.randint(20, 120)))
        (inner / f"{number}.txt").write_text(f"{text}。第{name}{number}號", encoding="utf-8")


def unchanged(config: Config, source: Path) -> None:
    """An update of nothing, in turn with a listing."""
    updates, listings = [], []
    for _ in range(TURNS):
        started = time.monotonic()
        changes = update(config).changes
        between = time.monotonic()
        subprocess.run(
            ["find", source, "-type", "f", "-newer", config.index.directory / "CURRENT"], check=True
        )
        updates.append(between - started)
        listings.append(time.monotonic() - between)
    found = {
        "unchanged": changes.unchanged,
        "changed": sum(changes[:3]),
        "update_s": round(min(updates), 2),
        "find_s": round(min(listings), 2),
        "ratio": round(min(updates) / min(listings), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    print(json.dumps(found), flush=True)


def watched(config: Config, source: Path, at_once: int) -> None:
    """Files that are dropped beside `hansou watch`: one by one, then many."""
    command = [sys.executable, "-c", PROGRAM, "--config", str(config.base / "config.toml"), "watch"]
    log = config.base / "watch.log"
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            times = [_found_after(config, source, f"甲{number}") for number in range(6)]
            generations, before = {open_engine(config).live()}, open_engine(config).documents()
            started = time.monotonic()
            write(source, at_once, f"g{before}")
            written = time.monotonic() - started
            while open_engine(config).documents() < before + at_once:
                generations.add(open_engine(config).live())
                time.sleep(POLL_S)
                if time.monotonic() > started + LONGEST_S:
                    raise TimeoutError(log.read_text(encoding="utf-8"))
            generations.add(open_engine(config).live())
            took = time.monotonic() - started
        finally:
            process.terminate()
    dropped = {
        # The first has the watch to wait for, which begins with an update.
        "first_s": round(times[0], 2),
        "median_s": round(statistics.median(times[1:]), 2),
        "most_s": round(max(times[1:]), 2),
    }
    many = {"at_once": at_once, "written_s": round(written, 1), "found_s": round(took, 1)}
    print(json.dumps({**dropped, **many, "updates": len(generations) - 1}), flush=True)


def _found_after(config: Config, source: Path, word: str) -> float:
    """Seconds until a file is found by what it says."""
    (source / f"dropped {word}{time.monotonic_ns()}.txt").write_text(f"丟下的一篇，{word}", encoding="utf-8")
    started, live = time.monotonic(), open_engine(config).live()
    while time.monotonic() < started + LONGEST_S:
        if (now := open_engine(config).live()) != live:
            live = now
            with Searcher.open(config) as searcher:
                if searcher.search(f'"丟下的一篇，{word}"', size=1).hits:
                    found = time.monotonic() - started
                    time.sleep(2)
                    return found
        time.sleep(POLL_S)
    raise TimeoutError(word)


if __name__ == "__main__":
    main()
