"""How long is a first visitor's way to a marked result?

    python benchmarks/bench_visit.py --config config.toml [--query 软件园] [--visits 5]

Starts `hansou serve` over an index that is already built, as `make run` does, and walks with a browser that
was never there before: by typing (open the page, type, Enter) and by an example (open the page, click).
Prints a JSON line for each way: what the visitor does, and the milliseconds until the page can be used and
until the first mark can be seen, the median of all visits and the longest. The visitor's own time is not
in them: keys are struck without delay. Needs Playwright and a Chromium (CHROMIUM names another browser).
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable
from os import environ
from pathlib import Path
from statistics import median
from typing import Any

from bench_pages import server
from playwright.sync_api import sync_playwright

MOST = 3
"""Interactions until a result is marked, opening the page included."""
Way = Callable[[Any, str], list[str]]


def main() -> None:
    """Walk each way several times and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=Path("config.toml"))
    parser.add_argument("--query", default="", help="default: the first example of the home page")
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    chromium = environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with server(options.config) as (port, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for way in (by_typing, by_example):
            visits = [
                visit(browser, f"http://127.0.0.1:{port}/", way, options.query) for _ in range(options.visits)
            ]
            print(json.dumps(summary(way.__name__, visits), ensure_ascii=False), flush=True)
        browser.close()


def visit(browser: Any, address: str, way: Way, query: str) -> tuple[list[str], float, float]:
    """One visit with an empty cache: what was done, milliseconds to the home page and to a mark in sight."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address)
    opened = time.perf_counter()
    done = ["open", *way(page, query)]
    page.locator("main mark").first.wait_for(state="visible")
    marked = time.perf_counter()
    context.close()
    return done, 1000 * (opened - started), 1000 * (marked - started)


def by_typing(page: Any, query: str) -> list[str]:
    """Type where the cursor already is, and Enter."""
    page.keyboard.type(query or page.locator(".examples a").first.inner_text())
    page.keyboard.press("Enter")
    return ["type", "Enter"]


def by_example(page: Any, _: str) -> list[str]:
    """Click on the first example."""
    page.locator(".examples a").first.click()
    return ["click"]


def summary(name: str, visits: list[tuple[list[str], float, float]]) -> dict[str, object]:
    """The figures of one way; raises `SystemExit` where it is too long."""
    done = visits[0][0]
    if len(done) > MOST:
        raise SystemExit(f"{name}: {len(done)} interactions, at most {MOST} are wanted")
    opened, marked = ([visit[at] for visit in visits] for at in (1, 2))
    return {
        "way": name,
        "interactions": done,
        "home_ms": [round(median(opened)), round(max(opened))],
        "marked_ms": [round(median(marked)), round(max(marked))],
    }


if __name__ == "__main__":
    main()
