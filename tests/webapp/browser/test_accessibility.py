"""Every page passes axe-core: WCAG 2.2 AA and its best practices, in both themes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PATHS: dict[str, str] = tomllib.loads((Path(__file__).parents[2] / "cases/pages.toml").read_text("utf-8"))[
    "paths"
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async (tags) => (await axe.run({runOnly: tags})).violations.map(v => [v.id, v.nodes.map(n => n.html)])"

Open = Callable[..., Any]


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 375)])
def test_no_violations(open_page: Open, axe: str, theme: str, width: int) -> None:
    """axe-core finds nothing to complain of on any page."""
    page = open_page("/", color_scheme=theme, viewport={"width": width, "height": 800})
    found = {}
    for name, path in PATHS.items():
        page.goto(path)
        page.evaluate(axe)
        found[name] = page.evaluate(RUN, TAGS)
    assert {name: violations for name, violations in found.items() if violations} == {}


def test_open_suggestions_have_no_violations(open_page: Open, axe: str) -> None:
    """The list of suggestions is a proper combobox while it is open."""
    page = open_page("/")
    page.get_by_role("combobox", name="搜索全文").press_sequentially("软")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.evaluate(axe)
    assert page.evaluate(RUN, TAGS) == []
