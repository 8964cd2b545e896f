"""How is a word used? The command that shows each place where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.text import Text

from indexer.cli.group import cli, configured, date_or_part, json_option, print_json
from indexer.cli.terminal import console, printable
from indexer.results.concordance import LINES_ON_A_PAGE, Concordance
from indexer.results.taking import written_lines
from indexer.searcher import Searcher

Command = TypeVar("Command", bound=Callable[..., Any])
_FILTERS = (
    click.option("--mode", type=click.Choice(["smart", "exact"]), default="smart", show_default=True),
    click.option("--from", "date_from", callback=date_or_part, metavar="DATE", help="Not before this date."),
    click.option("--to", "date_to", callback=date_or_part, metavar="DATE", help="Not after this date."),
    click.option("--source", multiple=True, help="Only documents of this source, or of any of several."),
    click.option("--collection", multiple=True, help="Only documents of this collection, or of several."),
    click.option("--author", multiple=True, help="Only documents by this author, or by any of several."),
    click.option("--lang", type=click.Choice(["zh-Hans", "zh-Hant"]), help="Only documents in this script."),
    click.option("--kind", multiple=True, help="Only documents from files of this kind, as pdf."),
)
_WIDTH = 14


def narrowing_options(command: Command) -> Command:
    """The options that say which documents are looked through."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@cli.command()
@click.argument("query")
@click.option(
    "--sort", type=click.Choice(["document", "date", "left", "right"]), default="document", show_default=True
)
@click.option("--by", type=click.IntRange(1, 3), default=1, show_default=True, help="So many beside it.")
@click.option("--unit", type=click.Choice(["character", "word"]), default="character", show_default=True)
@click.option("--size", type=click.IntRange(1, 1000), default=LINES_ON_A_PAGE, show_default=True)
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--usage", is_flag=True, help="What stands beside it, and how often it is used in each year.")
@click.option("--format", type=click.Choice(["jsonl", "csv"]), help="Write all lines, in order of documents.")
@narrowing_options
@json_option
def concordance(query: str, as_json: bool, usage: bool, format: Any, mode: Any, **options: Any) -> None:
    """Show each place where QUERY stands, the keyword in the middle."""
    own = {name: options.pop(name) for name in ("sort", "by", "unit", "size", "page")}
    with Searcher.open(configured()) as searcher:
        if usage:
            _print_usage(searcher.usage(query, mode, **options).to_json(), as_json)
            return
        if format:
            for piece in written_lines(searcher.lines(query, most=None, mode=mode, **options), format):
                click.echo(piece, nl=False)
            return
        page = searcher.concordance(query, mode=mode, **own, **options)
    if as_json:
        print_json(page.to_json())
    else:
        _print_lines(page)


def _print_lines(page: Concordance) -> None:
    out = console()
    out.print(f"{page.total:,} places in {page.documents:,} documents")
    for line in page.lines:
        left = printable(line.left[-_WIDTH:])
        about = "  ".join(printable(each) for each in (line.id, line.source, line.date) if each)
        out.print(
            Text.assemble(
                "　" * (_WIDTH - len(left)) + left,
                (f" {printable(line.keyword)} ", "bold red"),
                printable(line.right[:_WIDTH]),
                (f"  {about}", "dim"),
            )
        )


def _print_usage(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    out = console()
    for row in found["collocates"][:50]:
        out.print(f"{row['likelihood']:12,.1f} {row['beside']:8,} of {row['total']:<10,} {row['word']}")
    for row in found["years"]:
        out.print(f"{row['year']} {row['count']:10,} {row['per_million']:12,.1f} per million characters")
