"""Where is a page? Addresses of searches, documents and other languages.

Invariant: parameter names in an address are ours, never a visitor's; every document id has an
address that a browser leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urljoin

from flask import current_app, g, request, url_for

from indexer import PORTION, Hit
from webapp.params import Script, SearchParams

_MOUNTED = 64
"""Prefixes and languages that addresses are kept for."""
_REWRITTEN = re.compile(r"\\|(?:^|/)\.{0,2}(?:/|$)")
Choice = tuple[str, str, bool]
"""A value of a parameter, the address with it, and whether it is the current one."""
Base = tuple[str, str]
"""Where an address begins: its path, and the parameter of a chosen language, empty where none is chosen."""


def search_url(params: SearchParams, **changes: Any) -> str:
    """The canonical address of a search, after `changes` to its parameters."""
    return _with_query(*_base("pages.search"), params.query(**changes))


def document_url(id: str, params: SearchParams | None = None, **more: str) -> str:
    """The address of a document's page; with `params`, its query is marked, and a link leads back to it."""
    carried = params.query(page=params.page) if params else {}
    return _of_document("pages.document_by_parameter", id, {**carried, **more})


def original_url(id: str, page: str | None = None) -> str:
    """The address of a document's original: a download, or with `page` a PDF opened there."""
    base = _of_document("originals.original_by_parameter", id, {"view": "1"} if page else {})
    return f"{base}#page={page}" if page else base


def _of_document(endpoint: str, id: str, query: Mapping[str, str]) -> str:
    path, language = _base(endpoint)
    if not fits_path(id):
        return _with_query(path, language, {"id": id, **query})
    return _with_query(f"{path}/{quote(id)}", language, query)


def hit_url(hit: Hit, search: Mapping[str, Any]) -> str:
    """The address of a hit's page at its first mark; far into a long document, at what is shown of it.

    `search` is what `SearchParams.query` says of the search with its page.
    """
    first = next((snippet for snippet in hit.snippets if snippet.marks), None)
    at = first.start + first.marks[0][0] if first else 0
    # A first portion is at least half of the longest.
    if at < PORTION // 2:
        return document_url(hit.id, **search) + ("#m1" if first else "")
    return document_url(hit.id, **search, at=str(at)) + "#at"


def portion_url(number: int, id: str, params: SearchParams | None, compare: bool = False) -> str:
    """The address of a portion of a document, or of its comparison with the original."""
    more = {"portion": str(number)} | ({"compare": "1"} if compare else {})
    return document_url(id, params, **more)


def address(endpoint: str, **query: str | tuple[str, ...]) -> str:
    """The address of a page, feed or interface without path parameters, in the visitor's language."""
    return _with_query(*_base(endpoint), query)


def absolute(address: str) -> str:
    """An address of this server with scheme and host."""
    return urljoin(request.url_root, address)


def _base(endpoint: str) -> Base:
    # A page has some fifty addresses, and url_for takes 10 to 50 µs: it is asked once per language.
    bases: dict[str, Base] | None = g.get("addresses")
    if bases is None:
        bases = g.addresses = _bases()
    if endpoint not in bases:
        path, _, language = url_for(endpoint).partition("?")
        bases[endpoint] = path, language
    return bases[endpoint]


def _bases() -> dict[str, Base]:
    known: dict[object, dict[str, Base]] = current_app.extensions.setdefault("hansou-addresses", {})
    if len(known) >= _MOUNTED:
        known.clear()  # what a proxy states of its prefix may change without end
    return known.setdefault((request.script_root, g.get("chosen")), {})


def _with_query(path: str, language: str, query: Mapping[str, str | tuple[str, ...]]) -> str:
    pieces = [
        f"{name}={_encoded(each)}"
        for name, value in query.items()
        for each in (value if isinstance(value, tuple) else (value,))
    ]
    if language:
        pieces.append(language)
    return f"{path}?{'&'.join(pieces)}" if pieces else path


@lru_cache(1024)
def _encoded(value: str) -> str:
    # The query stands in every link of its page.
    return quote_plus(value)


def fits_path(id: str) -> bool:
    r"""Whether an id can be the path of an address: browsers rewrite dot segments and backslashes.

    >>> fits_path("文化/2016.txt"), fits_path("../a"), fits_path("a//b"), fits_path("a\nb")
    (True, False, False, False)
    """
    return id.isprintable() and not _REWRITTEN.search(id)


def here_in(languages: Iterable[str]) -> dict[str, str]:
    """This very page in each language of the interface; the home page where this is an error."""
    if request.url_rule is None:
        return {each: url_for("pages.home", hl=each) for each in languages}
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "hl"]
    address = f"{request.script_root}{quote(request.path)}?{urlencode(arguments)}{'&' if arguments else ''}"
    return {each: f"{address}hl={each}" for each in languages}


def search_choices(values: Sequence[str], params: SearchParams, name: str) -> list[Choice]:
    """The ways to set the parameter `name` of a search; a list is by date, newest first."""
    current = getattr(params, name)
    if name == "sort" and current == "relevance" and not params.q:
        current = "date_desc"
    return [(value, search_url(params, **{name: value}), value == current) for value in values]


def script_choices(values: Sequence[Script], id: str, params: SearchParams, portion: int) -> list[Choice]:
    """The display scripts of a document, or of a portion of it behind the first."""
    more = {"portion": str(portion)} if portion > 1 else {}
    return [
        (value, document_url(id, replace(params, script=value), **more), value == params.script)
        for value in values
    ]
