"""Commands that take an index elsewhere: backup, restore, export."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from indexer.backup import backup, restore, written
from indexer.cli.group import cli, configured
from indexer.engine import open_engine
from indexer.engine.protocol import Generation
from indexer.results.export import exported


@cli.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write the live index to FILE (.tar.zst or .tar.gz); searching and building go on."""
    _tell(backup(configured(), file), f"→ {file} ({file.stat().st_size:,} bytes)")


@cli.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Make what `hansou backup` wrote to FILE the live index."""
    generation = restore(configured(), file)
    _tell(generation, f"→ {generation.name} is live")


def _tell(generation: Generation, what: str) -> None:
    click.echo(f"{generation.counts.documents:,} documents, built {generation.built_at} {what}")


@cli.command("export")
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--jsonl", is_flag=True, required=True, help="As JSON lines, the one form there is.")
@click.option("--original", is_flag=True, help="Texts as they came, not as they were repaired.")
def export_command(file: Path, jsonl: bool, original: bool) -> None:
    """Write every document of the live index to FILE or standard output, one line each."""
    with closing(open_engine(configured()).open()) as snapshot:
        lines = (
            line.encode("utf-8", "backslashreplace") for line in exported(snapshot.scan(), original=original)
        )
        if str(file) == "-":
            sys.stdout.flush()
            sys.stdout.buffer.writelines(lines)
            return
        with written(file) as stream:
            stream.writelines(lines)
    click.echo(f"{file.stat().st_size:,} bytes → {file}", err=True)
