"""The command that says what is looked for and not found: report."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import click

from indexer.cli.group import cli, configured, date_or_part, json_option, print_json
from indexer.cli.terminal import printable
from indexer.errors import ConfigError
from indexer.measure.querylog import read_log
from indexer.measure.report import QueryCount, Summary, summarize, within


@cli.command("report")
@click.argument("logs", nargs=-1, type=click.Path(path_type=Path), metavar="[LOG]...")
@click.option("--since", callback=date_or_part, metavar="DATE", help="Not before this date (YYYY[-MM[-DD]]).")
@click.option("--until", callback=date_or_part, metavar="DATE", help="Not after this date.")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Queries in each list.")
@json_option
def report_command(
    logs: tuple[Path, ...], since: str | None, until: str | None, top: int, as_json: bool
) -> int:
    """Add up the query log: what is asked for, what is not found, what is slow."""
    damaged: list[str] = []
    searches = chain.from_iterable(read_log(path, damaged) for path in logs or [_configured_log()])
    summary = summarize((entry for entry in searches if within(entry, since, until)), top)
    if as_json:
        print_json(summary.to_json() | {"damaged": len(damaged)})
    else:
        _print_summary(summary)
    if damaged:
        click.echo(f"skipped {len(damaged):,} damaged lines, the first at {damaged[0]}", err=True)
    return 3 if damaged else 0


def _configured_log() -> Path:
    path = configured().search.query_log
    if path is None:
        raise ConfigError(
            'no query log is kept; set query_log = "queries.jsonl" under [search], or name a LOG'
        )
    return path


def _print_summary(summary: Summary) -> None:
    if not summary.first:
        click.echo("no searches")
        return
    click.echo(
        f"{summary.first} to {summary.last}\n"
        f"{summary.searches:,} searches for {summary.queries:,} queries\n"
        f"{summary.zero_results:,} found nothing ({summary.zero_share:.1%});"
        f" {summary.offered:,} suggestions, {summary.followed:,} followed at once\n"
        f"p50 {summary.p50_ms:.1f} ms, p95 {summary.p95_ms:.1f} ms, p99 {summary.p99_ms:.1f} ms"
    )
    _print_list("found nothing", map(_row, summary.zero))
    _print_list("found little", map(_row, summary.few))
    _print_list("asked for most", map(_row, summary.frequent))
    _print_list("slowest", (f"{slow.took_ms:9.1f} ms  {printable(slow.query)}" for slow in summary.slow))
    _print_list("searches a day", (f"{count:9,}  {day}" for day, count in summary.days.items()))


def _row(count: QueryCount) -> str:
    suggestion = f" → {printable(count.suggestion)}" if count.suggestion else ""
    return f"{count.times:9,}  {printable(count.query)}{suggestion} ({count.total:,} found)"


def _print_list(heading: str, rows: Iterable[str]) -> None:
    if lines := [*rows]:
        click.echo("\n".join(["", heading, *lines]))
