"""Hansou 漢搜: full-text search for Chinese archives.

    from indexer import Searcher, load_config, rebuild

    config = load_config("config.toml")
    rebuild(config)
    with Searcher.open(config) as searcher:
        for hit in searcher.search("无锡 软件园").hits:
            print(hit.id, hit.heading.text)

The names in `__all__` are the Python interface; everything else may change. Each is imported when it is asked
for: who reads settings or catches an error loads no Whoosh, numpy or OpenCC, who searches no readers.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.access import Access, Visitor
    from indexer.config import Config, Seen, load_config
    from indexer.documents import Document
    from indexer.documents.document import PartStart
    from indexer.documents.originals import Original, open_original
    from indexer.errors import (
        BusyError,
        ConfigError,
        DeadlineExceeded,
        DocumentNotFound,
        HansouError,
        IndexCorrupt,
        IndexCrowded,
        IndexMissing,
        IndexOutdated,
        IndexUnreachable,
        IndexUnusable,
        NotPermitted,
        OriginalMissing,
        PassageRefused,
        QueryTooLong,
        ReadError,
        TooManyPlaces,
        WouldShrink,
        is_exhausted,
    )
    from indexer.measure.querylog import QueryLog
    from indexer.pipeline import Report, rebuild, update
    from indexer.reading import MAX_WINDOW
    from indexer.repair import Repair, RepairStep, repair_text
    from indexer.repair.lost import legible
    from indexer.results.concordance import LINES_ON_A_PAGE, Concordance, KeywordLine
    from indexer.results.facets import Facets
    from indexer.results.portions import PORTION, portion
    from indexer.results.results import DocumentView, Hit, Portion, ResultPage, Snippet, Total, marked_html
    from indexer.results.snippets import opening
    from indexer.results.taking import written_hits, written_lines
    from indexer.results.timeline import Bin, Timeline
    from indexer.results.usage import Usage
    from indexer.searcher import Searcher
    from indexer.text.normalize import normalize
    from indexer.trace import MAX_PASSAGE, Parallel, Traced
    from indexer.views import seen_of

# Where each name is from; those that are nowhere here are errors.
_HOMES = {
    "indexer.access": ("Access", "Visitor"),
    "indexer.config": ("Config", "Seen", "load_config"),
    "indexer.documents": ("Document",),
    "indexer.documents.document": ("PartStart",),
    "indexer.documents.originals": ("Original", "open_original"),
    "indexer.measure.querylog": ("QueryLog",),
    "indexer.pipeline": ("Report", "rebuild", "update"),
    "indexer.repair.lost": ("legible",),
    "indexer.repair": ("Repair", "RepairStep", "repair_text"),
    "indexer.reading": ("MAX_WINDOW",),
    "indexer.results.concordance": ("LINES_ON_A_PAGE", "Concordance", "KeywordLine"),
    "indexer.results.taking": ("written_hits", "written_lines"),
    "indexer.results.facets": ("Facets",),
    "indexer.results.portions": ("PORTION", "portion"),
    "indexer.results.results": (
        "DocumentView",
        "Hit",
        "Portion",
        "ResultPage",
        "Snippet",
        "Total",
        "marked_html",
    ),
    "indexer.results.snippets": ("opening",),
    "indexer.results.timeline": ("Bin", "Timeline"),
    "indexer.results.usage": ("Usage",),
    "indexer.searcher": ("Searcher",),
    "indexer.text.normalize": ("normalize",),
    "indexer.trace": ("MAX_PASSAGE", "Parallel", "Traced"),
    "indexer.views": ("seen_of",),
}

__all__ = [
    "LINES_ON_A_PAGE",
    "MAX_PASSAGE",
    "MAX_WINDOW",
    "PORTION",
    "Access",
    "Bin",
    "BusyError",
    "Concordance",
    "Config",
    "ConfigError",
    "DeadlineExceeded",
    "Document",
    "DocumentNotFound",
    "DocumentView",
    "Facets",
    "HansouError",
    "Hit",
    "IndexCorrupt",
    "IndexCrowded",
    "IndexMissing",
    "IndexOutdated",
    "IndexUnreachable",
    "IndexUnusable",
    "KeywordLine",
    "NotPermitted",
    "Original",
    "OriginalMissing",
    "Parallel",
    "PartStart",
    "PassageRefused",
    "Portion",
    "QueryLog",
    "QueryTooLong",
    "ReadError",
    "Repair",
    "RepairStep",
    "Report",
    "ResultPage",
    "Searcher",
    "Seen",
    "Snippet",
    "Timeline",
    "TooManyPlaces",
    "Total",
    "Traced",
    "Usage",
    "Visitor",
    "WouldShrink",
    "is_exhausted",
    "legible",
    "load_config",
    "marked_html",
    "normalize",
    "open_original",
    "opening",
    "portion",
    "rebuild",
    "repair_text",
    "seen_of",
    "update",
    "written_hits",
    "written_lines",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "indexer.errors")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return __all__
