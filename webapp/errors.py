"""Which HTTP status does an error have, and what does the visitor read?

Invariant: this is the only module that knows status codes of errors. Paths under /api (and the
probes) answer `application/problem+json` (RFC 9457), every other path a page in the usual dress.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from indexer import (
    DeadlineExceeded,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    QueryTooLong,
)
from webapp.params import Problem

STATUSES: dict[type[Exception], tuple[int, str]] = {
    QueryTooLong: (400, "query-too-long"),
    DocumentNotFound: (404, "document-not-found"),
    IndexMissing: (503, "index-missing"),
    IndexCorrupt: (503, "index-corrupt"),
    IndexOutdated: (503, "index-outdated"),
    DeadlineExceeded: (504, "deadline-exceeded"),
}
"""Errors of the searcher → status and the code that names the problem."""

JSON_PATHS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


class BadRequest(HansouError):
    """Parameters that the API does not accept; `problems` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = tuple(problems)


class UnknownHost(HansouError):
    """The Host header names a host that this server does not answer for."""


class RateLimited(HansouError):
    """This client has asked too often; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after} s")
        self.retry_after = retry_after


STATUSES |= {
    BadRequest: (400, "bad-parameters"),
    UnknownHost: (400, "unknown-host"),
    RateLimited: (429, "rate-limited"),
}


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(HansouError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _known(error: HansouError) -> Response:
    status, code = next(
        (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), (500, "internal-error")
    )
    response = answer(status, code, str(error), getattr(error, "problems", ()))
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response(request.environ))
    code = HTTPStatus(error.code).phrase.lower().replace(" ", "-")
    response = answer(error.code, code, error.description or "")
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(500, "internal-error", "Something went wrong on the server; its log has the details.")


def answer(status: int, code: str, detail: str, problems: Sequence[Problem] = ()) -> Response:
    """The error as problem+json or as a page, depending on the path."""
    if request.path.startswith(JSON_PATHS):
        return _problem(status, code, detail, problems)
    message = getattr(g, "messages", None)
    if message is None:
        return Response(f"{status} {detail}\n", status, mimetype="text/plain")
    return Response(render_template("error.html", status=status, code=code, detail=detail), status)


def _problem(status: int, code: str, detail: str, problems: Sequence[Problem]) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body["errors"] = [{"parameter": problem.name, "detail": problem.detail} for problem in problems]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response
