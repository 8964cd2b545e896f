"""Does a kill at any moment of a rebuild leave the old or the new index, whole?

    python benchmarks/bench_faults.py --kills 50 --documents 3000 --workers 2

Builds an index, then starts `hansou rebuild` again and again in a process of its own, over the live index
and with one more document each time, and ends it with SIGKILL at a seeded random moment of its run (from
start to a little after its end). After every kill a new reader must open, every file must have its sum,
and a query that all documents match must find the full count of the old or of the new index.
Exit code 1 if a single one does not.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from indexer import Config, HansouError, Searcher, load_config
from indexer.engine.embedded import generations

SENTENCE = "無錫的園區在湖邊，清晨十分安靜，只有送早餐的車聲和遠處的水鳥。"
PROGRAM = "from indexer.cli import main; main()"


def prepare(base: Path, documents: int, workers: int) -> Config:
    """A configuration with so many documents."""
    (base / "documents").mkdir()
    with open(base / "documents" / "all.jsonl", "w", encoding="utf-8") as lines:
        for number in range(documents):
            text = f"第{number}篇。{SENTENCE * (1 + number % 9)}"
            lines.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
    (base / "config.toml").write_text(
        f'[index]\ndirectory = "index"\nworkers = {workers}\n[[source]]\npath = "documents"\n'
    )
    return load_config(base / "config.toml", {})


def start(config: Config) -> subprocess.Popen[bytes]:
    """A rebuild in a process of its own."""
    file = str(config.base / "config.toml")
    command = [sys.executable, "-c", PROGRAM, "--config", file, "rebuild", "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def state(config: Config, counts: dict[str, int], new: int) -> str:
    """ "old" or "new" for a whole index with its full count, else what is wrong."""
    try:
        name = generations.current_name(config.index.directory)
        generations.verify(generations.load(config.index.directory, name))
        with Searcher.open(config) as searcher:
            found = searcher.search("無錫 園區", size=1).total.value
            stated = searcher.stats()["documents"]
    except (HansouError, OSError) as error:
        return f"unusable: {error}"
    expected = counts.setdefault(name, new)
    if not found == stated == expected:
        return f"{found} found, {stated} stated, {expected} expected"
    return "new" if expected == new else "old"


def main() -> int:
    """Kill, look, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="hansou-faults-") as base:
        config = prepare(Path(base), options.documents, options.workers)
        began = time.monotonic()
        if start(config).wait():
            return 1
        whole = time.monotonic() - began
        counts = {generations.current_name(config.index.directory): options.documents}
        states: Counter[str] = Counter()
        for kill in range(1, options.kills + 1):
            extra = config.base / "documents" / f"extra{kill}.txt"
            extra.write_text(SENTENCE, encoding="utf-8")
            builder = start(config)
            time.sleep(rng.uniform(0.0, 1.1) * whole)
            builder.send_signal(signal.SIGKILL)
            builder.wait()
            seen = state(config, counts, options.documents + kill)
            states[seen] += 1
            if seen not in ("old", "new"):
                print(f"kill {kill}: {seen}")
        finished = start(config).wait()
    print(f"{options.kills} kills within {whole:.1f} s: {dict(states)}; a last rebuild exits {finished}")
    return int(bool(finished) or not {*states} <= {"old", "new"})


if __name__ == "__main__":
    sys.exit(main())
