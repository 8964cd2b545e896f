"""How is a search run for whoever asks? Through one door, where it is noted if a query log is configured.

Invariant: what is noted comes from the search's parameters and its result; the request is not seen here.
"""

from __future__ import annotations

from typing import Literal

from flask import Flask, current_app

from indexer import Config, QueryLog, ResultPage
from webapp.live import current_searcher
from webapp.params import SearchParams

_LOG = "hansou-query-log"


def register(app: Flask, config: Config) -> None:
    """Note the searches of `app` as `config` says."""
    app.extensions[_LOG] = QueryLog(config.search.query_log)


def search(params: SearchParams) -> ResultPage:
    """Search for a program."""
    result = current_searcher().search(params.q, **params.search_arguments, explain=params.explain)
    _note(result, "api", params)
    return result


def search_or_corrected(params: SearchParams) -> tuple[ResultPage, ResultPage | None]:
    """Search for a visitor; at zero hits also for the suggestion, unless the visitor insists on the query."""
    searcher, other = current_searcher(), None
    result = searcher.search(params.q, **params.search_arguments, around=True)
    if not result.total.value and result.suggestion and not params.verbatim:
        other = searcher.search(result.suggestion, **params.search_arguments, around=True)
    corrected = other if other and other.total.value else None
    _note(result, "page", params, followed=corrected is not None)
    return result, corrected


def _note(
    result: ResultPage, surface: Literal["page", "api"], params: SearchParams, followed: bool = False
) -> None:
    """What is only listed was not searched for."""
    log: QueryLog = current_app.extensions[_LOG]
    if params.q:
        log.note(result, surface, params.search_arguments, followed=followed)
