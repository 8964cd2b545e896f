"""A PDF that a document links to is opened by the browser at the page of the first mark."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer import load_config, rebuild

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
REPORT = Path(__file__).parents[3] / "seeds" / "formats" / "annual-report.pdf"
CONFIG = """
[documents]
readers = 0
[server]
port = 0
originals = true
[[source]]
path = "share"
"""


@pytest.fixture
def archive(tmp_path: Path, start: Callable[..., Any]) -> str:
    """The address of a server that gives originals, of a report with two pages."""
    (tmp_path / "share").mkdir()
    shutil.copy(REPORT, tmp_path / "share")
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = load_config(tmp_path / "config.toml", {})
    rebuild(config)
    address: str = start(config).address
    return address.rstrip("/")


def test_a_pdf_opens_at_its_page(browser: Any, chromium: str, archive: str) -> None:
    """What stands on the second page leads there in the viewer of the browser."""
    # The shell without a window downloads PDF; the whole browser, as it is asked for here, shows it.
    whole = browser.browser_type.launch(
        executable_path=chromium, headless=False, args=["--no-sandbox", "--headless=new"]
    )
    with closing(whole):
        page = whole.new_context(base_url=archive).new_page()
        page.goto("/document?id=annual-report.pdf&q=地籍圖")
        with page.expect_event(
            "framenavigated", lambda frame: frame.url.startswith("chrome-extension:")
        ) as shown:
            page.locator("a[href*='#page=']").first.click()
        sync_api.expect(shown.value.locator("viewer-page-selector input")).to_have_value("2")
