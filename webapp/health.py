"""Is the server well? /healthz (the process) and /readyz (the index).

Invariant: /healthz touches no index.
"""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from indexer import IndexUnreachable
from webapp import live
from webapp.errors import code_of
from webapp.language import messages
from webapp.live import current_searcher

health = Blueprint("health", __name__)


def stale_code() -> str | None:
    """The code of what keeps the newest index or synonyms from being taken over; None for nothing."""
    error = live.of(current_app).stale
    return code_of(error)[1] if error else None


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The index can be searched; 503 as problem+json where it cannot.

    `stale` is there where a changed index or changed synonyms cannot be used and the ones before answer.
    """
    searcher = current_searcher()
    if isinstance(error := live.of(current_app).stale, IndexUnreachable):
        raise error
    body = {"status": "ok", "generation": searcher.generation, "state": searcher.state}
    if code := stale_code():
        return jsonify(body | {"stale": {"code": code, "detail": messages("en")(f"stale.{code}")}})
    return jsonify(body)
