"""A server that is told to reads its configuration anew; what cannot be used changes nothing."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Config, load_config
from tests.conftest import until
from tests.webapp.conftest import Served
from webapp import live
from webapp.reloading import NAME, Reload, Reloadable, hand_over

Start = Callable[..., Served]
Fetch = Callable[..., tuple[int, str]]


@pytest.fixture
def config(site_config: Config, tmp_path: Path) -> Config:
    """A configuration of its own, over an index that others use too."""
    write(tmp_path, site_config)
    return load_config(tmp_path / "config.toml", {})


def write(folder: Path, site: Config, more: str = "") -> None:
    """A configuration file."""
    text = f'{more}\n[index]\ndirectory = "{site.index.directory}"\n[server]\nport = 0\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")


def test_a_service_reloads_without_a_failed_request(
    config: Config, site_config: Config, start: Start, fetch: Fetch
) -> None:
    """SIGHUP without a terminal: pages change, all are answered; what is wrong changes nothing."""
    served = start(config, processes=2)
    statuses: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(fetch(served.address, "/healthz")[0])

    def sizes() -> set[int]:
        pages = [fetch(served.address, "/api/v1/search?q=%E8%BD%AF%E4%BB%B6%E5%9B%AD")[1] for _ in range(8)]
        return {page.count('"score"') for page in pages}

    thread = threading.Thread(target=ask)
    thread.start()
    assert sizes() == {10}
    write(config.base, site_config, "[search]\npage_size = 3")
    os.kill(served.process.pid, signal.SIGHUP)
    assert until(lambda: sizes() == {3})
    write(config.base, site_config, "[search]\npage_size = 0")
    os.kill(served.process.pid, signal.SIGHUP)
    time.sleep(1)
    assert sizes() == {3}
    done.set()
    thread.join(10)
    said = served.end()
    assert set(statuses) == {200} and len(statuses) > 20
    assert said.count("was reloaded") == 1 and "search.page_size = 0" in said and "Traceback" not in said


class Parent:
    """What `Reload` logs and hands over."""

    def __init__(self, config: Config, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.folder, self.caplog = folder, caplog
        self.new = config
        self.reload = Reload(config, folder, lambda: self.new)

    def told(self, config: Config) -> tuple[bool, str]:
        """Whether a configuration was handed over, and what was said."""
        self.new = config
        (self.folder / NAME).unlink(missing_ok=True)
        self.caplog.clear()
        with self.caplog.at_level(logging.INFO, "hansou"):
            self.reload.run()
        return (self.folder / NAME).exists(), self.caplog.text


def test_what_the_parent_hands_over(
    site_config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is sound, also before there is an index; what needs a start is named."""
    parent = Parent(site_config, tmp_path, caplog)
    assert parent.told(site_config) == (True, caplog.text) and "was reloaded" in caplog.text
    done, said = parent.told(replace(site_config, server=replace(site_config.server, processes=7, port=1)))
    assert done and "[server] port, processes: counts from the next start on" in said
    search = replace(site_config.search, synonyms=tmp_path / "gone.txt")
    done, said = parent.told(replace(site_config, search=search))
    assert not done and "the one before holds" in said and "gone.txt" in said
    index = replace(site_config.index, directory=tmp_path / "unbuilt")
    done, said = parent.told(replace(site_config, index=index))
    assert done and "there is no index yet" in said


def test_what_a_worker_takes_over(make_app: Any, config: Config, tmp_path: Path) -> None:
    """The next request goes to the new application; one that cannot be built is not missed."""
    built: list[Config] = []

    def build(config: Config) -> Any:
        built.append(config)
        if config.search.page_size == 66:
            raise ValueError
        return make_app(config)

    def links(application: Any) -> bytes:
        return b"".join(application(environ(), lambda *_: None))

    application = Reloadable(make_app(config), tmp_path, build, 0.1)
    before = application._app
    closed: list[bool] = []
    live.of(before).close = lambda: closed.append(True)  # type: ignore[method-assign]
    hand_over(replace(config, server=replace(config.server, prefix="/new")), tmp_path)
    assert until(lambda: b"/new/search" in links(application)) and until(lambda: closed == [True])
    hand_over(replace(config, search=replace(config.search, page_size=66)), tmp_path)
    assert until(lambda: len(built) == 2)
    assert b"/new/search" in links(application)
    hand_over(replace(config, server=replace(config.server, prefix="/newer")), tmp_path)
    assert b"/newer/search" in links(Reloadable(make_app(config), tmp_path, build, 0.1))


def environ() -> dict[str, Any]:
    """A request for the home page."""
    from werkzeug.test import EnvironBuilder

    return EnvironBuilder("/").get_environ()
