"""Hansou 漢搜: full-text search for Chinese archives.

    from indexer import Searcher, load_config, rebuild

    config = load_config("config.toml")
    rebuild(config)
    with Searcher.open(config) as searcher:
        for hit in searcher.search("无锡 软件园").hits:
            print(hit.id, hit.heading.text)

The names in `__all__` are the Python interface; everything else may change. Those that only building needs
are imported when they are asked for: a process that searches is spared the readers and repair.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from indexer.config import Config, load_config
from indexer.documents import Document
from indexer.errors import (
    BusyError,
    ConfigError,
    DeadlineExceeded,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    IndexUnusable,
    QueryTooLong,
    ReadError,
)
from indexer.measure.querylog import QueryLog
from indexer.results.highlight import opening
from indexer.results.results import DocumentView, Hit, ResultPage, Snippet, Total, marked_html
from indexer.searcher import Searcher
from indexer.text.normalize import normalize

if TYPE_CHECKING:
    from indexer.pipeline import Report, rebuild
    from indexer.repair import Repair, RepairStep, repair_text

_BUILDING = {
    "indexer.pipeline": ("Report", "rebuild"),
    "indexer.repair": ("Repair", "RepairStep", "repair_text"),
}

__all__ = [
    "BusyError",
    "Config",
    "ConfigError",
    "DeadlineExceeded",
    "Document",
    "DocumentNotFound",
    "DocumentView",
    "HansouError",
    "Hit",
    "IndexCorrupt",
    "IndexMissing",
    "IndexOutdated",
    "IndexUnusable",
    "QueryLog",
    "QueryTooLong",
    "ReadError",
    "Repair",
    "RepairStep",
    "Report",
    "ResultPage",
    "Searcher",
    "Snippet",
    "Total",
    "load_config",
    "marked_html",
    "normalize",
    "opening",
    "rebuild",
    "repair_text",
]


def __getattr__(name: str) -> object:
    for module, names in _BUILDING.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
