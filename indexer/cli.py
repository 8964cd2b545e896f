"""The command line: `hansou --config FILE COMMAND`.

Data goes to standard output, progress and messages to standard error. Exit codes: 0 done, 1 failure,
2 usage, 3 done but some input was skipped, 4 another builder is at work, 5 index missing or damaged,
6 bad configuration, 130 interrupted.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from indexer import generations
from indexer.analyzer import load_analyzer
from indexer.config import Config, load_config
from indexer.documents import Document
from indexer.errors import HansouError, IndexUnusable
from indexer.evaluate import evaluate
from indexer.pipeline import rebuild
from indexer.readers import Skipped, read_source
from indexer.repair import damage_table, explain, load_rules, repair_text
from indexer.results import Hit, ResultPage, Snippet
from indexer.searcher import Searcher, analyze

_QUIET_INTERVAL_S = 10.0


class _Commands(click.Group):
    """A group that names the command probably meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "config_file", default="config.toml", show_default=True, metavar="FILE", help="Settings."
)
@click.version_option(package_name="hansou")
@click.pass_context
def cli(ctx: click.Context, config_file: str) -> None:
    """Hansou 漢搜: full-text search for Chinese archives, Traditional and Simplified alike."""
    ctx.obj = config_file


def main() -> None:
    """Run the command line; errors of ours become a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # An argument or a file name may be no text; it is shown with a mark rather than not at all.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except HansouError as error:
        click.echo(f"hansou: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`hansou search … | head`).
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(f"hansou: {error}", err=True)
        sys.exit(1)


def _config() -> Config:
    return load_config(click.get_current_context().find_root().obj)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def _progress(what: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far a build is: a live line on a terminal, else a line every ten seconds."""
    console = Console(stderr=True)
    if quiet:
        yield lambda indexed, skipped: None
    elif console.is_terminal:
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what)
            yield lambda indexed, skipped: bar.update(task, description=_state(what, indexed, skipped))
    else:
        yield _lines(what)


def _lines(what: str) -> Callable[[int, int], None]:
    started = last = time.monotonic()

    def tell(indexed: int, skipped: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _QUIET_INTERVAL_S:
            last = now
            click.echo(f"{_state(what, indexed, skipped)}, {now - started:.0f} s", err=True)

    return tell


def _state(what: str, indexed: int, skipped: int) -> str:
    return f"{what}: {indexed:,} documents" + (f", {skipped:,} skipped" if skipped else "")


@cli.command("rebuild")
@_json_option
@click.option("--quiet", is_flag=True, help="No progress.")
def rebuild_command(as_json: bool, quiet: bool) -> int:
    """Read all sources and build a new index; searching goes on until it is ready."""
    config = _config()
    with _progress("indexing", quiet) as tell:
        report = rebuild(config, tell)
    for skipped in report.skipped:
        click.echo(f"skipped {skipped.path}: {skipped.reason}", err=True)
    counts = report.counts
    if as_json:
        _print_json({"generation": report.generation.name, **asdict(counts)})
    else:
        click.echo(
            f"{counts.documents:,} documents, {counts.skipped:,} skipped, {counts.repaired:,} repaired,"
            f" {counts.seconds:.1f} s → {report.generation.name}"
        )
    return 3 if counts.skipped else 0


def _date(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None or re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value):
        return value
    raise click.BadParameter(f"{value!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD", param=parameter)


@cli.command()
@click.argument("query")
@click.option("--size", type=click.IntRange(1, 1000), default=None, help="Hits per page.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--mode", type=click.Choice(["smart", "exact"]), default="smart", show_default=True)
@click.option("--sort", type=click.Choice(["relevance", "date_desc", "date_asc"]), default="relevance")
@click.option(
    "--from", "date_from", callback=_date, metavar="DATE", help="Not before this date (YYYY[-MM[-DD]])."
)
@click.option("--to", "date_to", callback=_date, metavar="DATE", help="Not after this date.")
@click.option("--source", help="Only documents of this source.")
@_json_option
def search(query: str, size: int | None, as_json: bool, **options: Any) -> None:
    """Search the index: hansou search '无锡 "高新技术" -广告'."""
    config = _config()
    with Searcher.open(config) as searcher:
        page = searcher.search(query, size=size or config.search.page_size, **options)
    if as_json:
        _print_json(page.to_json())
    else:
        _print_page(page)


def _print_page(page: ResultPage) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{page.total.value:,} documents ({page.took_ms / 1000:.3f} s)")
    if page.suggestion:
        console.print(f"did you mean: {page.suggestion}")
    for rank, hit in enumerate(page.hits, (page.page - 1) * page.size + 1):
        console.print(Text.assemble(f"\n{rank}. ", _marked(hit.heading)))
        console.print(Text(_about(hit), style="dim"))
        if hit.snippets:
            console.print(Text(" … ").join(_marked(snippet) for snippet in hit.snippets))


def _about(hit: Hit) -> str:
    parts = (hit.id, hit.source, hit.date, f"score {hit.score:.3f}")
    return "   " + " · ".join(part for part in parts if part)


def _marked(snippet: Snippet) -> Text:
    text = Text(snippet.text.replace("\n", " "))
    for start, end in snippet.marks:
        text.stylize("bold red", start, end)
    return text


@cli.command()
@click.option("--host", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the search page and the JSON API."""
    from webapp import serve as run  # the web server is no part of the other commands

    def ready(url: str) -> None:
        click.echo(f"Hansou 漢搜 is at {url} (Ctrl-C ends it)", err=True)

    run(_config(), host, port, ready)


@cli.command("analyze")
@click.argument("text")
@_json_option
def analyze_command(text: str, as_json: bool) -> None:
    """Show how TEXT is repaired, folded and divided."""
    found = analyze(text, load_analyzer(_config()))
    if as_json:
        _print_json(found)
        return
    click.echo(f"repaired  {found['repaired']}\nfolded    {found['folded']}")
    for kind in ("words", "grams"):
        click.echo(f"{kind:9} {' '.join(token['term'] for token in found[kind])}")


@cli.command()
@_json_option
def stats(as_json: bool) -> None:
    """Show what is in the index."""
    with Searcher.open(_config()) as searcher:
        found = searcher.stats()
    if as_json:
        _print_json(found)
        return
    for name, value in found.items():
        shown = (
            ", ".join(f"{key} {count:,}" for key, count in value.items())
            if isinstance(value, dict)
            else value
        )
        click.echo(f"{name:12} {shown:,}" if isinstance(shown, int) else f"{name:12} {shown}")


@cli.command()
@_json_option
def check(as_json: bool) -> int:
    """Verify every file of every generation; exit 5 if any is damaged."""
    directory = _config().index.directory
    damage: dict[str, str] = {}
    current = generations.current_name(directory)
    for name in generations.names(directory):
        try:
            generations.verify(generations.load(directory, name))
        except IndexUnusable as error:
            damage[name] = str(error)
    if as_json:
        _print_json({"current": current, "generations": generations.names(directory), "damage": damage})
    else:
        for name in generations.names(directory):
            click.echo(f"{name}  {damage.get(name, 'sound')}{'  (live)' if name == current else ''}")
    return IndexUnusable.exit_code if damage else 0


@cli.command()
def rollback() -> None:
    """Make the generation before the live one live again."""
    click.echo(f"{generations.rollback(_config().index).name} is live")


@cli.command("evaluate")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--queries", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another query file."
)
@_json_option
@click.option("--quiet", is_flag=True, help="No progress.")
def evaluate_command(directory: Path, queries: Path | None, as_json: bool, quiet: bool) -> None:
    """Measure ranking and speed on a judged set: docs.jsonl(.gz), queries.tsv and qrels.tsv."""
    with _progress("indexing", quiet) as tell:
        measured = asdict(evaluate(_config(), directory, queries, tell))
    if as_json:
        _print_json(measured)
        return
    for name, value in measured.items():
        click.echo(f"{name:13} {value:,}")


@cli.command("repair")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FILE")
@click.option("--explain", "explained", is_flag=True, help="Show each step with its evidence.")
@click.option("--stats", "counted", is_flag=True, help="Count the kinds of damage; FILE may be a folder.")
@_json_option
def repair_command(path: Path, explained: bool, counted: bool, as_json: bool) -> int:
    """Print the repaired text of FILE; of several documents, one after the other."""
    rules = load_rules(_config().repair.furniture)
    skipped: list[Skipped] = []
    repairs = (repair_text(document.text, rules=rules) for document in _documents(path, skipped))
    if counted:
        _print_damage(damage_table(repairs), as_json)
    for repair in () if counted else repairs:
        if as_json:
            _print_json({"text": repair.text, "steps": [step.to_json() for step in repair.steps]})
        else:
            click.echo(explain(repair) if explained else repair.text)
    for item in skipped:
        click.echo(f"skipped {item.path}: {item.reason}", err=True)
    return 3 if skipped else 0


def _documents(path: Path, skipped: list[Skipped]) -> Iterator[Document]:
    for item in read_source(path):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            yield item


def _print_damage(table: dict[str, dict[str, int]], as_json: bool) -> None:
    if as_json:
        _print_json(table)
        return
    click.echo(f"{'damage':12} {'documents':>10} {'places':>10}")
    for kind, row in table.items():
        click.echo(f"{kind:12} {row['documents']:>10,} {row['places']:>10,}")
