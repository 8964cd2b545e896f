"""What holds and searches an index? The promises of every engine, and a folder for each that keeps them.

`ENGINES` is the list: a name as `[engine] kind` has it, and what opens that engine for a configuration.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from indexer.config import Config
from indexer.engine.protocol import Engine
from indexer.engine.seen import SeenEngine
from indexer.errors import ConfigError


def _embedded(config: Config) -> Engine:
    # An engine is imported when it is used: another need not be installed.
    from indexer.engine.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(config.index)


def _opensearch(config: Config) -> Engine:
    try:
        from indexer.engine.opensearch.engine import OpenSearchEngine
    except ImportError as error:
        raise ConfigError(
            "[engine] kind = \"opensearch\" needs what `pip install 'hansou[opensearch]'` installs"
        ) from error
    return OpenSearchEngine(config.engine, config.index, config.ranking)


ENGINES: Mapping[str, Callable[[Config], Engine]] = {"embedded": _embedded, "opensearch": _opensearch}


def open_engine(config: Config) -> Engine:
    """The engine of a configuration, as far as its user sees the index.

    Raises `ConfigError` where no engine could be: its kind is not installed, a file is in the index's place.
    """
    require_place(config.index.directory)
    engine = ENGINES[config.engine.kind](config)
    return engine if config.seen is None else SeenEngine(engine, config.seen)


def require_place(directory: Path) -> None:
    """Raise `ConfigError` where a folder cannot be, or be made: what is there, or on the way, is none."""
    place = next((each for each in (directory, *directory.parents) if os.path.lexists(each)), None)
    if place is not None and not place.is_dir():
        raise ConfigError(
            f"{place}: is no folder, and the index is to be there; name another in [index] directory"
        )
