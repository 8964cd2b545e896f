"""A real browser on a real server on a real, small index.

Skipped with a reason where Playwright or a Chromium is absent. CHROMIUM names another browser;
axe-core is looked for under artifacts/ and node_modules/, where `.ci/run` puts it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from os import environ
from pathlib import Path
from typing import Any

import pytest

from indexer import Config

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ROOT = Path(__file__).parents[3]
CHROMIUM = environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
AXE = "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def site(site_config: Config, start: Callable[..., Any]) -> str:
    """The address of a server on that index."""
    address: str = start(site_config).address
    return address.rstrip("/")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install one or name it in CHROMIUM")
    return CHROMIUM


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """Chromium without a window."""
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open a path in a context of its own; an error on the page's console fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open(path: str, **options: Any) -> Any:
        context = browser.new_context(**{"base_url": site, "locale": "zh-CN"} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complain(message))
        page.goto(path)
        return page

    def complain(message: Any) -> None:
        if message.type == "error" and not re.search("status of 40[04]", message.text):
            complaints.append(message.text)

    yield open
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    for base in (ROOT / "artifacts", ROOT, Path(environ.get("AXE_PATH", ROOT))):
        if (base / AXE).is_file():
            return (base / AXE).read_text(encoding="utf-8")
    pytest.skip("no axe-core: npm install --prefix artifacts axe-core")
