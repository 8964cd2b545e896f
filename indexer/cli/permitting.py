"""Commands about who may read: token add, token list, token remove."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.access import add_token, read_tokens, remove_token
from indexer.cli.group import cli, configured, json_option, print_json
from indexer.config import ALL
from indexer.errors import ConfigError, NotPermitted


@cli.group()
def token() -> None:
    """Keep the tokens by which programs read: the file is named in [access] tokens."""


@token.command("add")
@click.argument("name")
@click.option(
    "--collection", "collections", multiple=True, help="What it sees; repeat for more. All without."
)
def add_command(name: str, collections: tuple[str, ...]) -> None:
    """Make a token called NAME and print it: the only time that it is shown."""
    click.echo(add_token(_file(), name, collections or ("*",)))


@token.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """Show the names of all tokens and what each sees; the tokens themselves are nowhere."""
    tokens = read_tokens(_file())
    if as_json:
        print_json([{"name": t.name, "collections": t.collections, "made": t.made} for t in tokens])
        return
    for each in tokens:
        click.echo(f"{each.name}  {each.made}  {', '.join(each.collections)}")


@token.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Let the token called NAME be none any more, at once and for every server that reads the file."""
    remove_token(_file(), name)


def _file() -> Path:
    """The file of tokens. Raises `ConfigError` where none is configured."""
    config = configured()
    if config.seen is not ALL:
        raise NotPermitted("tokens are only for who sees all of the archive: leave out --as")
    path = config.access.tokens
    if path is None:
        raise ConfigError(
            'there is no file of tokens yet; name one in config.toml: [access] tokens = "tokens.json"'
        )
    return path
