"""Can a damaged index end a process, or change an answer?

    python benchmarks/bench_damage.py --count 10000

Builds an index, then damages it again and again (`damages`), opens it and asks it what it is asked when it
is whole: in the modes in turn and with each kernel, in processes of their own, so that what ends one is seen.
Exit code 1 if a process ended, if anything but `IndexCorrupt` was raised, or if an answer differed where sums
can tell.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from damages import MODES, build

CHILD = Path(__file__).with_name("damages.py")


def outcomes(
    base: Path, first: int, last: int, kernel: str, modes: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """What came of the damages number `first` to before `last`, ends of processes among it."""
    switch = {"HANSOU_KERNEL": "off"} if kernel == "numpy" else {}
    while first < last:
        command = [sys.executable, str(CHILD), str(base), str(first), str(last), *modes]
        with (
            tempfile.TemporaryFile("w+") as errors,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | switch
            ) as child,
        ):
            assert child.stdout
            for line in child.stdout:
                yield json.loads(line)
                first += 1
            if code := child.wait():
                errors.seek(0)
                said = f"{code}: {errors.read()}"
                if code == 1:
                    raise RuntimeError(f"the battery itself is broken: {said}")
                mode = modes[first % len(modes)]
                yield {"number": first, "mode": mode, "damage": "?", "outcome": "ended", "detail": said}
                first += 1


def is_fault(told: dict[str, Any]) -> bool:
    """Whether an outcome may not be: content that its sums fit may be anything, and so are its answers."""
    return told["outcome"] not in (
        "same",
        "refused",
        *(("different",) if told["mode"] == "rewritten" else ()),
    )


def main() -> int:
    """Build, damage, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000, help="damages with each kernel")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--kernels", nargs="+", default=["compiled", "numpy"])
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    options = parser.parse_args()
    faults, started = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hansou-damage-") as base:
        build(Path(base))
        for kernel in options.kernels:
            found: Counter[tuple[str, str]] = Counter()
            for told in outcomes(
                Path(base), options.first, options.first + options.count, kernel, options.modes
            ):
                found[told["mode"], told["outcome"]] += 1
                if is_fault(told):
                    faults += 1
                    print(f"{kernel}: {json.dumps(told, ensure_ascii=False)}", flush=True)
            for mode in options.modes:
                parts = (f"{n} {outcome}" for (its, outcome), n in sorted(found.items()) if its == mode)
                print(f"{kernel:9} {mode:10} {', '.join(parts)}", flush=True)
    damages = options.count * len(options.kernels)
    print(f"{damages} damages, {faults} faults ({time.monotonic() - started:.0f} s)")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
