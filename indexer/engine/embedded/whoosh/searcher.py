"""How does Whoosh's own API reach the evaluator? A `Searcher` whose `search` is native where it can be.

Options the evaluator does not know (collapsing, grouping, recorded terms, facet objects) go to Whoosh's
collectors, which work over the same segments.
"""

from __future__ import annotations

import time
from typing import Any

from whoosh.query import Query
from whoosh.searching import Results, Searcher

from indexer.engine.embedded.search.selection import Evaluation, evaluate

_NATIVE = {"limit", "filter", "mask", "sortedby", "reverse", "optimize", "scored"}


class EvaluationCollector:
    """What a Whoosh `Results` asks of its collector."""

    def __init__(self, searcher: Any, question: Any, options: dict[str, Any], found: Evaluation) -> None:
        self._searcher, self._question, self._options = searcher, question, options
        self._found = found

    def count(self) -> int:
        """How many documents match."""
        return self._found.total

    def computes_count(self) -> bool:
        """Whether `count` is exact."""
        return self._found.exact

    def all_ids(self) -> list[int]:
        """All matching documents, found by evaluating once more without a limit."""
        return evaluate(self._searcher, self._question, limit=None, **self._options).docnums


class ArraySearcher(Searcher):  # type: ignore[misc]
    """A Whoosh searcher over segments of flat arrays."""

    def search(self, q: Any, **options: Any) -> Results:
        """As `whoosh.searching.Searcher.search`; evaluated natively where all options allow it."""
        if not self._is_native(options):
            return super().search(q, **options)
        started = time.perf_counter()
        sort = options.get("sortedby")
        chosen: dict[str, Any] = {
            "filter": options.get("filter"),
            "mask": options.get("mask"),
            "sort": [(sort, bool(options.get("reverse")))] if sort else (),
        }
        found = evaluate(self, q, limit=options.get("limit", 10), **chosen)
        results = Results(self, q, list(zip(found.scores, found.docnums, strict=True)))
        results.collector = EvaluationCollector(self, q, chosen, found)
        results.runtime = time.perf_counter() - started
        return results

    def _is_native(self, options: dict[str, Any]) -> bool:
        sort = options.get("sortedby")
        if sort is None:
            sortable = not options.get("reverse")
        else:
            sortable = isinstance(sort, str) and self.schema[sort].column_type is not None
        chosen = [options.get(name) for name in ("filter", "mask")]
        known = set(options) <= _NATIVE and options.get("limit", 10) != 0
        return known and sortable and all(item is None or isinstance(item, Query) for item in chosen)
