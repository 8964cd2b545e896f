"""What do browsers, feed readers and robots ask for? OpenSearch, RSS and robots.txt.

Invariant: XML holds only characters that XML 1.0 allows, and addresses in it are absolute.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.addresses import absolute, document_url, search_url
from webapp.asked import needed, search_params
from webapp.conditional import conditional
from webapp.live import current_searcher
from webapp.params import MAX_QUERY

feeds = Blueprint("feeds", __name__)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@feeds.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """The OpenSearch description, by which a browser adds this engine."""
    return _xml("opensearch.xml", "application/opensearchdescription+xml", root=request.url_root)


@feeds.get("/search.rss")
@conditional
def rss() -> ResponseReturnValue:
    """A search, or all that its filters leave, as an RSS 2.0 feed, the last to come first unless told."""
    params = search_params()
    if params.sort == "relevance":
        params = replace(params, sort="added_desc")
    query = needed("q", MAX_QUERY) if params.q else ""
    result = current_searcher().search(query, **params.search_arguments)
    items = [
        (hit, absolute(document_url(hit.id, params)), rss_date(hit.changed_at or hit.added_at or hit.date))
        for hit in result.hits
    ]
    link = absolute(search_url(params))
    return _xml("rss.xml", "application/rss+xml", params=params, result=result, items=items, link=link)


@feeds.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Robots stay away from searches and the API; documents and the home page are theirs to read."""
    away = "/search", "/api/", "/analyze", "/trace", "/metrics"
    rules = [f"Disallow: {request.script_root}{path}\n" for path in away]
    return Response("".join(["User-agent: *\n", *rules]), mimetype="text/plain")


def rss_date(date: str | None) -> str | None:
    """An ISO 8601 date in the form RSS wants; None where there is none or it is only part of one.

    >>> rss_date("2016-11-25"), rss_date("唐")
    ('Fri, 25 Nov 2016 00:00:00 +0000', None)
    """
    try:
        moment = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return format_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _xml(template: str, mimetype: str, **values: object) -> Response:
    return Response(_NOT_XML.sub("\ufffd", render_template(template, **values)), mimetype=mimetype)
