"""Commands that measure: evaluate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.progress import progress
from indexer.measure.evaluate import evaluate


@cli.command("evaluate")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--queries", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another query file."
)
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
def evaluate_command(directory: Path, queries: Path | None, as_json: bool, quiet: bool) -> None:
    """Measure ranking and speed on a judged set: docs.jsonl(.gz), queries.tsv and qrels.tsv."""
    with progress("indexing", quiet) as tell:
        measured = asdict(evaluate(configured(), directory, queries, tell))
    if as_json:
        print_json(measured)
        return
    for name, value in measured.items():
        click.echo(f"{name:13} {value:,}")
