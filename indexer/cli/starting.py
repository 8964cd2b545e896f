"""Commands to begin with: init writes a configuration, doctor says what is in the way."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path

import click

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.config import FILE
from indexer.doctor import diagnose
from indexer.errors import ConfigError

TEMPLATE = Path(__file__).with_name("init.toml")
"""What a new configuration says; `{sources}` are the folders."""
_COLLECTION = "  # the collection that pages can be narrowed to"
_PREFIX = "  # what the names of its files begin with, where another source has the same names"
_NO_PREFIX = re.compile(r"[/#\x00-\x1f\x7f]|!\Z")


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
    """The sections of folders; of several, each is a collection of its own, with a prefix, named after it.

    >>> print(sources(["報紙", "信件"]))
    [[source]]
    path = "報紙"
    name = "報紙"
    prefix = "報紙"
    <BLANKLINE>
    [[source]]
    path = "信件"
    name = "信件"
    prefix = "信件"
    """
    mark, about, why = ("", "", "") if len(folders) > 1 else ("# ", _COLLECTION, _PREFIX)
    named = names(map(os.path.abspath, folders))
    sections = []
    for folder in folders:
        name = _quoted(named[os.path.abspath(folder)])
        lines = "[[source]]", f"path = {_quoted(folder)}", f"{mark}name = {name}{about}"
        sections.append("\n".join([*lines, f"{mark}prefix = {name}{why}"]))
    return "\n\n".join(sections)


def names(folders: Iterable[str]) -> dict[str, str]:
    """A name for each folder, no two alike: its own, where others have the same with what it lies in.

    None has a sign that no prefix may have.

    >>> names(["/a/信件", "/b/信件", "/報紙", "/c#"])
    {'/a/信件': 'a-信件', '/b/信件': 'b-信件', '/報紙': '報紙', '/c#': 'c_'}
    """
    parts = {
        folder: [_NO_PREFIX.sub("_", part) for part in Path(folder).parts[1:] or "/"] for folder in folders
    }
    times = Counter(own[-1] for own in parts.values())
    found: dict[str, str] = {}
    for folder, own in parts.items():
        several = range(1 if times[own[-1]] == 1 else 2, len(own) + 1)
        longer = ("-".join(own[-number:]) for number in several)
        numbered = (f"{own[-1]}-{number}" for number in count(2))
        found[folder] = next(name for name in chain(longer, numbered) if name not in found.values())
    return found


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
