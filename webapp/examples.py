"""Which searches show a newcomer the point? Queries that find something in this very index.

Invariant: an example that is shown has at least one hit in the generation it is shown for.
"""

from __future__ import annotations

from itertools import islice

from flask import current_app

from indexer import HansouError, Searcher
from webapp import stages

CANDIDATES = (
    "软件园", "創新", "高新区", "數據", "臺灣", "图书馆", "颱風", "地铁", "歷史", "发展",
    "明月", "春風", "长江", "學校", "中国", "公司",
)  # fmt: skip
"""Common subjects in both scripts; the first that find something are shown."""
SHOWN = 5


def working_examples(searcher: Searcher) -> list[str]:
    """Up to `SHOWN` queries with hits, looked up once per generation."""
    known: tuple[str, list[str]] = current_app.extensions.get("hansou-examples", ("", []))
    generation = searcher.generation
    if known[0] != generation:
        found = (query for query in _candidates(searcher) if _finds(searcher, query))
        known = current_app.extensions["hansou-examples"] = (generation, list(islice(found, SHOWN)))
    return known[1]


def _candidates(searcher: Searcher) -> list[str]:
    return list(dict.fromkeys([*stages.suggest(searcher, "", 3), *CANDIDATES]))


def _finds(searcher: Searcher, query: str) -> bool:
    try:
        return searcher.search(query, size=1).total.value > 0
    except HansouError:
        return False
