"""How is something done again and again from a terminal? After a pause, whatever became of it the last time.

An error is told in one line, and the next time comes all the same: a disk may be back by then, another
builder done. What would fail every time, a wrong configuration, ends it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import click

from indexer.errors import ConfigError, HansouError

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 366 * 86400.0


class Duration(click.ParamType[float]):
    """A time such as `90s`, `10m`, `6h`, `1d`: seconds."""

    name = "time"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds, or a usage error."""
        if isinstance(value, float):
            return value
        said = re.fullmatch(r"(\d{1,9})([smhd])", value.strip().lower())
        seconds = int(said[1]) * _SECONDS[said[2]] if said else 0.0
        if not 0 < seconds <= _LONGEST:
            self.fail(f"{value!r} is no time; say 30s, 10m, 6h or 1d", param, ctx)
        return seconds


DURATION = Duration()


def again(once: Callable[[], int], seconds: float) -> int:
    """Do something for ever, with so many seconds from the end of one time to the beginning of the next."""
    while True:
        attempt(once)
        time.sleep(seconds)


def attempt(once: Callable[[], int]) -> bool:
    """Do something; whether that went well. What went wrong is told; a `ConfigError` is raised."""
    try:
        once()
    except ConfigError:
        raise
    except (HansouError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        return False
    return True
