"""The command that shows what repair does to a file: repair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.terminal import printable
from indexer.documents import Document
from indexer.documents.outcomes import Skipped
from indexer.documents.sources import read_source
from indexer.repair import damage_table, explain, load_rules, repair_text


@cli.command("repair")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FILE")
@click.option("--explain", "explained", is_flag=True, help="Show each step with its evidence.")
@click.option("--stats", "counted", is_flag=True, help="Count the kinds of damage; FILE may be a folder.")
@json_option
def repair_command(path: Path, explained: bool, counted: bool, as_json: bool) -> int:
    """Print the repaired text of FILE; of several documents, one after the other."""
    rules = load_rules(configured().repair.furniture)
    skipped: list[Skipped] = []
    repairs = (repair_text(document.text, rules=rules) for document in _documents(path, skipped))
    if counted:
        _print_damage(damage_table(repairs), as_json)
    for repair in () if counted else repairs:
        if as_json:
            print_json({"text": repair.text, "steps": [step.to_json() for step in repair.steps]})
        else:
            click.echo(explain(repair) if explained else repair.text)
    for item in skipped:
        click.echo(printable(f"skipped {item.path}: {item.reason}"), err=True)
    return 3 if skipped else 0


def _documents(path: Path, skipped: list[Skipped]) -> Iterator[Document]:
    for item in read_source(path):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            yield item


def _print_damage(table: dict[str, dict[str, int]], as_json: bool) -> None:
    if as_json:
        print_json(table)
        return
    click.echo(f"{'damage':12} {'documents':>10} {'places':>10}")
    for kind, row in table.items():
        click.echo(f"{kind:12} {row['documents']:>10,} {row['places']:>10,}")
