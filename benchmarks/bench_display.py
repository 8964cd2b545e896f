"""How fast is a text shown in another script, beside opencc-python-reimplemented? In turn, in one run.

    python -m benchmarks.bench_display poems/docs.jsonl drcd_dev/docs.jsonl

The texts of the files, up to `--characters`, are converted by the package and by our longest match over the
package's own tables, whose results must be equal; then by the tables that are shown with.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import opencc

from indexer.text.conversion import Stage
from indexer.text.display import SCRIPTS, convert
from indexer.text.normalize import phrase_rows

DIRECTIONS = {"s2t": ("STPhrases", "STCharacters"), "t2s": ("TSPhrases", "TSCharacters")}


def texts(paths: Iterable[Path], most: int) -> Iterator[str]:
    """The texts of JSON lines, the files in turn, together about `most` characters."""
    files = [path.open(encoding="utf-8") for path in paths]
    while most > 0 and (lines := [line for file in files if (line := file.readline())]):
        for line in lines:
            text: str = json.loads(line)["text"]
            most -= len(text)
            yield text
    for file in files:
        file.close()


def seconds(convert: Callable[[str], str], given: list[str]) -> tuple[float, list[str]]:
    """How long it takes to convert some texts, and what they become."""
    started = time.perf_counter()
    shown = [convert(text) for text in given]
    return time.perf_counter() - started, shown


def stage(phrases: str, characters: str) -> Stage:
    """Our match over two tables of the installed package."""
    return Stage(*({key: values[0] for key, values in phrase_rows(name)} for name in (phrases, characters)))


def main() -> None:
    """Print a line for each direction and each script."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("paths", type=Path, nargs="+")
    options.add_argument("--characters", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    whole = ["\n".join(texts(asked.paths, asked.characters))]
    length = len(whole[0])
    for name, tables in DIRECTIONS.items():
        ours, package = stage(*tables), opencc.OpenCC(name)
        for _ in range(asked.rounds):
            theirs_s, theirs = seconds(package.convert, whole)
            ours_s, own = seconds(ours, whole)
            speeds = f"{length / theirs_s / 1e6:.2f} and {length / ours_s / 1e6:.2f} M characters/s"
            same = "equal" if own == theirs else "DIFFERENT"
            print(f"{name}: {speeds}, {theirs_s / ours_s:.1f} times as fast, {same}")
    for script in SCRIPTS:
        convert("热身", script)
        for _ in range(asked.rounds):
            taken, _ = seconds(lambda text: convert(text, script), whole)  # noqa: B023
            print(f"{script}: {length / taken / 1e6:.2f} M characters/s")


if __name__ == "__main__":
    main()
