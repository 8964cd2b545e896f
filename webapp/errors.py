"""Which HTTP status does an error have, and what does the visitor read?

Invariant: this is the only module that knows status codes of errors. Paths under /api (and the
probes) answer `application/problem+json` (RFC 9457) in English, every other path a page in the usual
dress, with the form. What an error says of the server (its paths, say) is for the log; visitors read
what the messages have for its code.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException

from indexer import (
    ConfigError,
    DeadlineExceeded,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    NotPermitted,
    OriginalMissing,
    QueryTooLong,
    TooManyPlaces,
)
from webapp.language import messages
from webapp.live import current_config
from webapp.params import Problem, SearchParams

STATUSES: dict[type[Exception], tuple[int, str]] = {
    QueryTooLong: (400, "query-too-long"),
    TooManyPlaces: (400, "too-many-places"),
    DocumentNotFound: (404, "document-not-found"),
    OriginalMissing: (404, "original-missing"),
    IndexMissing: (503, "index-missing"),
    IndexCorrupt: (503, "index-corrupt"),
    IndexOutdated: (503, "index-outdated"),
    IndexUnreachable: (503, "cluster-unreachable"),
    ConfigError: (503, "bad-configuration"),
    DeadlineExceeded: (504, "deadline-exceeded"),
}
"""Errors of the searcher → status and the code that names the problem."""

CHALLENGES: dict[str, dict[str, str | None]] = {
    "not-signed-in": {"realm": "hansou"},
    "invalid-token": {"realm": "hansou", "error": "invalid_token"},
}
"""Code → what a program is told of how to show who it is (RFC 6750)."""
COMMANDS = dict.fromkeys(("index-missing", "index-corrupt", "index-outdated"), "hansou rebuild")
"""Code → what to run on the server."""

RETRY_AFTER_S = {"cluster-unreachable": 5}
"""Code → after how many seconds it may be over without anybody doing anything here."""

JSON_PATHS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


class BadRequest(HansouError):
    """Parameters that are not accepted; `problems` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(in_english, problems)))
        self.problems = tuple(problems)


class OverlongQuery(BadRequest):
    """The query is longer than the limit."""


class UnknownHost(HansouError):
    """The Host header names a host that this server does not answer for."""


class NotSignedIn(HansouError):
    """Nobody knows who asks, and what everybody may read is not enough."""


class InvalidToken(NotSignedIn):
    """The token of a program is none, or not any more."""


class OutOfBounds(HansouError):
    """Who asks is known, and may not see this."""


STATUSES |= {
    NotSignedIn: (401, "not-signed-in"),
    InvalidToken: (401, "invalid-token"),
    OutOfBounds: (403, "out-of-bounds"),
    NotPermitted: (403, "out-of-bounds"),
    BadRequest: (400, "bad-parameters"),
    OverlongQuery: (400, "query-too-long"),
    UnknownHost: (400, "unknown-host"),
}


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(HansouError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def code_of(error: Exception) -> tuple[int, str]:
    """The status of an error and the code that names it."""
    known = (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return next(known, (500, "internal-error"))


def in_english(problem: Problem) -> str:
    """A problem as programs read it: the parameter is called as it is in the address."""
    return messages("en")(f"problem.{problem.kind}", name=problem.name, **problem.values)


def _known(error: HansouError) -> Response:
    status, code = code_of(error)
    if code == "internal-error":
        return _unexpected(error)
    detail = str(error)
    if status >= 500:
        detail = " ".join(filter(None, (messages("en")(f"error.{code}"), COMMANDS.get(code))))
    response = answer(status, code, detail, getattr(error, "problems", ()))
    if seconds := RETRY_AFTER_S.get(code):
        response.headers["Retry-After"] = str(seconds)
    if status == HTTPStatus.UNAUTHORIZED:
        response.www_authenticate = WWWAuthenticate("bearer", CHALLENGES[code])
    return response


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response(request.environ))
    code = error.name.lower().replace(" ", "-")
    response = answer(error.code, code, error.description or "")
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(500, "internal-error", messages("en")("error.internal-error"))


def answer(status: int, code: str, detail: str, problems: Sequence[Problem] = ()) -> Response:
    """The error as problem+json or as a page, depending on the path."""
    if request.path.startswith(JSON_PATHS):
        return _problem(status, code, detail, problems)
    if "messages" not in g:
        return Response(f"{status} {detail}\n", status, mimetype="text/plain")
    page = render_template(
        "error.html",
        status=status,
        code=code,
        detail=detail,
        problems=problems,
        command=COMMANDS.get(code),
        params=SearchParams.parse(request.args, current_config().search.page_size),
    )
    return Response(page, status)


def _problem(status: int, code: str, detail: str, problems: Sequence[Problem]) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body["errors"] = [{"parameter": problem.name, "detail": in_english(problem)} for problem in problems]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response
