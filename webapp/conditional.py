"""Has the browser this page already? ETag by generation and request, answered 304 before any search.

Invariant: two responses share an ETag only if they come from the same generation, the same URL, the
same language and the same version of the software.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import ParamSpec

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from webapp.live import current_searcher

P = ParamSpec("P")
VERSION = version("hansou")


def conditional(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Give the view's response an ETag; answer 304 instead where the client holds it."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        tag = entity_tag(current_searcher().generation, request.full_path, g.messages.language)
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = make_response(view(*args, **kwargs))
        if response.status_code in (200, 304):
            response.set_etag(tag, weak=True)
            response.cache_control.no_cache = True
            response.vary.add("Accept-Language")
        return response

    return answer


def entity_tag(*parts: str) -> str:
    """The ETag of a response determined by `parts`."""
    return hashlib.sha256("\0".join((VERSION, *parts)).encode("utf-8", "replace")).hexdigest()[:20]
