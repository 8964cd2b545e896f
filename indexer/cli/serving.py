"""The command that serves the pages and the API: serve."""

from __future__ import annotations

from functools import partial

import click

from indexer.cli.group import cli
from indexer.config import load_config


@cli.command()
@click.option("--host", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the search page and the JSON API."""
    from webapp import serve as run  # the web server is no part of the other commands

    def ready(url: str, processes: int) -> None:
        workers = f"{processes} processes; " if processes > 1 else ""
        click.echo(f"Hansou 漢搜 is at {url} ({workers}Ctrl-C ends it)", err=True)

    load = partial(load_config, click.get_current_context().find_root().obj)
    run(load(), host, port, ready, load)
