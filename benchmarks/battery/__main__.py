"""What does Hansou survive? `python -m benchmarks.battery [--profile full|ci] [--only KIND …] [--seed N]`.

Prints a line for each kind of fault: its figures, and below it every promise that was broken. Exit code 1
where one was. A kind that cannot be tried on this machine says why. Sizes are those of the profile; `--scale`
multiplies them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.battery import (
    failing_calls,
    kills,
    limits,
    power_cut,
    queries,
    slow_clients,
    soak,
    stopped,
    swaps,
)
from benchmarks.battery.archive import Broken
from benchmarks.battery.verdict import NotPossible, Verdict

Trial = Callable[..., Verdict]
KINDS: Mapping[str, Trial] = {
    "kills": kills.run,
    "failing calls": failing_calls.run,
    "limits": limits.run,
    "stopped": stopped.run,
    "power cut": power_cut.run,
    "queries": queries.run,
    "swaps": swaps.run,
    "slow clients": slow_clients.run,
    "soak": soak.run,
}
FULL: Mapping[str, Mapping[str, int]] = {
    "kills": {"kills": 1000},
    "failing calls": {"runs": 1000, "parallel_runs": 100},
    "limits": {"steps": 40},
    "stopped": {"rounds": 5},
    "power cut": {"states": 2500},
    "queries": {"count": 1_000_000},
    "swaps": {"requests": 20_000, "swaps": 50},
    "slow clients": {"clients": 1000},
    "soak": {"seconds": 3600},
}
CI: Mapping[str, Mapping[str, int]] = {
    "kills": {"kills": 24},
    "failing calls": {"runs": 40, "parallel_runs": 2},
    "limits": {"steps": 6},
    "stopped": {"rounds": 1},
    "power cut": {"states": 400},
    "queries": {"count": 5_000},
    "swaps": {"requests": 4_000, "swaps": 8},
    "slow clients": {"clients": 300},
    "soak": {"seconds": 90},
}
PROFILES = {"full": FULL, "ci": CI}


def hold(trial: Trial, sizes: Mapping[str, int], seed: int) -> Verdict:
    """One trial in a folder of its own; what it cannot go on from is a broken promise too."""
    with tempfile.TemporaryDirectory(prefix="hansou-battery-", ignore_cleanup_errors=True) as base:
        try:
            return trial(Path(base).resolve(), seed=seed, **sizes)
        except Broken as error:
            return Verdict("given up", (str(error),))
        except NotPossible:
            raise
        except Exception:
            return Verdict("the trial itself failed", (traceback.format_exc(),))


def main() -> int:
    """Try, print, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--only", choices=KINDS, nargs="+", default=[*KINDS])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = 0
    for name in options.only:
        sizes = PROFILES[options.profile][name]
        sizes = {key: max(1, round(size * options.scale)) for key, size in sizes.items()}
        began = time.monotonic()
        try:
            verdict = hold(KINDS[name], sizes, options.seed)
        except NotPossible as reason:
            print(f"{name:14} NOT TRIED: {reason}", flush=True)
            continue
        spent, load = time.monotonic() - began, os.getloadavg()[0]
        print(f"{name:14} {verdict.figures} [{spent:.0f} s, load {load:.1f}]", flush=True)
        for line in verdict.broken:
            print(f"{'':14} BROKEN: {line}", flush=True)
        broken += len(verdict.broken)
    print(f"{broken} promises broken" if broken else "every promise held", flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
