"""The command that measures: evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from indexer.cli.figures import print_comparison, print_evaluation
from indexer.cli.group import cli, configured, json_option, print_json
from indexer.cli.progress import progress
from indexer.errors import ReadError
from indexer.measure.comparing import compare_results, read_result
from indexer.measure.evaluate import Evaluation, evaluate
from indexer.measure.judgments import JudgedSet, qrels_lines, read_judged_set
from indexer.measure.runs import run_lines

_File = click.Path(exists=True, dir_okay=False, path_type=Path)
_Folder = click.Path(exists=True, file_okay=False, path_type=Path)


def _writable(_: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """A file to write, if its folder is there: an hour of work should not end with a mistyped name."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(path.parent)!r}", param=parameter)
    return path


_Written = click.Path(dir_okay=False, writable=True, path_type=Path)


@cli.command("evaluate")
@click.argument("directory", type=_Folder)
@click.option("--queries", "--topics", "queries", type=_File, help="Queries instead of DIR's: id TAB text.")
@click.option("--qrels", type=_File, help="Judgments instead of DIR's: TREC qrels, or our own.")
@click.option("--compare", type=_File, metavar="RUN", help="Against a TREC run, or a result saved as JSON.")
@click.option("--run-out", type=_Written, callback=_writable, help="Write the hits as a TREC run.")
@click.option("--qrels-out", type=_Written, callback=_writable, help="Write the judgments as TREC qrels.")
@click.option("--top", type=click.IntRange(0), default=10, show_default=True, help="Queries in each list.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress.")
def evaluate_command(
    directory: Path,
    queries: Path | None,
    qrels: Path | None,
    compare: Path | None,
    run_out: Path | None,
    qrels_out: Path | None,
    top: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """Measure ranking and speed on DIR: queries.tsv, qrels.tsv, and docs.jsonl(.gz) or the live index."""
    judged = read_judged_set(directory, queries, qrels)
    notes = _set_aside(judged)
    other = read_result(compare, judged, notes) if compare else None
    if qrels_out:
        _write(qrels_out, qrels_lines(judged.grades()))
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
    notes += _not_found(found)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    return ReadError.exit_code if found.skipped or found.unknown else 0


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(lines), encoding="utf-8", errors="replace", newline="\n")


def _set_aside(judged: JudgedSet) -> list[str]:
    """What of a judged set counts in no measure."""
    grades = judged.grades()
    topics = [topic.place for topic in judged.topics if topic.id not in grades]
    asked = {topic.id for topic in judged.topics}
    judgments = [judgment.place for judgment in judged.judgments if judgment.query not in asked]
    return [
        *_counted(topics, "query has no judgment and counts in no measure"),
        *_counted(judgments, "judgment is of a query that is not asked"),
    ]


def _not_found(found: Evaluation) -> list[str]:
    """What the index does not have, though it was given or judged."""
    skipped = [f"{found.skipped:,} documents could not be read and were skipped"] if found.skipped else []
    places = [f"{each.place} ({each.document!r})" for each in found.unknown]
    return [*skipped, *_counted(places, "judgment is of a document that is not in the index: not found")]


def _counted(places: Sequence[str], what: str) -> list[str]:
    """A note on the first of some places, and how many there are; none where there is none."""
    more = f"; {len(places):,} are such" if places[1:] else ""
    return [f"{places[0]}: this {what}{more}"] if places else []
