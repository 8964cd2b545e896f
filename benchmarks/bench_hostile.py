"""What do a hundred hostile files among a thousand good ones cost? `python benchmarks/bench_hostile.py`.

Reads the good files alone and all of them, in turn, and prints the ratio of the times, whether every good
file was read, what became of each bad one, and how large the parent became.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.producers import LETTERS, PRODUCERS  # noqa: E402
from benchmarks.producers.hostile import bombs, broken  # noqa: E402
from indexer.config import DocumentSettings, SourceSettings  # noqa: E402
from indexer.documents.outcomes import Ignored, Indexed, Skipped  # noqa: E402
from indexer.documents.sources import read_files  # noqa: E402

GOOD = (
    ("pdf", "reportlab"), ("docx", "python-docx"), ("pptx", "python-pptx"), ("xlsx", "openpyxl"),
    ("odt", "odfpy"), ("epub", "epub 3"), ("zip", "python"), ("warc.gz", "warcio"), ("html", "page"),
    ("eml", "old"),
)  # fmt: skip


def write(folder: Path, count: int) -> None:
    """Write the good files, each of its own text, and the bad ones into a folder each."""
    for number in range(count):
        kind, program = GOOD[number % len(GOOD)]
        content = PRODUCERS[kind][program](LETTERS[("hans", "hant")[number // len(GOOD) % 2]])
        (folder / "all" / f"{number:05}.{kind}").write_bytes(content)
        (folder / "good" / f"{number:05}.{kind}").hardlink_to(folder / "all" / f"{number:05}.{kind}")
    chance = random.Random(1)
    bad = [*bombs(), *broken(chance)]
    for name, content in bad:
        (folder / "all" / f"{chance.randrange(count):05}-{name}").write_bytes(content)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--good", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("good", "all"):
            (folder / part).mkdir()
        # In a process of its own: what is written takes more memory than reading it may.
        with ProcessPoolExecutor(1) as writer:
            writer.submit(write, folder, asked.good).result()
        settings = DocumentSettings(readers=asked.readers)
        measured = {}
        for part in ("good", "all"):
            started = time.monotonic()
            outcomes = [
                item
                for item in read_files(SourceSettings(folder / part), settings)
                if isinstance(item, Indexed | Skipped | Ignored)
            ]
            measured[part] = time.monotonic() - started, outcomes
            print(part, round(measured[part][0], 1), "s", Counter(type(o).__name__ for o in outcomes))
            print("memory of the parent:", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")
        good = {o.path for o in measured["good"][1] if isinstance(o, Indexed)}
        lost = good - {o.path for o in measured["all"][1] if isinstance(o, Indexed)}
        for outcome in measured["all"][1]:
            if "-" in outcome.path.partition("!/")[0]:
                print(
                    json.dumps(
                        [outcome.path[:60], type(outcome).__name__, getattr(outcome, "reason", "")[:100]]
                    )
                )
        print("good files:", len(good), "lost:", len(lost))
        print("ratio:", round(measured["all"][0] / measured["good"][0], 2))


if __name__ == "__main__":
    main()
