"""How does a running server take over a changed configuration? Each process builds the application anew.

The parent reads the configuration when it is told to, and leaves it in a file; every worker looks for that,
builds an application beside the one that answers, and lets the next request go there. Invariant: no
connection is closed for it, and where anything fails the application before goes on answering.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, NoReturn

from flask import Flask

from indexer import Config, HansouError, IndexMissing, Searcher
from webapp import live

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAME = "configuration"
LOOK_S = 0.5
AT_START = ("host", "port", "processes", "threads")
"""Keys of [server] that count from the next start on."""
logger = logging.getLogger("hansou")


class Reload:
    """What the parent does when a signal tells it to; `load` gives the new configuration."""

    def __init__(self, config: Config, folder: Path, load: Callable[[], Config]) -> None:
        self._config, self._folder, self._load = config, folder, load
        self._lock = Lock()

    def __call__(self, *_: object) -> None:
        """Begin; a signal is not to be held up."""
        Thread(target=self.run, name="reload", daemon=True).start()

    def run(self) -> None:
        """Read, try, and hand over; what is wrong is logged, and nothing is changed then."""
        with self._lock:
            try:
                config = self._load()
                _try(config)
            except (HansouError, OSError) as error:
                logger.error("the configuration was not reloaded, and the one before holds: %s", error)
                return
            changed = [
                key for key in AT_START if getattr(config.server, key) != getattr(self._config.server, key)
            ]
            if changed:
                logger.warning("[server] %s: counts from the next start on", ", ".join(changed))
            hand_over(config, self._folder)
            logger.info("the configuration was reloaded")


def _try(config: Config) -> None:
    """Open the index once. Raises what `Searcher.open` raises, but for an index that is not built yet."""
    try:
        Searcher.open(config, fall_back=True).close()
    except IndexMissing:
        logger.warning("%s: there is no index yet", config.index.directory)


def hand_over(config: Config, folder: Path) -> None:
    """Leave a configuration for the workers that share `folder`, at once and whole."""
    new = folder / f"{NAME}.new"
    new.write_bytes(pickle.dumps(config))
    new.replace(folder / NAME)


class Reloadable:
    """A WSGI application that gives way to another one, made by `build`, as often as one is handed over.

    The index of the one before is closed after `linger_s` seconds, when nothing asks it any more.
    """

    def __init__(self, app: Flask, folder: Path, build: Callable[[Config], Flask], linger_s: float) -> None:
        self._file, self._build, self._linger_s = folder / NAME, build, linger_s
        self._taken = 0
        self._app: Flask = app
        # A process that takes another's place begins with what that one had by then.
        self._look()
        Thread(target=self._watch, name="reload", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        app: WSGIApplication = self._app
        return app(environ, start_response)

    def _watch(self) -> NoReturn:
        while True:
            time.sleep(LOOK_S)
            self._look()

    def _look(self) -> None:
        try:
            now = self._file.stat().st_mtime_ns
        except OSError:
            return
        if now == self._taken:
            return
        self._taken = now
        try:
            app = self._build(pickle.loads(self._file.read_bytes()))
        except Exception:  # whatever it is, the one before is sound
            logger.exception("the configuration could not be taken over, and the one before holds")
            return
        before, self._app = self._app, app
        Thread(target=self._retire, args=(before,), name="retire", daemon=True).start()

    def _retire(self, app: Flask) -> None:
        time.sleep(self._linger_s)
        live.of(app).close()
