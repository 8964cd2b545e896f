"""The command that says where in the archive a passage stands: trace."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.text import Text

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.terminal import console, printable
from indexer.documents.readers.encoding import decode
from indexer.searcher import Searcher
from indexer.text.units import Mark
from indexer.trace import Parallel


@cli.command("trace")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--all", "everything", is_flag=True, help="Print passages that documents share, as JSON Lines.")
@json_option
def trace_command(file: Path | None, everything: bool, as_json: bool) -> None:
    """Show where the passage in FILE, or part of it, stands in the archive (- for standard input)."""
    if (file is None) is not everything:
        raise click.UsageError("Give a FILE with a passage, or --all.")
    if file is None:
        _print_reuses()
    else:
        _print_traced(_read(file), as_json)


def _print_reuses() -> None:
    with Searcher.open(configured()) as searcher:
        for reuse in searcher.reuses():
            click.echo(json.dumps(reuse.to_json(), ensure_ascii=False))


def _print_traced(passage: str, as_json: bool) -> None:
    with Searcher.open(configured()) as searcher:
        traced = searcher.trace(passage)
    if as_json:
        print_json(traced.to_json())
        return
    out = console()
    count = len(traced.matches)
    more = "" if traced.complete else ", and there may be more"
    out.print(f"{count} match{'' if count == 1 else 'es'}{more} ({traced.took_ms / 1000:.3f} s)")
    for rank, match in enumerate(traced.matches, 1):
        out.print(f"\n{rank}. {printable(match.title or match.id)}")
        out.print(Text(_about(match), style="dim"))
        marks = [each.passage for each in match.differences]
        out.print(Text("passage  ").append(_marked(passage, match.passage, marks)))
        start = match.document[0]
        marks = [(each.document[0] - start, each.document[1] - start) for each in match.differences]
        out.print(Text("archive  ").append(_marked(match.text, (0, len(match.text)), marks)))


def _read(file: Path) -> str:
    """The text of a file in whatever encoding; of "-" that of standard input, which may be closed."""
    if str(file) != "-":
        return decode(file.read_bytes())[0]
    return decode(sys.stdin.buffer.read())[0] if sys.stdin else ""


def _about(match: Parallel) -> str:
    stated = (match.id, match.source, match.date)
    figures = (f"covers {match.coverage:.0%}", f"{match.changed:.0%} changed", f"score {match.score:.1f}")
    return "   " + " · ".join([*(printable(part) for part in stated if part), *figures])


def _marked(text: str, shown: Mark, marks: Iterable[Mark]) -> Text:
    """A part of a text on one line, with what differs marked."""
    start, end = shown
    found = Text(printable(text[start:end].replace("\n", " ")))
    for first, last in marks:
        found.stylize("bold red", first - start, last - start)
    return found
