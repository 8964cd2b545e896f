"""How far is a long task? A live line on a terminal, else a line every ten seconds, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_QUIET_INTERVAL_S = 10.0


@contextmanager
def progress(what: str, quiet: bool, unit: str = "documents") -> Iterator[Callable[[int, int], None]]:
    """Show how far a task is: a live line on a terminal, else a line every ten seconds.

    What is yielded takes how many of the `unit` are done, and how many were skipped.
    """
    console = Console(stderr=True)
    if quiet:
        yield lambda done, skipped: None
    elif console.is_terminal:
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what)
            yield lambda done, skipped: bar.update(task, description=_state(what, done, unit, skipped))
    else:
        yield _lines(what, unit)


def _lines(what: str, unit: str) -> Callable[[int, int], None]:
    started = last = time.monotonic()

    def tell(done: int, skipped: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _QUIET_INTERVAL_S:
            last = now
            click.echo(f"{_state(what, done, unit, skipped)}, {now - started:.0f} s", err=True)

    return tell


def _state(what: str, done: int, unit: str, skipped: int) -> str:
    return f"{what}: {done:,} {unit}" + (f", {skipped:,} skipped" if skipped else "")
