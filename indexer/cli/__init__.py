"""The command line: `hansou --config FILE COMMAND`.

Data goes to standard output, progress and messages to standard error. Exit codes: 0 done, 1 failure,
2 usage, 3 done but some input was skipped, 4 another builder is at work, 5 index missing or damaged,
6 bad configuration, 130 interrupted.
"""

from __future__ import annotations

from indexer.cli.group import cli, main

__all__ = ["cli", "main"]
