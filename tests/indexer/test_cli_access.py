"""Commands about who may read: tokens, --as, and what a server says that everybody may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from indexer import Config, rebuild
from indexer.cli.exposure import exposure

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def config(make_config: Any) -> Config:
    """An index, with a file of tokens."""
    made: Config = make_config(["運河上的船。"], '[access]\ntokens = "tokens.json"')
    rebuild(made)
    return made


def test_tokens(config: Config, hansou: Run) -> None:
    """A token is printed once; the list has its name and what it sees, and not the token."""
    secret = hansou(config, "token", "add", "crawler", "--collection", "信件").out.strip()
    assert secret.startswith("hansou_") and len(secret) > 40
    assert hansou(config, "token", "add", "crawler").code == 6
    listed = hansou(config, "token", "list", "--json")
    assert listed.json()[0]["collections"] == ["信件"] and secret not in listed.out
    assert "crawler" in hansou(config, "token", "list").out
    assert hansou(config, "token", "remove", "crawler").code == 0
    assert hansou(config, "token", "list", "--json").json() == []
    assert hansou(config, "token", "remove", "crawler").code == 6


def test_without_a_file_of_tokens(make_config: Any, hansou: Run) -> None:
    """What to write is said."""
    ran = hansou(make_config(), "token", "list")
    assert ran.code == 6 and '[access] tokens = "tokens.json"' in ran.err


def test_as_somebody(config: Config, hansou: Run) -> None:
    """A reader's own view; what is for who sees all is refused; who is nobody is said to be."""
    assert hansou(config, "search", "運河", "--json").json()["total"]["value"] == 1
    assert hansou(config, "--as", "everybody", "search", "運河", "--json").json()["total"]["value"] == 0
    for command in (("rebuild",), ("rollback",), ("check",), ("ledger",), ("token", "list")):
        ran = hansou(config, "--as", "name:lin", *command)
        assert ran.code == 1 and ("only for who sees all" in ran.err or "read off all" in ran.err)
    assert hansou(config, "--as", "token:nobody", "stats").code == 6
    for wrong in ("lin", "name:", "everybody:x"):
        assert hansou(config, "--as", wrong, "stats").code == 2


def test_what_is_public(config: Config) -> None:
    """Said for other machines alone, and only where nothing limits who may read."""
    opened = replace(config, access=replace(config.access, tokens=None))
    assert exposure(opened) is None and exposure(opened, "::1") is None
    assert exposure(config, "0.0.0.0") is None
    said = exposure(opened, "0.0.0.0") or ""
    assert "all 1 documents" in said and "/status" in said and "originals" not in said
    shown = replace(opened, server=replace(opened.server, originals=True))
    shown = replace(shown, access=replace(shown.access, status="closed"))
    said = exposure(shown, "archive.example") or ""
    assert "originals" in said and "/status" not in said
