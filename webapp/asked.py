"""What does this request ask for? Its parameters, checked as strictly as its door demands.

Invariant: a page puts right what it can and notes it; a program is refused with each parameter named.
"""

from __future__ import annotations

from flask import request

from indexer import DocumentView, portion
from webapp.errors import BadRequest, OverlongQuery
from webapp.lineparams import LineParams
from webapp.live import current_config
from webapp.params import MAX_QUERY, Problem, SearchParams, number

_ANY = 10**9
"""More portions than any document has: how many it has is known when it is divided."""


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


def line_params(*, strict: bool = False) -> LineParams:
    """The parameters of a concordance; raises `OverlongQuery`, with `strict` `BadRequest` as well."""
    params = LineParams.parse(request.args)
    if len(params.search.q) > MAX_QUERY:
        raise OverlongQuery([Problem("q", "long", {"most": MAX_QUERY, "length": len(params.search.q)})])
    if strict and params.search.problems:
        raise BadRequest(params.search.problems)
    return params


def needed(name: str, most: int) -> str:
    """A parameter that must be there and not blank, of at most `most` characters."""
    text = request.args.get(name, "").strip()
    if not text or len(text) > most:
        raise BadRequest([Problem(name, "needed", {"most": most})])
    return text


def asked_portion(view: DocumentView) -> tuple[DocumentView, list[Problem]]:
    """The portion of a document that `portion` names or that holds the place `at`, and what was put right.

    Without either it is that of the first mark, and without one the first.
    """
    problems: list[Problem] = []
    first = view.marks[0][0] if view.marks else 0
    at = number(request.args, "at", first, max(1, len(view.document.text)), problems)
    asked = number(request.args, "portion", 0, _ANY, problems) or None
    shown = portion(view, asked, at)
    of = shown.portion.of if shown.portion else 1
    if problems or (asked or 1) > of:
        problems = [problem for problem in problems if problem.name != "portion"]
        number(request.args, "portion", 1, of, problems)
    return shown, problems


def strict_portion(view: DocumentView) -> DocumentView:
    """The portion of a document for a program; raises `BadRequest` where a page would put it right."""
    shown, problems = asked_portion(view)
    if problems:
        raise BadRequest(problems)
    return shown
