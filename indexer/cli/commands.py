"""Which commands are there, in which module, and what is each for? Read without importing any.

Most of them load an engine, and who asks for help waits for none. **A command's line here is the first of its
own help** (tests/indexer/test_cli.py).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, MutableMapping
from importlib import import_module
from typing import Any

import click

COMMANDS: Mapping[str, tuple[str, str]] = {
    "analyze": ("searching", "Show how TEXT is repaired, folded and divided."),
    "backup": (
        "keeping",
        "Write the live index to FILE (.tar.zst or .tar.gz); searching and building go on.",
    ),
    "check": ("building", "Verify every file of every generation; exit 5 if any is damaged."),
    "concordance": ("reading", "Show each place where QUERY stands, the keyword in the middle."),
    "doctor": (
        "starting",
        "Say what is wrong with configuration, sources, index, permissions and optional parts;"
        " exit 1 if any.",
    ),
    "evaluate": (
        "measuring",
        "Measure ranking and speed on DIR: queries.tsv, qrels.tsv, and docs.jsonl(.gz) or the live index.",
    ),
    "export": (
        "keeping",
        "Write every document of the live index to FILE or standard output, one line each.",
    ),
    "init": (
        "starting",
        "Write a commented config.toml here, to index these folders; without any, this one.",
    ),
    "ledger": ("building", "What became of each file of the sources, when the live index was built."),
    "merge": (
        "updating",
        "Put the segments of the live index together, as a rebuild has them; answers do not change.",
    ),
    "rebuild": (
        "building",
        "Read all sources and build a new index; searching goes on until it is ready.",
    ),
    "repair": ("repairing", "Print the repaired text of FILE; of several documents, one after the other."),
    "report": ("reporting", "Add up the query log: what is asked for, what is not found, what is slow."),
    "restore": ("keeping", "Make what `hansou backup` wrote to FILE the live index."),
    "rollback": ("building", "Make the generation before the live one live again."),
    "search": ("searching", "Search the index: hansou search '无锡 \"高新技术\" -广告'."),
    "serve": ("serving", "Serve the search page and the JSON API."),
    "stats": ("searching", "Show what is in the index."),
    "token": ("permitting", "Keep the tokens by which programs read: the file is named in [access] tokens."),
    "trace": (
        "tracing",
        "Show where the passage in FILE, or part of it, stands in the archive (- for standard input).",
    ),
    "update": ("updating", "Bring the index to what the sources hold now, reading only what changed."),
    "watch": ("watching", "Update the index whenever files of its sources change, until interrupted."),
}
"""Name → module of `indexer.cli`, and the line of `hansou --help`."""


class Commands(click.Group):
    """The commands of `COMMANDS`, each imported when it is asked for; names the one probably meant."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._imported: MutableMapping[str, click.Command] = {}
        super().__init__(*args, **options)

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """Every command, imported."""
        for name in COMMANDS:
            self._import(name)
        return dict(sorted(self._imported.items()))

    @commands.setter
    def commands(self, commands: MutableMapping[str, click.Command]) -> None:
        """What click begins with: none."""
        self._imported = commands

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; its module does as it is imported."""
        self._imported[name or cmd.name or ""] = cmd

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        return self._import(cmd_name)

    def _import(self, name: str) -> click.Command | None:
        if name in COMMANDS and name not in self._imported:
            import_module(f"indexer.cli.{COMMANDS[name][0]}")
        return self._imported.get(name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(COMMANDS.items())])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is asked for; where there is none, the one probably meant is named."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx) from error
