"""How are results and documents taken along? As files, written as they are read.

Invariant: what can go wrong before the first line is answered as an error; a file that was begun is of one
state of the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from urllib.parse import quote

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from indexer import written_hits, written_lines
from webapp.addresses import absolute, document_url
from webapp.asked import line_params, needed, strict_params
from webapp.conditional import conditional
from webapp.errors import BadRequest
from webapp.lineparams import FORMATS, KINDS
from webapp.live import current_config, current_searcher
from webapp.params import MAX_TEXT, Problem, choice

taking = Blueprint("taking", __name__)
_TYPES = {
    "jsonl": ("application/x-ndjson", "jsonl"),
    "csv": ("text/csv", "csv"),
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
}
_AT_ONCE = 64
"""Pieces that are sent together."""


@taking.get("/api/v1/export")
def export() -> ResponseReturnValue:
    """All hits of a search, or with `of=lines` of its concordance, up to `[server] export_limit`."""
    problems: list[Problem] = []
    format = choice(request.args, "format", FORMATS, problems)
    of = choice(request.args, "of", KINDS, problems)
    if of == "lines" and format not in ("jsonl", "csv"):
        problems.append(Problem("format", "choice", {"choices": "jsonl, csv"}))
    if problems:
        raise BadRequest(problems)
    most = current_config().server.export_limit
    if of == "lines":
        params = line_params(strict=True).search
        lines = current_searcher().lines(params.q, most=most, mode=params.mode, **params.narrowing)
        return _file(written_lines(lines, "csv" if format == "csv" else "jsonl"), format)
    params = strict_params()
    hits = current_searcher().every(
        params.q, mode=params.mode, sort=params.sort, collapse=params.collapse, **params.narrowing
    )
    return _file(written_hits(islice(hits, most), format, _addresses()), format)


@taking.get("/api/v1/text")
@conditional
def text() -> ResponseReturnValue:
    """A whole document as a file: its text, or as JSON everything that is kept of it."""
    problems: list[Problem] = []
    format = choice(request.args, "format", ("txt", "json"), problems)
    if problems:
        raise BadRequest(problems)
    view = current_searcher().document(needed("id", MAX_TEXT))
    if format == "txt":
        head = filter(None, (view.document.title, ""))
        return _named("\n\n".join((*head, view.document.text)) + "\n", "text/plain", view.document.id, "txt")
    body = json.dumps(view.to_json(), ensure_ascii=False, indent=1)
    return _named(body, "application/json", view.document.id, "json")


def _addresses() -> Callable[[str], str]:
    return lambda id: absolute(document_url(id))


def _file(pieces: Iterator[str], format: str) -> Response:
    """A file in pieces. The first is made before anything is sent: until then an error is an error."""
    media, suffix = _TYPES[format]
    first = [*islice(pieces, 1)]
    sent = stream_with_context(_joined(chain(first, pieces)))
    return _named(sent, media, "hansou", suffix)


def _joined(pieces: Iterator[str]) -> Iterator[str]:
    while several := "".join(islice(pieces, _AT_ONCE)):
        yield several


def _named(body: str | Iterable[str], media: str, name: str, suffix: str) -> Response:
    """A response that is saved under a name rather than shown."""
    stem = name.rsplit("/", 1)[-1].removesuffix(f".{suffix}") or "hansou"
    response = Response(body, mimetype=media)
    saved = f"attachment; filename=\"hansou.{suffix}\"; filename*=UTF-8''{quote(stem, safe='')}.{suffix}"
    response.headers["Content-Disposition"] = saved
    return response
