"""Does anything go wrong whatever is read, asked or given? One target of `fuzz_targets`, again and again.

    python benchmarks/fuzz.py --target queries --runs 1000000
    python benchmarks/fuzz.py --target repair --guided --seconds 60

Draws bytes, seeded. With `--guided` atheris (the extra `fuzz`) does that instead, led by what it reaches in
the code. What goes wrong ends the process, and the bytes are printed: as a case of `tests/cases/fuzz.toml`
they stay.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from mutations import LONGEST, drawn

TARGETS = (
    *("find_spans", "postings", "arguments"),
    *("texts", "repair", "syntax", "readers", "queries", "pages"),
)


def plain(attempt: Callable[[bytes], None], runs: int, seed: int) -> int:
    """Try `runs` times; 1 where something went wrong, which is printed with its bytes."""
    chance = random.Random(seed)
    started = time.monotonic()
    for number in range(runs):
        data = drawn(chance)
        try:
            attempt(data)
        except Exception:
            traceback.print_exc()
            print(f"run {number} of seed {seed}: data = {data.hex()!r}")
            return 1
    print(f"{runs} runs, nothing found ({time.monotonic() - started:.0f} s)")
    return 0


def guided(attempt: Callable[[bytes], None], seconds: int) -> None:
    """Let atheris lead; the process ends in it, with another code than 0 where something went wrong."""
    import atheris  # only for those who have it

    with tempfile.TemporaryDirectory(prefix="hansou-fuzz-") as corpus:
        limits = (f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=4096")
        atheris.Setup([sys.argv[0], corpus, *limits, f"-artifact_prefix={corpus}-"], attempt)
        atheris.Fuzz()


def main() -> int:
    """Load the target, instrumented if it is to lead, and try."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--target", choices=TARGETS, required=True)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="led by coverage, with the extra `fuzz`")
    parser.add_argument("--seconds", type=int, default=60, help="for so long, where it is guided")
    options = parser.parse_args()
    if options.guided:
        import atheris  # instruments what is imported after it

        with atheris.instrument_imports(include=["indexer"]):
            import fuzz_targets
    else:
        import fuzz_targets
    assert set(fuzz_targets.TARGETS) == set(TARGETS)
    target = fuzz_targets.TARGETS[options.target]

    def attempt(data: bytes) -> None:
        target(fuzz_targets.Draw(data))

    if options.guided:
        guided(attempt, options.seconds)
    return plain(attempt, options.runs, options.seed)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Instrumented code and its threads are not to be waited for.
    sys.exit(code) if "atheris" not in sys.modules else os._exit(code)
