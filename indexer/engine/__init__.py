"""What holds and searches an index? The promises of every engine, and a folder for each that keeps them.

`ENGINES` is the list: a name as `[engine] kind` has it, and what opens that engine for a configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    """The engine of a configuration, as far as its user sees the index."""
    engine = ENGINES[config.engine.kind](config)
    return engine if config.seen is None else SeenEngine(engine, config.seen)
