"""Which searches show a newcomer the point? Queries that find something in this very index.

Invariant: an example that is offered as a link has at least one hit in the state of the searcher that it
is offered for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from flask import current_app

from indexer import Facets, HansouError, Searcher, Timeline
from webapp.live import current_searcher

Found = TypeVar("Found")

SHOWN = 5
_CANDIDATES = 12
KEPT = 64
"""States whose examples are kept."""

SYNTAX: Mapping[str, tuple[str, ...]] = {
    "help.plain": ("图书馆 旧报纸", "软件 创新", "明月 春風"),
    "help.phrase": ('"創新中心"', '"床前明月光"', '"图书馆"', '"软件"'),
    "help.without": ("打印机 -路由器", "软件 -中心", "明月 -故鄉"),
    "help.or": ("夜市 OR 食堂", "图书馆 OR 博物馆", "明月 | 春風"),
    "help.group": ("茶 (冰箱 OR 點心)", "软件 (创新 OR 园区)", "明月 (故鄉 OR 長安)"),
    "help.and": ('"打印机" AND "路由器"', '"软件" AND "创新"', '"明月" AND "春風"'),
    "help.apart": ('"園區 計劃"~10', '"软件 创新"~10', '"明月 故鄉"~10', '"中国 大学"~5'),
    "help.gap": ("無*園", "软*园", "明*光", "中*国"),
    "help.pattern": ("202*", "iphone*", "20*", "th*"),
    "help.heading-field": ('title:"創新中心"', "title:软件", "title:创新", "title:春"),
    "help.source": ("source:街坊周報 颱風", "source:日报"),
    "help.author": ("author:欧阳小雨", "author:李白", "author:李"),
}
"""Message that explains a piece of the syntax → examples of it; the first that finds something is shown."""


@dataclass(frozen=True, slots=True)
class Example:
    """A line of the help page: the key of its message, a query, and whether the query finds something."""

    meaning: str
    query: str
    finds: bool


def working_examples(searcher: Searcher, language: str = "zh-Hans") -> list[str]:
    """Up to `SHOWN` words of this archive that find something, in the script of an interface's language."""
    script = "hant" if language == "zh-Hant" else "orig"

    def found() -> list[str]:
        return list(islice(_finding(searcher, searcher.typical(_CANDIDATES, script)), SHOWN))

    return _once(f"hansou-examples-{script}", searcher, found)


def holdings_of(searcher: Searcher) -> tuple[Timeline, Facets]:
    """When the documents of the archive are from, and their values; counted once for a state."""
    try:
        return _once("hansou-holdings", searcher, lambda: (searcher.timeline(""), searcher.facets("")))
    except HansouError:
        # The form stands there without it.
        return Timeline(), Facets({}, {})


def syntax_examples() -> list[Example]:
    """An example of each piece of the syntax; without an index all of them are only to read."""
    try:
        searcher = current_searcher()
    except HansouError:
        return [Example(meaning, queries[0], False) for meaning, queries in SYNTAX.items()]
    return _once("hansou-syntax", searcher, lambda: [_example(searcher, meaning) for meaning in SYNTAX])


def _example(searcher: Searcher, meaning: str) -> Example:
    queries = SYNTAX[meaning]
    if meaning == "help.source":
        # Sources differ from index to index: the one with the most documents stands in.
        sources: Mapping[str, int] = searcher.stats()["sources"]
        queries += tuple(f'source:"{name}"' for name in sorted(sources, key=lambda name: -sources[name])[:1])
    found = next(_finding(searcher, queries), None)
    return Example(meaning, found or queries[0], found is not None)


def _once(name: str, searcher: Searcher, look_up: Callable[[], Found]) -> Found:
    # Readers who see different things have states of their own.
    known: dict[str, Found] = current_app.extensions.setdefault(name, {})
    state = searcher.state
    if state not in known:
        if len(known) >= KEPT:
            known.clear()
        known[state] = look_up()
    return known[state]


def _finding(searcher: Searcher, queries: Sequence[str]) -> Iterator[str]:
    return (query for query in queries if _finds(searcher, query))


def _finds(searcher: Searcher, query: str) -> bool:
    try:
        return searcher.search(query, size=1).total.value > 0
    except HansouError:
        return False
