"""The command that updates when files change: watch.

Changes that come while an update runs are gathered, and are one update more. What failed is tried again,
whether or not anything changes meanwhile. **What is watched is what is there now**: a source that comes back,
is replaced by another folder or mounted anew is watched anew, and updated from.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import click

from indexer.cli.group import cli, configured
from indexer.cli.repeating import DURATION, Attempt
from indexer.config import Config
from indexer.pipeline import update

_GATHERED_MS = 1_600
"""So long changes are gathered at most, where they come without a pause."""
_QUIET_MS = 200
_NOTHING_MS = 500
"""After so long without a change it is looked whether there is something else to do."""
_AGAIN_S = 30.0
"""After so long an update that failed is tried again."""


@cli.command("watch")
@click.option(
    "--pause", type=DURATION, default="1s", metavar="TIME", help="At least so long between updates."
)
@click.option("--beside", type=int, hidden=True, help="End when this process is no longer the parent.")
def watch_command(pause: float, beside: int | None) -> int:
    """Update the index whenever files of its sources change, until interrupted."""
    config = configured()

    def once() -> int:
        report = update(config)
        number, skipped = report.counts.documents, report.counts.skipped
        changes = ", ".join(f"{n:,} {name}" for name, n in report.changes._asdict().items() if n)
        # That files were touched and nothing changed is no news.
        if report.anew or any(report.changes[:3]):
            why = f"built anew, {report.anew}" if report.anew else changes
            click.echo(f"{why}: {number:,} documents, {skipped:,} skipped → {report.generation.name}")
        return 0

    attempt = Attempt(once)
    due = math.inf
    for changed in _noticed(config):
        if beside is not None and os.getppid() != beside:
            break
        if changed or time.monotonic() >= due:
            due = math.inf if attempt() else time.monotonic() + _AGAIN_S
            time.sleep(pause)
    return 0


def _noticed(config: Config) -> Iterator[bool]:
    """Whether anything changed, as soon as it did, and False now and then.

    True once the watch has begun, and has begun anew: what changed before that is not seen.
    """
    while True:
        watched, fresh = _there(config), True
        with suppress(FileNotFoundError):  # gone again
            for changed in _changes(config, watched):
                yield fresh or changed
                fresh = False
                if _there(config) != watched:
                    break


def _there(config: Config) -> Mapping[Path, tuple[int, int]]:
    """The sources that there are, and what tells each from another in its place."""
    found = {}
    for source in config.sources:
        with suppress(OSError):
            path = source.path.resolve()
            status = path.stat()
            found[path] = status.st_dev, status.st_ino
    return found


def _changes(config: Config, paths: Iterable[Path]) -> Iterator[bool]:
    """Whether anything below these paths changed: True as soon as it did, else False now and then."""
    from watchfiles import watch  # no part of the other commands

    own = config.index.directory.resolve()

    def wanted(_: object, path: str) -> bool:
        """An update writes into the index, and is no reason for another."""
        return not Path(path).is_relative_to(own)

    changes = watch(
        *paths,
        watch_filter=wanted,
        debounce=_GATHERED_MS,
        step=_QUIET_MS,
        rust_timeout=_NOTHING_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    return map(bool, changes)
