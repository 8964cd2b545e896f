"""Which index answers this request? One searcher per process, opened late and kept current.

Invariant: a request sees one searcher, asked once to look for a newer state; a server that starts before
the first build begins to answer as soon as there is an index, and once it answers, no change of the files
stops it: the state that worked stays until the next one is whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app, g

from indexer import Config, HansouError, IndexMissing, Searcher, Seen, is_exhausted, seen_of

RETRY_S = 1.0
"""Opening checks every file of a generation, so a broken one is not tried again for every request."""
logger = logging.getLogger("hansou")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the index could not be opened, or its newest state not be taken over, and when (monotonic, s)."""

    error: Exception
    when: float

    @property
    def stands(self) -> bool:
        """Whether it is too early to try again; to look for an index that is missing costs nothing."""
        return time.monotonic() - self.when < RETRY_S and not isinstance(self.error, IndexMissing)


class LiveIndex:
    """The searcher of this process. `open_searcher` is `Searcher.open`, or a stand-in in tests."""

    def __init__(self, config: Config, open_searcher: Callable[[Config], Searcher]) -> None:
        self._config = config
        self._open = open_searcher
        self._lock = Lock()
        self._searcher: Searcher | None = None
        self._failure: Failure | None = None
        self.seen_by_all: Seen = config.seen

    def searcher(self) -> Searcher:
        """The searcher on the newest sound state; raises what `Searcher.open` raises before there is any."""
        with self._lock:
            if self._searcher is None:
                self._searcher = self._first()
            else:
                self._refresh(self._searcher)
            return self._searcher

    @property
    def stale(self) -> Exception | None:
        """Why the searcher answers from an older state than that of the files; None where it does not."""
        return self._failure.error if self._failure and self._searcher else None

    def _first(self) -> Searcher:
        if self._failure and self._failure.stands:
            raise self._failure.error
        try:
            searcher = self._open(self._config)
        except Exception as error:
            # Of the system's limits whoever asked is told: a server that starts ends with them.
            if not is_exhausted(error):
                self._note("the index cannot be searched", error)
            raise
        self._failure = None
        # What it fell back from is known at once.
        self._refresh(searcher)
        return searcher

    def _refresh(self, searcher: Searcher) -> None:
        if self._failure and self._failure.stands:
            return
        try:
            searcher.refresh()
        except Exception as error:  # whatever is wrong with the new state, the one before is sound
            self._note("the newest state cannot be used, and the one before answers", error)
        else:
            self._failure = None

    def _note(self, what: str, error: Exception) -> None:
        known = self._failure and str(self._failure.error)
        self._failure = Failure(error, time.monotonic())
        if known != str(error):
            told = isinstance(error, HansouError) or is_exhausted(error)
            logger.error("%s: %s", what, str(error) or "too little memory", exc_info=None if told else error)

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
        live = of(current_app)
        # Who has not been let in by name sees what all see, and not all there is.
        g.searcher = seen_of(live.searcher(), g.get("seen", live.seen_by_all))
    searcher: Searcher = g.searcher
    return searcher


def collections() -> list[str]:
    """The names of the collections that this request can be about; none where it asks no searcher."""
    searcher: Searcher | None = g.get("searcher")
    return [*searcher.stats()["collections"]] if searcher else []


def current_config() -> Config:
    """The configuration this application was created with."""
    config: Config = current_app.extensions["hansou-config"]
    return config
