"""How is something done again and again from a terminal? After a pause, whatever became of it the last time.

An error is told in one line, and the next time comes all the same: a disk may be back by then, a source
mounted, another builder done. Only a configuration that is wrong from the beginning ends it.
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
    attempt = Attempt(once)
    while True:
        attempt()
        time.sleep(seconds)


class Attempt:
    """Something that is tried again and again. State: whether it has been tried, and what was wrong last."""

    def __init__(self, once: Callable[[], int]) -> None:
        self._once = once
        self._tried = False
        self._wrong = ""

    def __call__(self) -> bool:
        """Try it; whether that went well. What goes wrong is told once, as long as it stays the same.

        Raises `ConfigError` the first time: what is wrong from the beginning will not come right by itself.
        """
        tried, self._tried = self._tried, True
        try:
            self._once()
        except (HansouError, OSError) as error:
            if isinstance(error, ConfigError) and not tried:
                raise
            wrong = f"error: {error}"
        else:
            wrong = ""
        if wrong and wrong != self._wrong:
            click.echo(wrong, err=True)
        self._wrong = wrong
        return not wrong
