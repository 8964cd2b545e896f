"""Commands that ask the live index: search, stats; and analyze, which asks the analyzer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.text import Text

from indexer.cli.explaining import print_explanation, print_plan
from indexer.cli.group import cli, configured, date_or_part, json_option, print_json
from indexer.cli.terminal import console, printable
from indexer.config import Config
from indexer.reading import MAX_WINDOW
from indexer.results.analysis import analyze
from indexer.results.results import Hit, ResultPage, Snippet
from indexer.results.taking import Format, written_hits
from indexer.searcher import Searcher
from indexer.text.analyzer import load_analyzer


@cli.command()
@click.argument("query")
@click.option("--size", type=click.IntRange(1, 1000), default=None, help="Hits per page.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--mode", type=click.Choice(["smart", "exact"]), default="smart", show_default=True)
@click.option(
    "--sort",
    type=click.Choice(["relevance", "date_desc", "date_asc", "added_desc", "title", "source"]),
    default="relevance",
)
@click.option(
    "--from",
    "date_from",
    callback=date_or_part,
    metavar="DATE",
    help="Not before this date (YYYY[-MM[-DD]]).",
)
@click.option("--to", "date_to", callback=date_or_part, metavar="DATE", help="Not after this date.")
@click.option("--source", multiple=True, help="Only documents of this source, or of any of several.")
@click.option("--collection", multiple=True, help="Only documents of this collection, or of several.")
@click.option("--author", multiple=True, help="Only documents by this author, or by any of several.")
@click.option("--lang", type=click.Choice(["zh-Hans", "zh-Hant"]), help="Only documents in this script.")
@click.option("--kind", multiple=True, help="Only documents from files of this kind, as pdf.")
@click.option("--near", metavar="ID", help="Only documents near-identical to this one, itself among them.")
@click.option("--collapse/--no-collapse", default=True, help="Near-identical documents as one hit, or each.")
@click.option("--explain", is_flag=True, help="Show where each score comes from.")
@click.option(
    "--format", type=click.Choice(["jsonl", "csv", "bibtex", "ris"]), help="Write all hits, not a page."
)
@json_option
def search(query: str, size: int | None, as_json: bool, format: Any, **options: Any) -> None:
    """Search the index: hansou search '无锡 "高新技术" -广告'."""
    config = configured()
    if format:
        _write_all(config, query, format, options)
        return
    size = size or config.search.page_size
    if options["page"] * size > MAX_WINDOW:
        last = MAX_WINDOW // size
        raise click.BadParameter(
            f"a query reaches its first {MAX_WINDOW:,} hits: at most page {last} of {size}"
        )
    with Searcher.open(config) as searcher:
        page = searcher.search(query, size=size, **options)
        unknown = _unknown(options["collection"], searcher) if not page.total.value else []
    if as_json:
        print_json(page.to_json())
    else:
        _print_page(page)
    for name in unknown:
        click.echo(f"no collection is called {name!r}", err=True)


def _unknown(names: Sequence[str], searcher: Searcher) -> list[str]:
    known = searcher.stats()["collections"] if names else {}
    return [name for name in names if name not in known]


def _write_all(config: Config, query: str, format: Format, options: dict[str, Any]) -> None:
    """Write every hit as it is found; pages and explanations are for people."""
    wanted = {name: value for name, value in options.items() if name not in ("page", "explain")}
    with Searcher.open(config) as searcher:
        for piece in written_hits(searcher.every(query, **wanted), format, lambda id: None):
            click.echo(piece, nl=False)


def _print_page(page: ResultPage) -> None:
    out = console()
    found = f"{page.total.value:,} document{'' if page.total.value == 1 else 's'}"
    out.print(f"{found} ({page.took_ms / 1000:.3f} s)")
    if page.suggestion:
        out.print(f"did you mean: {printable(page.suggestion)}")
    if page.plan:
        print_plan(out, page.plan)
    for rank, hit in enumerate(page.hits, (page.page - 1) * page.size + 1):
        out.print(Text.assemble(f"\n{rank}. ", _marked(hit.heading)))
        out.print(Text(_about(hit), style="dim"))
        if hit.snippets:
            out.print(Text(" … ").join(_marked(snippet) for snippet in hit.snippets))
        if hit.explanation:
            print_explanation(out, hit.explanation)


def _about(hit: Hit) -> str:
    part = f"{hit.part.kind} {hit.part.name}" if hit.part else None
    parts = (
        hit.id,
        part,
        hit.collection,
        hit.source,
        hit.date,
        f"score {hit.score:.3f}" if hit.score else None,
    )
    return "   " + " · ".join(printable(part) for part in parts if part)


def _marked(snippet: Snippet) -> Text:
    text = Text(printable(snippet.text.replace("\n", " ")))
    for start, end in snippet.marks:
        text.stylize("bold red", start, end)
    return text


@cli.command("analyze")
@click.argument("text")
@json_option
def analyze_command(text: str, as_json: bool) -> None:
    """Show how TEXT is repaired, folded and divided."""
    found = analyze(text, load_analyzer(configured()))
    if as_json:
        print_json(found)
        return
    click.echo(f"repaired  {found['repaired']}\nfolded    {found['folded']}")
    for kind in ("words", "grams"):
        click.echo(f"{kind:9} {' '.join(token['term'] for token in found[kind])}")


@cli.command()
@json_option
def stats(as_json: bool) -> None:
    """Show what is in the index."""
    with Searcher.open(configured()) as searcher:
        found = searcher.stats()
    if as_json:
        print_json(found)
        return
    for name, value in (found | {"ledger": found["ledger"]["outcomes"]}).items():
        shown = (
            ", ".join(f"{key} {count:,}" for key, count in value.items())
            if isinstance(value, dict)
            else value
        )
        click.echo(f"{name:12} {shown:,}" if isinstance(shown, int) else f"{name:12} {shown}")
