"""What do programs get? The JSON of /api/v1, in the words of openapi.json.

Invariant: a body here is what the indexer's `to_json` says, unchanged; every error is
problem+json. Offsets count code points, not UTF-16 units.
"""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from indexer import MAX_PASSAGE, PassageRefused
from webapp import searching
from webapp.asked import line_params, needed, strict_params, strict_portion
from webapp.conditional import conditional
from webapp.errors import BadRequest
from webapp.live import current_searcher
from webapp.openapi import description
from webapp.params import MAX_QUERY, MAX_TEXT, Problem
from webapp.traced import refusal

api = Blueprint("api", __name__)
SUGGESTIONS = 8


@api.get("/api/v1/search")
@conditional
def search() -> ResponseReturnValue:
    """One page of hits; of documents where no query is given."""
    params = strict_params()
    return jsonify(searching.search(params).to_json())


@api.get("/api/v1/timeline")
@conditional
def timeline() -> ResponseReturnValue:
    """When what a search finds is from."""
    params = strict_params()
    return jsonify(current_searcher().timeline(params.q, params.mode, **params.narrowing).to_json())


@api.get("/api/v1/concordance")
@conditional
def concordance() -> ResponseReturnValue:
    """One page of the places where what is typed stands."""
    params = line_params(strict=True)
    needed("q", MAX_QUERY)
    return jsonify(current_searcher().concordance(params.search.q, **params.arguments).to_json())


@api.get("/api/v1/usage")
@conditional
def usage() -> ResponseReturnValue:
    """What stands beside what is typed, and how often it stands in each year."""
    params = strict_params()
    found = current_searcher().usage(needed("q", MAX_QUERY), params.mode, **params.narrowing)
    return jsonify(found.to_json())


@api.get("/api/v1/facets")
@conditional
def facets() -> ResponseReturnValue:
    """How many of what a search finds have each value of each facet."""
    params = strict_params()
    return jsonify(current_searcher().facets(params.q, params.mode, **params.narrowing).to_json())


@api.get("/api/v1/suggest")
@conditional
def suggest() -> ResponseReturnValue:
    """Completions of a prefix, in OpenSearch's form `[prefix, [completion, …]]`."""
    prefix = request.args.get("q", "").strip()
    if len(prefix) > MAX_QUERY:
        raise BadRequest([Problem("q", "long", {"most": MAX_QUERY, "length": len(prefix)})])
    script = "hant" if g.messages.language == "zh-Hant" else "orig"
    found = current_searcher().suggest(prefix, SUGGESTIONS, script) if prefix else []
    response = jsonify([prefix, found])
    response.mimetype = "application/x-suggestions+json"
    return response


@api.get("/api/v1/documents/<path:id>")
@conditional
def document(id: str) -> ResponseReturnValue:
    """One stored document, or a portion of a long one, with the marks of `q`."""
    return _document(id)


@api.get("/api/v1/documents")
@conditional
def document_by_parameter() -> ResponseReturnValue:
    """The same by `?id=`, for ids that a path cannot carry."""
    return _document(needed("id", MAX_TEXT))


def _document(id: str) -> ResponseReturnValue:
    params = strict_params()
    return jsonify(strict_portion(current_searcher().document(id, params.q, params.mode)).to_json())


@api.get("/api/v1/analyze")
@conditional
def analyze() -> ResponseReturnValue:
    """How a text is repaired, folded and segmented, and which grams it yields."""
    return jsonify(current_searcher().analyze(needed("text", MAX_TEXT)))


@api.post("/api/v1/trace")
def trace() -> ResponseReturnValue:
    """Where a passage, or part of it, stands: of the JSON body `{"text": …}`."""
    body = request.get_json()
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise BadRequest([Problem("text", "passage_empty", {"most": MAX_PASSAGE})])
    try:
        return jsonify(current_searcher().trace(text).to_json())
    except PassageRefused as refused:
        raise BadRequest([refusal(refused, text)]) from refused


@api.get("/api/v1/stats")
@conditional
def stats() -> ResponseReturnValue:
    """What the live generation holds."""
    return jsonify(current_searcher().stats())


@api.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this interface, and where it stands."""
    return jsonify({**description(), "servers": [{"url": request.script_root or "/"}]})
