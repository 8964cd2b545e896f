"""Which pictures are in the documentation? These, of a server on the sample documents.

    hansou serve & python docs/screenshots/take.py http://127.0.0.1:8137

Needs Playwright, Pillow, a Chromium (or CHROMIUM=path) and fonts for both scripts.
"""

from __future__ import annotations

import io
import sys
from os import environ
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PAGES = {
    "home": "/",
    "results": "/search?q=软件园",
    "document": "/document/mirror/park-europe.txt?q=创新中心",
    "original": "/document/mirror/park-europe.txt?compare=1",
    "zero": "/search?q=%22量子烤箱%22",
    "error": "/nope",
}
DEVICES = {"desktop": (1160, 720), "phone": (390, 720)}
THEMES = ("light", "dark")


def main(address: str) -> None:
    """Take every page on every device in both themes."""
    folder = Path(__file__).parent
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for device, (width, height) in DEVICES.items():
            for theme in THEMES:
                page = browser.new_page(
                    base_url=address,
                    locale="zh-CN",
                    color_scheme=theme,
                    viewport={"width": width, "height": height},
                    device_scale_factor=1.25,
                )
                for name, path in PAGES.items():
                    if name == "original" and (device, theme) != ("desktop", "light"):
                        continue
                    page.goto(path)
                    picture = Image.open(io.BytesIO(page.screenshot()))
                    picture.save(folder / f"{name}-{device}-{theme}.webp", quality=55, method=6)
                page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
