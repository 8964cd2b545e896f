"""Which index answers this request? One searcher per process, opened late and kept current.

Invariant: a request sees one searcher, asked once to look for a newer generation; a server that
starts before the first build begins to answer as soon as there is an index.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from flask import Flask, current_app, g

from indexer import Config, HansouError, IndexMissing, Searcher

RETRY_S = 1.0
"""Opening checks every file of a generation, so a broken one is not tried again for every request."""


class LiveIndex:
    """The searcher of this process. `open_searcher` is `Searcher.open`, or a stand-in in tests."""

    def __init__(self, config: Config, open_searcher: Callable[[Config], Searcher]) -> None:
        self._config = config
        self._open = open_searcher
        self._lock = Lock()
        self._searcher: Searcher | None = None
        self._failure: tuple[float, HansouError] | None = None

    def searcher(self) -> Searcher:
        """The searcher on the newest generation; raises what `Searcher.open` raises."""
        searcher = self._searcher or self._first()
        searcher.refresh()
        return searcher

    def _first(self) -> Searcher:
        with self._lock:
            if self._searcher is None:
                self._raise_recent_failure()
                try:
                    self._searcher = self._open(self._config)
                except HansouError as error:
                    self._failure = (time.monotonic(), error)
                    raise
            return self._searcher

    def _raise_recent_failure(self) -> None:
        if self._failure is None:
            return
        when, error = self._failure
        if time.monotonic() - when < RETRY_S and not isinstance(error, IndexMissing):
            raise error

    def warm(self) -> None:
        """Load what the first search and the first analysis would load; no index is no error here."""
        with suppress(HansouError):
            self.searcher().analyze("漢")

    def close(self) -> None:
        """Close the searcher, if one was opened."""
        if self._searcher is not None:
            self._searcher.close()


def register(app: Flask, live: LiveIndex) -> None:
    """Make `live` the index of this application."""
    app.extensions["hansou-index"] = live


def of(app: Flask) -> LiveIndex:
    """The index of an application."""
    live: LiveIndex = app.extensions["hansou-index"]
    return live


def current_searcher() -> Searcher:
    """The searcher of this request; the same one however often it is asked for."""
    if "searcher" not in g:
        g.searcher = of(current_app).searcher()
    searcher: Searcher = g.searcher
    return searcher


def current_config() -> Config:
    """The configuration this application was created with."""
    config: Config = current_app.extensions["hansou-config"]
    return config
