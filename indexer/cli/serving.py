"""The command that serves the pages and the API: serve."""

from __future__ import annotations

import click

from indexer.cli.exposure import exposure
from indexer.cli.group import cli, config_named, configuring
from indexer.cli.watcher import Watcher
from indexer.config import Config


@cli.command()
@click.option("--host", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--watch", is_flag=True, help="Update the index whenever files of its sources change.")
def serve(host: str | None, port: int | None, watch: bool) -> None:
    """Serve the search page and the JSON API."""
    from webapp import serve as run  # the web server is no part of the other commands

    def ready(url: str, processes: int) -> None:
        if watch:
            watcher.start()
        workers = f"{processes} processes; " if processes > 1 else ""
        click.echo(f"Hansou 漢搜 is at {url} ({workers}Ctrl-C ends it)", err=True)

    def again() -> Config:
        config = load()
        if watch:
            watcher.end()
            watcher.start()
        return config

    load = configuring()
    config = load()
    watcher = Watcher(config_named())
    if public := exposure(config, host):
        click.echo(public, err=True)
    try:
        run(config, host, port, ready, again)
    finally:
        watcher.end()
