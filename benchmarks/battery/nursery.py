"""How does a command begin at once? It is forked from a process that has imported what it needs.

`Nursery.run` does what `Archive.run` does, some half a second faster, with the same arguments, signals and
output; everything after the import is as in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]


class Nursery:
    """A process that forks commands. State: the process, and where commands say what they say."""

    def __init__(self, work: Path, environment: Mapping[str, str]) -> None:
        self._messages = work / "messages"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.battery.nursery", str(self._messages)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
            cwd=ROOT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """A command of `hansou` to its end: exit code (negative for a signal), messages."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return code, self._messages.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def main() -> None:
    """Fork a command for each line of arguments, and print how it ended."""
    from indexer.cli import main as command  # imported once, before anything is forked
    from indexer.pipeline import rebuild  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            output = os.open(os.devnull, os.O_RDWR)
            messages = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for number, target in enumerate((output, output, messages)):
                os.dup2(target, number)
            sys.argv = ["hansou", *json.loads(line)]
            command()
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
