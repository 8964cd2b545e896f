"""What can be typed, configured, requested or imported is documented, and every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import click
import pytest

import indexer
from indexer.cli import cli
from indexer.config import SECTIONS, Config, SourceSettings
from webapp import create_app

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


@cache
def text(name: str) -> str:
    """A page of the documentation."""
    return (ROOT / name).read_text(encoding="utf-8")


def options() -> Iterator[tuple[str, str]]:
    """(command, option) of the whole command line, the long form of each that help shows."""
    for name, command in {"": cli, **cli.commands}.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                yield name, max(parameter.opts, key=len)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_commands(name: str) -> None:
    """Every command has its section in docs/cli.md."""
    assert re.search(rf"^## `hansou {name}\b", text("docs/cli.md"), re.MULTILINE)


@pytest.mark.parametrize(("command", "option"), [*options()])
def test_options(command: str, option: str) -> None:
    """Every option is in its command's section, those of all commands before the first section."""
    before, *sections = re.split(r"^## ", text("docs/cli.md"), flags=re.MULTILINE)
    section = next((s for s in sections if s.startswith(f"`hansou {command}")), "") if command else before
    assert re.search(rf"{option}\b", section)


def settings() -> Iterator[tuple[str, str, object, object]]:
    """(section, key, default, type with what is allowed) of every setting."""
    for name, kind in {**SECTIONS, "source": SourceSettings}.items():
        hints = get_type_hints(kind, include_extras=True)
        yield from ((name, field.name, field.default, hints[field.name]) for field in fields(kind))


@pytest.mark.parametrize(("section", "key", "default", "hint"), [*settings()])
def test_settings(section: str, key: str, default: object, hint: object) -> None:
    """Every key stands in its section of docs/configuration.md, numbers with their default and range."""
    title = "[[source]]" if section == "source" else f"[{section}]"
    sections = re.split(r"^## ", text("docs/configuration.md"), flags=re.MULTILINE)
    (found,) = [part for part in sections if part.startswith(f"`{title}`")]
    row = re.search(rf"^\| `{key}` \| (.+?) \| (.+?) \|", found, re.MULTILINE)
    assert row
    if isinstance(default, bool | int | float):
        assert row[1] == f"`{str(default).lower()}`"
    if isinstance(default, int | float) and not isinstance(default, bool):
        (allowed,) = get_args(hint)[1:]
        assert allowed.description.endswith(f" {row[2]}")
    if get_origin(hint) is Literal:
        assert row[2] == ", ".join(f'`"{choice}"`' for choice in get_args(hint))


def test_settings_that_are_documented_exist() -> None:
    """docs/configuration.md names no key that is gone."""
    documented = set(re.findall(r"^\| `(\w+)` \|", text("docs/configuration.md"), re.MULTILINE))
    assert documented == {key for _, key, *_ in settings()}


def routes() -> list[str]:
    """The addresses of the web application, without their parameters."""
    rules = create_app(Config()).url_map.iter_rules()
    return sorted({str(rule).split("<")[0] for rule in rules if rule.endpoint != "static"})


@pytest.mark.parametrize("route", routes())
def test_routes(route: str) -> None:
    """Every address is in docs/api.md or docs/cli.md."""
    assert f"`{route.rstrip('/') or '/`'}" in text("docs/api.md") + text("docs/cli.md")


@pytest.mark.parametrize("name", indexer.__all__)
def test_interface(name: str) -> None:
    """Every name of the Python interface is somewhere in the documentation, written as code."""
    assert any(re.search(rf"`[^`\n]*\b{name}\b", page.read_text(encoding="utf-8")) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    """Every relative link leads to a file, every anchor within a page to a heading."""
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, anchor = (match[1] or match[2]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists() and file.is_relative_to(ROOT), f"{page.name}: {match[0]}"
        if anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page.name}: {match[0]}"


def test_parts_in_the_architecture_exist() -> None:
    """docs/architecture.md names every part of the engine, and none that is gone."""
    parts = {
        path.name + "/" if path.is_dir() else path.name
        for path in (ROOT / "indexer").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    documented = re.findall(r"^\| `indexer/(\S+)` \|", text("docs/architecture.md"), re.MULTILINE)
    assert {*documented} == parts


def test_terms_are_in_order() -> None:
    """The glossary is alphabetical."""
    terms = re.findall(r"^\*\*`?(\w[^*`]*)`?\*\*", text("docs/glossary.md"), re.MULTILINE)
    assert len(terms) > 30 and [t.lower() for t in terms] == sorted(t.lower() for t in terms)
