"""Commands to begin with: init writes a configuration, doctor says what is in the way."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.config import FILE
from indexer.doctor import diagnose
from indexer.errors import ConfigError

TEMPLATE = Path(__file__).with_name("init.toml")
"""What a new configuration says; `{sources}` are the folders."""


@cli.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(exists=True))
def init(folders: tuple[str, ...]) -> None:
    """Write a commented config.toml here, to index these folders; without any, this one."""
    written = TEMPLATE.read_text(encoding="utf-8").replace("{sources}", sources(folders or (".",)))
    try:
        with open(FILE, "x", encoding="utf-8") as stream:
            stream.write(written)
    except FileExistsError:
        raise ConfigError(
            f"{FILE}: is there already and was left as it is; add a [[source]] to it, or go to another folder"
        ) from None
    click.echo(f"{FILE} written; next: `hansou rebuild`, then `hansou serve`")


def sources(folders: Sequence[str]) -> str:
    """The sections of folders; of several, each is a collection of its own, named after it.

    >>> print(sources(["報紙", "信件"]))
    [[source]]
    path = "報紙"
    name = "報紙"
    <BLANKLINE>
    [[source]]
    path = "信件"
    name = "信件"
    """
    return "\n\n".join(
        f"[[source]]\npath = {_quoted(folder)}\n"
        + ("" if len(folders) > 1 else "# ")
        + f"name = {_quoted(os.path.basename(os.path.abspath(folder)) or folder)}"
        + ("" if len(folders) > 1 else "  # the collection that pages can be narrowed to")
        for folder in folders
    )


def _quoted(text: str) -> str:
    """A string as TOML has it: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@cli.command()
@json_option
def doctor(as_json: bool) -> int:
    """Say what is wrong with configuration, sources, index, permissions and optional parts; exit 1 if any."""
    named, _ = click.get_current_context().find_root().obj
    findings = diagnose(configured, Path(named or FILE))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = click.style("ok", fg="green") if finding.ok else click.style("WRONG", fg="red")
            click.echo(f"{mark}{' ' * (3 * finding.ok)} {finding.check:12} {finding.message}")
    return 0 if all(finding.ok for finding in findings) else 1
