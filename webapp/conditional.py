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
        tag = _tag()
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = make_response(view(*args, **kwargs))
        # Another request may have moved the searcher on meanwhile: then nobody knows which state answered.
        if response.status_code in (200, 304) and tag == _tag():
            response.set_etag(tag, weak=True)
            response.cache_control.no_cache = True
            response.vary.add("Accept-Language")
        return response

    return answer


def _tag() -> str:
    address = request.url_root, request.full_path
    # Pages say when they were printed or cited.
    today = datetime.now(UTC).date().isoformat()
    return entity_tag(current_searcher().state, stale_code() or "", *address, g.messages.language, today)


def entity_tag(*parts: str) -> str:
    """The ETag of a response determined by `parts`."""
    return hashlib.sha256("\0".join((VERSION, *parts)).encode("utf-8", "replace")).hexdigest()[:20]
