"""What does an XML file say? TEI, ALTO and feeds by their own rules, others by their elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from indexer.documents.document import Document
from indexer.documents.outcomes import Skipped
from indexer.documents.readers.blocks import Markup, flowed
from indexer.documents.readers.dates import iso_date
from indexer.documents.readers.encoding import clean
from indexer.documents.readers.files import read_whole
from indexer.documents.readers.flow import joined
from indexer.documents.readers.row_ids import RowIds
from indexer.documents.readers.xmltree import all_of, attribute, first, name_of, parse_xml, text_of
from indexer.errors import ReadError

_SCRIPTS = frozenset(("script", "style"))
_ELEMENTS = Markup(frozenset(), _SCRIPTS)
"""XML of any kind: what an element holds is a line of its own."""
_TEI = Markup(
    frozenset(
        "lb pb cb milestone hi seg w c pc name persName placeName orgName rs date num ref title term foreign "
        "emph q quote said choice orig reg sic corr abbr expan add unclear supplied gap g anchor note "
        "app lem caesura ruby rb rt".split()
    ),
    _SCRIPTS,
)
_BREAKS = frozenset("lb pb cb milestone".split())
# Of what an edition gives twice the reading text stays.
_OTHER_READINGS = {"choice": ("orig", "sic", "abbr"), "app": ("rdg",)}
_TAG = re.compile(r"<[a-zA-Z!/][^>]*>")


def read_xml(name: str, stream: BinaryIO) -> Iterator[Document | Skipped]:
    """The documents of an XML file: one for each item of a feed, else one."""
    tree = parse_xml(read_whole(stream))
    kind = name_of(tree)
    if kind in ("rss", "feed", "RDF") and (items := all_of(tree, "item", "entry")):
        yield from _feed(name, items)
        return
    if kind in ("TEI", "teiCorpus", "TEI.2"):
        yield _tei(name, tree)
        return
    text = _alto(tree) if kind == "alto" else clean(flowed(tree, _ELEMENTS))
    if not text:
        raise ReadError("the file holds no text")
    yield Document(name, text)


def _tei(name: str, tree: Any) -> Document:
    header = first(tree, "teiHeader")
    for label, others in _OTHER_READINGS.items():
        for element in all_of(tree, label):
            kept = [child for child in element if name_of(child) not in others]
            if kept:
                for child in [child for child in element if name_of(child) in others]:
                    _taken_out(child)
    for element in all_of(tree, *_BREAKS):
        # A line of the original ends here, perhaps within a word; the line of the edition goes on.
        element.tail = (element.tail or "").lstrip()
    bodies = [child for child in tree.iter() if name_of(child) == "text"]
    text = clean("\n".join(flowed(body, _TEI) for body in bodies[:1]))
    if not text:
        raise ReadError("the file holds no text")
    statement = first(header, "fileDesc", "titleStmt") if header is not None else None
    dates = all_of(header, "date") if header is not None else []
    stated = next((attribute(date, "when") or text_of(date) for date in dates), None)
    return Document(
        name,
        text,
        title=text_of(first(statement, "title")) if statement is not None else None,
        author=text_of(first(statement, "author")) if statement is not None else None,
        date=iso_date(stated) if stated else None,
    )


def _taken_out(element: Any) -> None:
    """Remove an element and keep what follows it."""
    parent, before = element.getparent(), element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def _alto(tree: Any) -> str:
    """The blocks of scanned pages, the lines of each joined."""
    blocks = []
    for block in all_of(tree, "TextBlock"):
        text = ""
        for line in all_of(block, "TextLine"):
            pieces = [
                attribute(piece, "CONTENT") or "" if name_of(piece) == "String" else " "
                for piece in line
                if name_of(piece) in ("String", "SP")
            ]
            text = joined(text, "".join(pieces)) if text else "".join(pieces)
        blocks.append(clean(joined(text, "")).strip())
    return "\n".join(filter(None, blocks))


def _feed(name: str, items: list[Any]) -> Iterator[Document | Skipped]:
    ids = RowIds(name)
    for number, item in enumerate(items, 1):
        title = text_of(first(item, "title"))
        text = next(filter(None, map(_content, _candidates(item))), None)
        if not (text or title):
            yield Skipped(f"{name}:{number}", "no text")
            continue
        said = text or title or ""
        found = Document("", said, title=title, url=_link(item), date=_date(item), author=_author(item))
        yield ids.named(found)


def _candidates(item: Any) -> Iterator[Any]:
    for label in ("encoded", "content", "description", "summary"):
        yield from (child for child in item if name_of(child) == label)


def _content(element: Any) -> str | None:
    """The text of an element that holds markup, as a string or as elements."""
    import lxml.html

    text = "".join(element.itertext())
    if len(element):
        return clean(flowed(element)) or None
    if not _TAG.search(text):
        return clean(text).strip() or None
    return clean(flowed(lxml.html.fromstring(f"<div>{text}</div>"))) or None


def _link(item: Any) -> str | None:
    links = [child for child in item if name_of(child) == "link"]
    stated = next((attribute(link, "href") or text_of(link) for link in links), None)
    return stated if stated and stated.startswith(("http://", "https://")) else None


def _date(item: Any) -> str | None:
    for label in ("published", "pubDate", "date", "updated"):
        if stated := text_of(first(item, label)):
            try:
                return iso_date(stated) or parsedate_to_datetime(stated).isoformat()
            except (ValueError, TypeError, IndexError):
                return None
    return None


def _author(item: Any) -> str | None:
    author = first(item, "author")
    return text_of(first(item, "creator")) or text_of(first(author, "name") if author is not None else None)
