"""Commands that change the live index by what changed: update, merge."""

from __future__ import annotations

import click

from indexer.cli.building import told
from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.progress import progress
from indexer.cli.repeating import DURATION, again
from indexer.pipeline import merge, update


@cli.command("update")
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option(
    "--allow-shrink",
    is_flag=True,
    help="Publish even if more than half of the documents, or all files of a source, are gone.",
)
@click.option("--verify", is_flag=True, help="Compare contents of files, not sizes and times alone.")
@click.option("--no-merge", is_flag=True, help="Leave segments as they are, however many.")
@click.option("--every", type=DURATION, metavar="TIME", help="Update again and again: 30s, 10m, 6h, 1d.")
def update_command(
    as_json: bool, quiet: bool, allow_shrink: bool, verify: bool, no_merge: bool, every: float | None
) -> int:
    """Bring the index to what the sources hold now, reading only what changed."""
    config = configured()

    def once() -> int:
        with progress("indexing", quiet or every is not None) as tell:
            report = update(config, tell, allow_shrink=allow_shrink, verify=verify, merge=not no_merge)
        return told(report, as_json, report.changes)

    return once() if every is None else again(once, every)


@cli.command("merge")
@json_option
def merge_command(as_json: bool) -> int:
    """Put the segments of the live index together, as a rebuild has them; answers do not change."""
    report = merge(configured())
    if as_json:
        print_json({"generation": report.generation.name, "bytes": report.generation.bytes})
    else:
        click.echo(f"{report.counts.documents:,} documents → {report.generation.name}")
    return 0
