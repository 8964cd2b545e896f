"""Has the browser this page already? ETag by state and request, answered 304 before any search.

Invariant: two responses share an ETag only if they come from the same state of the searcher, the same URL,
the same language, the same day and the same version of the software.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from typing import ParamSpec

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from webapp.health import stale_code
from webapp.live import current_searcher

P = ParamSpec("P")
VERSION = version("hansou")


def conditional(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Give the view's response an ETag; answer 304 instead where the client holds it."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        moment = _moment()
        tag = entity_tag(*moment, *_asked())
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = make_response(view(*args, **kwargs))
        # Another request may have moved the searcher on meanwhile: then nobody knows which state answered.
        if response.status_code in (200, 304) and moment == _moment():
            response.set_etag(tag, weak=True)
            response.cache_control.no_cache = True
            response.vary.add("Accept-Language")
        return response

    return answer


def _moment() -> tuple[str, str, str]:
    """What may become another while a request is answered: the state of the searcher, and the day."""
    # Pages say when they were printed or cited.
    return current_searcher().state, stale_code() or "", datetime.now(UTC).date().isoformat()


def _asked() -> tuple[str, ...]:
    """The URL, in pieces and as it came, for to put it together takes long; and the language."""
    query = request.query_string.decode("latin-1")
    return request.scheme, request.host, request.script_root, request.path, query, g.messages.language


def entity_tag(*parts: str) -> str:
    """The ETag of a response determined by `parts`."""
    return hashlib.sha256("\0".join((VERSION, *parts)).encode("utf-8", "replace")).hexdigest()[:20]
