"""What does this request ask for? Its parameters, checked as strictly as its door demands.

Invariant: a page puts right what it can and notes it; a program is refused with each parameter named.
"""

from __future__ import annotations

from flask import request

from webapp.errors import BadRequest, OverlongQuery
from webapp.live import current_config
from webapp.params import MAX_QUERY, Problem, SearchParams


def search_params() -> SearchParams:
    """The search parameters of a page; raises `OverlongQuery`."""
    params = SearchParams.parse(request.args, current_config().search.page_size)
    if len(params.q) > MAX_QUERY:
        raise OverlongQuery([Problem("q", "long", {"most": MAX_QUERY, "length": len(params.q)})])
    return params


def strict_params() -> SearchParams:
    """The search parameters of a program; raises `BadRequest` where a page would put them right."""
    params = search_params()
    if params.problems:
        raise BadRequest(params.problems)
    return params


def needed(name: str, most: int) -> str:
    """A parameter that must be there and not blank, of at most `most` characters."""
    text = request.args.get(name, "").strip()
    if not text or len(text) > most:
        raise BadRequest([Problem(name, "needed", {"most": most})])
    return text
