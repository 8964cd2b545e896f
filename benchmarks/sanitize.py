"""Does the compiled code read or write where it may not, whatever it is given?

    python benchmarks/sanitize.py            or: make sanitize

Builds the extensions with address and undefined-behavior sanitizers into a folder of their own and runs with
them, in as many processes at once as there are cores: the tests of engine, texts and segmenter; searches in
2,000 damaged indexes (`bench_damage`); the targets of `fuzz` that reach into them, 10,000 queries among
these. Without sanitizers, the targets that are Python alone, and all of them guided by coverage where atheris
is installed. Exit code 1 if anything fails. Needs gcc; some minutes.
"""

from __future__ import annotations

import argparse
import os
import runpy
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from fuzz import TARGETS

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    *("-O1", "-g", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"),
    *("-Wno-missing-field-initializers", "-Wno-cast-function-type"),
    *(
        "-fsanitize=address,undefined,float-cast-overflow",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
    ),
)
# Every process that starts takes the extensions from the folder that this file is in.
SITE = """
import os, sys
from importlib.machinery import PathFinder

class Sanitized:
    @staticmethod
    def find_spec(name, path=None, target=None):
        inside = name.startswith("indexer.native._")
        return PathFinder.find_spec(name, [os.path.dirname(__file__)]) if inside else None

sys.meta_path.insert(0, Sanitized)
"""
# Python leaks at its end on purpose. An array of 2³² items is refused, as by a system without room for it.
OPTIONS = "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1:max_allocation_size_mb=2048"
TESTS = ("tests/indexer/engine", "tests/indexer/text", "tests/indexer/arrays")
DAMAGES, SECONDS = 2_000, 8
RUNS = {"queries": 10_000, "postings": 500, "readers": 1_000, "pages": 1_000}
OTHERS = 3_000
PYTHON = ("repair", "syntax", "readers", "pages")
"""Targets that sanitizers see little of."""


@contextmanager
def recorded() -> Iterator[list[Any]]:
    """What setup.py would build, when it is run in the context."""
    found: list[Any] = []

    class Extension:
        def __init__(
            self, name: str, sources: Sequence[str], extra_compile_args: Sequence[str], **_: Any
        ) -> None:
            found.append((name, [ROOT / source for source in sources], extra_compile_args))

    stub = ModuleType("setuptools")
    stub.Extension, stub.setup = Extension, lambda **_: None  # type: ignore[attr-defined]
    before = sys.modules.get("setuptools")
    sys.modules["setuptools"] = stub
    try:
        yield found
    finally:
        del sys.modules["setuptools"]
        if before:
            sys.modules["setuptools"] = before


def build(folder: Path) -> None:
    """Compile the extensions that setup.py names, with sanitizers, into `folder`."""
    with recorded() as extensions:
        runpy.run_path(str(ROOT / "setup.py"))
    for name, sources, own in extensions:
        kept = [flag for flag in own if flag.startswith("-f")]
        target = folder / f"{name.rpartition('.')[2]}{sysconfig.get_config_var('EXT_SUFFIX')}"
        include = f"-I{sysconfig.get_path('include')}"
        subprocess.run(["gcc", *kept, *FLAGS, include, "-o", target, *sources, "-lm"], check=True)
    (folder / "sitecustomize.py").write_text(SITE)


def environment(folder: Path) -> Mapping[str, str]:
    """What makes a process of Python run with the extensions in `folder`."""
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    return os.environ | {
        "PYTHONPATH": str(folder),
        "LD_PRELOAD": found.stdout.strip(),
        "ASAN_OPTIONS": OPTIONS,
        "UBSAN_OPTIONS": "print_stacktrace=1",
        # Python's own allocator would hide what is read beyond small objects.
        "PYTHONMALLOC": "malloc",
    }


def commands(quick: bool) -> list[tuple[str, list[str], bool]]:
    """What is to be run, what takes longest first: its name, the arguments of Python, whether sanitized."""
    part = 10 if quick else 1
    here = Path(__file__).parent
    fuzz = [str(here / "fuzz.py"), "--target"]
    found = [
        ("tests", ["-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], True),
        (
            "damages",
            [str(here / "bench_damage.py"), "--kernels", "compiled", "--count", str(DAMAGES // part)],
            True,
        ),
    ]
    for target in sorted(TARGETS, key=lambda name: -RUNS.get(name, 0)):
        runs = str(RUNS.get(target, OTHERS) // part)
        found.append((f"fuzz {target}", [*fuzz, target, "--runs", runs], target not in PYTHON))
    if find_spec("atheris"):
        seconds = str(SECONDS // part + 1)
        found += [
            (f"guided {target}", [*fuzz, target, "--guided", "--seconds", seconds], False)
            for target in TARGETS
        ]
    else:
        print("NOT RUN: fuzzing guided by coverage; atheris is not installed", flush=True)
    return found


def run(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, bool, float, str]:
    """Run Python; whether it ended well, in how many seconds, and the end of what it said."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return name, done.returncode == 0, time.monotonic() - started, done.stdout[-6_000:]


def main() -> int:
    """Build, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything but the tests")
    parser.add_argument("--only", nargs="+", help="the names of what is to be run")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="hansou-sanitize-") as folder:
        build(Path(folder))
        sanitized = environment(Path(folder))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting = [
                pool.submit(run, name, arguments, sanitized if with_them else os.environ)
                for name, arguments, with_them in commands(options.quick)
                if not options.only or name in options.only
            ]
            for each in waiting:
                name, well, seconds, said = each.result()
                failed += not well
                last = said.strip().rpartition("\n")[2]
                print(f"{name:18} {'ok' if well else 'FAILED'} {seconds:4.0f} s  {last}", flush=True)
                if not well:
                    print(said, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
