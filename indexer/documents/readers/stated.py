"""What does a page's own head say about it? Title, date, source, author and address, where stated.

Only elements made for the purpose are read: Open Graph and the usual meta names, JSON-LD, `<time
pubdate>`, `<h1>` and `<title>`. Nothing is guessed from addresses, from prose or from the clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from indexer.documents.readers.dates import iso_date

_DATE_NAMES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "publishdate",
    "pubdate",
    "publish_time",
    "dc.date",
    "dcterms.created",
    "date",
)
_SOURCE_NAMES = ("og:site_name", "contentsource", "source", "application-name", "dc.publisher")
_AUTHOR_NAMES = ("author", "article:author", "dc.creator", "byl")
_URL_NAMES = ("og:url",)
_NEWS = ("Article", "NewsArticle", "BlogPosting", "Report", "WebPage")


def stated_fields(tree: Any) -> dict[str, str | None]:
    """The fields of a `Document` that an lxml tree of a page states; None where it does not.

    An address is taken only if it is http or https.
    """
    meta = _meta(tree)
    linked = next(_linked(tree), {})
    url = _first(meta, _URL_NAMES) or _one(tree.xpath("//link[@rel='canonical']/@href"))
    date = _first(meta, _DATE_NAMES) or _name(linked.get("datePublished"))
    date = date or _one(tree.xpath("//time[@pubdate]/@datetime | //article//header//time/@datetime"))
    source = _first(meta, _SOURCE_NAMES) or _name(linked.get("publisher"))
    return {
        "title": _title(tree, meta.get("og:title"), source) or _name(linked.get("headline")),
        "date": iso_date(date) if date else None,
        "source": source,
        "author": _author(_first(meta, _AUTHOR_NAMES)) or _name(linked.get("author")),
        "url": url if url and url.startswith(("http://", "https://")) else None,
    }


def _meta(tree: Any) -> dict[str, str]:
    named: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = " ".join((element.get("content") or "").split())
        if content:
            named.setdefault(name.lower(), content)
    return named


def _first(meta: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((meta[name] for name in names if name in meta), None)


def _one(values: list[str]) -> str | None:
    return str(values[0]).strip() or None if values else None


def _author(name: str | None) -> str | None:
    """A profile's address in `article:author` is no name."""
    return None if name and name.startswith(("http://", "https://")) else name


def _title(tree: Any, shared: str | None, source: str | None) -> str | None:
    """`<title>`, without what it adds to the page's own heading; a site's name is no heading."""
    title = _text(next(tree.iter("title"), None))
    headings = [text for element in tree.iter("h1") if (text := _text(element)) and text != source]
    if title is None:
        return shared or (headings[0] if len(headings) == 1 else None)
    if shared and shared != source and shared in title:
        return shared
    return next((heading for heading in headings if title.startswith(heading)), title)


def _text(element: Any) -> str | None:
    return None if element is None else " ".join(element.text_content().split()) or None


def _linked(tree: Any) -> Iterator[dict[str, Any]]:
    """The articles among a page's JSON-LD objects."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            found = json.loads(script)
        except (ValueError, RecursionError):
            continue
        graph = found.get("@graph", [found]) if isinstance(found, dict) else found
        for thing in graph if isinstance(graph, list) else []:
            if isinstance(thing, dict) and thing.get("@type") in _NEWS:
                yield thing


def _name(value: object) -> str | None:
    """The text of a JSON-LD value: a string, a thing with a name, or the first of several."""
    if isinstance(value, list):
        return _name(value[0]) if value else None
    if isinstance(value, dict):
        return _name(value.get("name"))
    return value.strip() or None if isinstance(value, str) else None
