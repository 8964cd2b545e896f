"""What do all commands share? The group that they belong to, how it ends, the configuration, JSON.

A command module imports this one and adds its commands to `cli`; `indexer.cli.commands` lists them all.
"""

from __future__ import annotations

import errno
import json
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from io import TextIOWrapper
from types import FrameType

import click

from indexer.access import Access, Visitor, read_tokens
from indexer.cli.commands import Commands
from indexer.config import AccessSettings, Config, Seen, load_config
from indexer.errors import ConfigError, HansouError, is_exhausted

# A write that fails seldom says which file it was for.
_NO_ROOM = "; make room where the index lies ([index] directory), in TMPDIR, or where the output goes"


def _reader(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    kind, __, name = (value or "everybody").partition(":")
    if (kind, name) == ("everybody", "") or (kind in ("name", "group", "token") and name):
        return value
    raise click.BadParameter(
        f"{value!r} is nobody; write name:NAME, group:GROUP, token:NAME or everybody", param=parameter
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "config_file", metavar="FILE", help="Settings (default: ./config.toml, where there is one)."
)
@click.option(
    "--as",
    "reader",
    callback=_reader,
    metavar="WHO",
    help="See what this reader sees: name:NAME, group:GROUP, token:NAME, or everybody.",
)
@click.version_option(package_name="hansou")
@click.pass_context
def cli(ctx: click.Context, config_file: str | None, reader: str | None) -> None:
    """Hansou 漢搜: full-text search for Chinese archives, Traditional and Simplified alike."""
    ctx.obj = config_file, reader


def main() -> None:
    """Run the command line; errors of ours become a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # An argument or a file name may be no text; it is shown with a mark rather than not at all.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminated)
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.NoSuchOption) and not error.option_name.isascii():
            click.echo("A query that begins with - needs -- before it: -- '-廣告 軟件園'", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except HansouError as error:
        click.echo(f"hansou: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`hansou search … | head`).
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        advice = _NO_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        click.echo(f"hansou: {where}{error.strerror or error}{advice}", err=True)
        sys.exit(1)
    except (MemoryError, ImportError) as error:
        if not is_exhausted(error):
            raise
        click.echo("hansou: there is not enough memory for this; see `memory_mb` and ulimit -v", err=True)
        sys.exit(1)


def _terminated(number: int, _: FrameType | None) -> None:
    """End like Ctrl-C, with everything put away; a second signal does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    click.echo("terminated", err=True)
    sys.exit(128 + number)


def configured() -> Config:
    """The configuration that --config names, or that of the working directory, for who --as names.

    Raises `ConfigError`.
    """
    return configuring()()


def configuring() -> Callable[[], Config]:
    """What reads the configuration, now or again later."""
    return partial(_read, *click.get_current_context().find_root().obj)


def config_named() -> str | None:
    """The file that --config names; None where the one of the working directory counts."""
    file, _ = click.get_current_context().find_root().obj
    return None if file is None else str(file)


def _read(file: str | None, reader: str | None) -> Config:
    config = load_config(file)
    return config if reader is None else replace(config, seen=seen_as(config.access, reader))


def seen_as(settings: AccessSettings, who: str) -> Seen:
    """What a reader sees, who is written as for --as. Raises `ConfigError` for a token that there is not."""
    kind, _, name = who.partition(":")
    if kind != "token":
        groups = (name,) if kind == "group" else ()
        return Access(settings).seen_by(Visitor(name if kind == "name" else None, groups))
    found = {token.name: token for token in read_tokens(settings.tokens)} if settings.tokens else {}
    if name not in found:
        raise ConfigError(f"there is no token called {name!r}; see `hansou token list`")
    return Access(settings).seen_by(Visitor(token=found[name]))


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def date_or_part(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """What a date option is given, if it is an ISO date, whole or cut short, and --from is not after --to."""
    if value is None:
        return None
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value):
        raise click.BadParameter(f"{value!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD", param=parameter)
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        raise click.BadParameter(f"there is no {value!r} in the calendar", param=parameter) from None
    bounds = ctx.params | {parameter.name: value}
    since, until = bounds.get("date_from"), bounds.get("date_to")
    if since and until and since[: len(until)] > until:
        raise click.BadParameter(f"--from {since} is after --to {until}", param=parameter)
    return value


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option that every command with data has."""
