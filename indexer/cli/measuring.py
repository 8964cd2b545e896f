"""The command that measures: evaluate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from indexer.cli.figures import print_comparison, print_evaluation, print_tuning
from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.progress import progress
from indexer.errors import ReadError
from indexer.measure.comparing import compare_results, read_result
from indexer.measure.evaluate import evaluate, indexed
from indexer.measure.judgments import JudgedSet, qrels_lines, read_judged_set
from indexer.measure.notes import not_found, set_aside
from indexer.measure.runs import run_lines
from indexer.measure.tuning import tune

_File = click.Path(exists=True, dir_okay=False, path_type=Path)
_Folder = click.Path(exists=True, file_okay=False, path_type=Path)


def _writable(_: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """A file to write, if its folder is there: an hour of work should not end with a mistyped name."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(path.parent)!r}", param=parameter)
    return path


_Minutes = click.FloatRange(0, min_open=True)
_Written = click.Path(dir_okay=False, writable=True, path_type=Path)


@cli.command("evaluate")
@click.argument("directory", type=_Folder)
@click.option("--queries", "--topics", "queries", type=_File, help="Queries instead of DIR's: id TAB text.")
@click.option("--qrels", type=_File, help="Judgments instead of DIR's: TREC qrels, or our own.")
@click.option("--compare", type=_File, metavar="RUN", help="Against a TREC run, or a result saved as JSON.")
@click.option("--run-out", type=_Written, callback=_writable, help="Write the hits as a TREC run.")
@click.option("--qrels-out", type=_Written, callback=_writable, help="Write the judgments as TREC qrels.")
@click.option("--tune", "tuned", is_flag=True, help="Look for a better [ranking], and print it to be pasted.")
@click.option("--minutes", type=_Minutes, default=10, show_default=True, help="How long --tune may take.")
@click.option("--top", type=click.IntRange(0), default=10, show_default=True, help="Queries in each list.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
def evaluate_command(
    directory: Path,
    queries: Path | None,
    qrels: Path | None,
    qrels_out: Path | None,
    tuned: bool,
    minutes: float,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Measure ranking and speed on DIR: queries.tsv, qrels.tsv, and docs.jsonl(.gz) or the live index."""
    if tuned and (options["compare"] or options["run_out"]):
        raise click.UsageError("--tune measures many rankings; leave out --compare and --run-out")
    judged = read_judged_set(directory, queries, qrels)
    notes = set_aside(judged)
    if qrels_out:
        _write(qrels_out, qrels_lines(judged.grades()))
    if tuned:
        code = _tune(judged, minutes, as_json, quiet)
    else:
        code = _evaluate(judged, notes, as_json=as_json, quiet=quiet, **options)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    return code


def _tune(judged: JudgedSet, minutes: float, as_json: bool, quiet: bool) -> int:
    config = configured()
    with progress("indexing", quiet) as tell, indexed(config, judged, tell) as own:
        with progress("tuning", quiet, "candidates") as tuning:
            found = tune(own, judged, minutes * 60, lambda tried: tuning(tried, 0))
    if as_json:
        print_json(found.to_json())
    else:
        print_tuning(found)
    return 0


def _evaluate(
    judged: JudgedSet,
    notes: list[str],
    *,
    compare: Path | None,
    run_out: Path | None,
    top: int,
    as_json: bool,
    quiet: bool,
) -> int:
    other = read_result(compare, judged, notes) if compare else None
    with progress("indexing", quiet) as tell, progress("asking", quiet, "queries") as asking:
        found, hits = evaluate(configured(), judged, tell, lambda done: asking(done, 0))
    if run_out:
        _write(run_out, run_lines(hits))
    compared = compare_results(str(compare), other, found.per_query, judged.topics) if other else None
    if as_json:
        print_json(found.to_json() | ({"comparison": compared.to_json()} if compared else {}))
    else:
        print_evaluation(found)
        if compared:
            print_comparison(compared, top)
    notes += not_found(found)
    return ReadError.exit_code if found.skipped or found.unknown else 0


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(lines), encoding="utf-8", errors="replace", newline="\n")
