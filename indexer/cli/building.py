"""Commands that make and keep generations: rebuild, check, rollback."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.progress import progress
from indexer.cli.terminal import printable
from indexer.documents.intake import Changes
from indexer.documents.ledger import NAME as LEDGER
from indexer.documents.ledger import LedgerSummary, read_ledger
from indexer.engine import open_engine
from indexer.errors import IndexUnusable
from indexer.pipeline import Report, rebuild
from indexer.shares import Share, finish, write_share


@cli.command("rebuild")
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option(
    "--allow-shrink",
    is_flag=True,
    help="Publish even if more than half of the documents, or all files of a source, are gone.",
)
@click.option("--share", metavar="I/N", help="Only index share I of N, for --finish to put together.")
@click.option("--finish", "finishing", is_flag=True, help="Make the shares that are there the index.")
def rebuild_command(
    as_json: bool, quiet: bool, allow_shrink: bool, share: str | None, finishing: bool
) -> int:
    """Read all sources and build a new index; searching goes on until it is ready."""
    if share and finishing:
        raise click.UsageError("--share makes a share, --finish puts them together: one at a time")
    config = configured()
    with progress("indexing", quiet) as tell:
        if share:
            return _written(write_share(config, Share.parse(share), tell), share)
        report = finish(config, allow_shrink=allow_shrink) if finishing else None
        report = report or rebuild(config, tell, allow_shrink=allow_shrink)
    return told(report, as_json)


def told(report: Report, as_json: bool, changes: Changes | None = None) -> int:
    """Say what a build did; the exit code."""
    for skipped in report.skipped:
        click.echo(printable(f"skipped {skipped.path}: {skipped.reason}"), err=True)
    counts = report.counts
    if as_json:
        changed = {} if changes is None else {**changes._asdict(), "anew": report.anew}
        print_json({"generation": report.generation.name, **asdict(counts), **changed})
    else:
        if report.anew is not None:
            click.echo(f"everything was built anew: {report.anew}", err=True)
        if changes is not None:
            click.echo(", ".join(f"{number:,} {name}" for name, number in changes._asdict().items()))
        click.echo(
            f"{counts.documents:,} documents, {counts.skipped:,} skipped, {counts.repaired:,} repaired,"
            f" {counts.seconds:.1f} s → {report.generation.name}"
        )
        if left_out := report.ledger.line():
            click.echo(f"{left_out} (hansou ledger --skipped)" if counts.skipped else left_out)
    return 3 if counts.skipped else 0


def _written(ledger: LedgerSummary, share: str) -> int:
    """Say what a share came to; the exit code."""
    click.echo(f"share {share} is there" + (f"; {line}" if (line := ledger.line()) else ""))
    return 3 if ledger.outcomes["skipped"] else 0


@cli.command("ledger")
@json_option
@click.option("--skipped", "outcome", flag_value="skipped", help="Only what could not be read.")
@click.option("--ignored", "outcome", flag_value="ignored", help="Only what no reader is for.")
def ledger_command(as_json: bool, outcome: str | None) -> None:
    """What became of each file of the sources, when the live index was built."""
    snapshot = open_engine(configured()).open()
    for row in read_ledger(snapshot.attachment(LEDGER)):
        if outcome not in (None, row.outcome):
            continue
        if as_json:
            click.echo(json.dumps(row.to_json(), ensure_ascii=False))
        else:
            said = row.reason if row.reason is not None else f"{row.documents:,}"
            click.echo(printable(f"{row.outcome:9} {row.path}  {said}"))
    snapshot.close()


@cli.command()
@json_option
def check(as_json: bool) -> int:
    """Verify every file of every generation; exit 5 if any is damaged."""
    engine = open_engine(configured())
    current, names = engine.live(), engine.names()
    damage: dict[str, str] = {}
    for name in names:
        try:
            engine.check(name)
        except IndexUnusable as error:
            damage[name] = str(error)
    if as_json:
        print_json({"current": current, "generations": names, "damage": damage})
    else:
        for name in names:
            click.echo(f"{name}  {damage.get(name, 'sound')}{'  (live)' if name == current else ''}")
    return IndexUnusable.exit_code if damage else 0


@cli.command()
def rollback() -> None:
    """Make the generation before the live one live again."""
    click.echo(f"{open_engine(configured()).rollback().name} is live")
