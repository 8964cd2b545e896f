"""How pages look: narrow, dark, printed, light of weight, and to be looked at in artifacts/screenshots."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PATHS: dict[str, str] = tomllib.loads((ROOT / "tests/cases/pages.toml").read_text("utf-8"))["paths"]
SHOTS = ("home", "results", "chosen", "lines", "facets", "document", "compare", "zero", "error")
THEMES = ("light", "dark")
WEIGHT = 60 * 1024

Open = Callable[..., Any]

CONTRAST = """(selector) => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const luminance = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
      .map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll(selector)].map((element) => {
    const style = getComputedStyle(element);
    const pair = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  });
}"""

LOADED = """() => Object.fromEntries([...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")].map((entry) => [entry.name, entry.decodedBodySize]))"""


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_narrow_pages_do_not_scroll_sideways(open_page: Open, javascript: bool) -> None:
    """At 320 px every page fits its width."""
    page = open_page("/", viewport={"width": 320, "height": 640}, java_script_enabled=javascript)
    for name, path in PATHS.items():
        page.goto(path)
        widths = [page.locator(part).bounding_box()["width"] for part in ("main", "body")]
        assert max(widths) <= 320, name
        wide = page.evaluate("document.documentElement.scrollWidth") if javascript else 0
        assert wide <= 320, name


def test_nothing_hidden_makes_a_page_longer(open_page: Open) -> None:
    """A page ends with its footer, also where a table for screen readers would reach further."""
    page = open_page("/", viewport={"width": 390, "height": 500})
    for name, path in PATHS.items():
        page.goto(path)
        ends = "[document.documentElement.scrollHeight, document.body.getBoundingClientRect().bottom]"
        length, end = page.evaluate(ends)
        assert length <= end + 1, name


@pytest.mark.parametrize(
    ("name", "selector"), [("results", "mark"), ("document", "mark"), ("compare", "del")]
)
def test_marks_are_readable(open_page: Open, name: str, selector: str) -> None:
    """Marked words have a contrast of 4.5:1 or more on their mark, and a line besides the color."""
    page = open_page(PATHS[name])
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        ratios = page.evaluate(CONTRAST, selector)
        assert ratios and min(ratios) >= 4.5, theme
    if selector == "mark":
        assert page.locator("mark").first.evaluate("e => getComputedStyle(e).borderBottomWidth") == "2px"


def test_dark_is_dark(open_page: Open) -> None:
    """The page follows the system's theme."""
    page = open_page("/", color_scheme="dark")
    assert max(page.evaluate(CONTRAST, "html")) > 7
    color = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert sum(int(part) for part in color[4:-1].split(",")) < 150


def test_print(open_page: Open) -> None:
    """On paper there is the text and nothing to click."""
    page = open_page(PATHS["document"])
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    hidden = [page.locator(part).is_visible() for part in (".top", "footer", ".jump", ".switch")]
    assert not any(hidden) and page.locator(".text").is_visible()


def test_weight_and_origin(open_page: Open, site: str) -> None:
    """Each page weighs at most 60 kB with all it loads, and loads nothing from elsewhere."""
    page = open_page("/")
    for name, path in PATHS.items():
        page.goto(path)
        loaded: dict[str, int] = page.evaluate(LOADED)
        assert all(url.startswith(site) for url in loaded), name
        assert len(loaded) >= 3 and sum(loaded.values()) <= WEIGHT, (name, loaded)


def test_fragments_name_their_language(open_page: Open) -> None:
    """A Traditional hit is set in a Traditional font, whatever the language of the page."""
    page = open_page(PATHS["results"])
    for lang, font in (("zh-Hant", "PingFang TC"), ("zh-Hans", "PingFang SC")):
        snippet = page.locator(f"article[lang={lang}] .snippet").first
        assert font in snippet.evaluate("e => getComputedStyle(e).fontFamily")


@pytest.mark.parametrize(("device", "size"), [("desktop", (1200, 760)), ("phone", (375, 760))])
def test_screenshots(open_page: Open, device: str, size: tuple[int, int]) -> None:
    """Pictures of the main pages, kept for people to look at."""
    folder = ROOT / "artifacts/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page = open_page("/", viewport={"width": size[0], "height": size[1]})
    for name in SHOTS:
        page.goto(PATHS[name])
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert page.screenshot(path=folder / f"{name}-{device}-{theme}.png")
