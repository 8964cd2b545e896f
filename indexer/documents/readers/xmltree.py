"""How is XML read that somebody else wrote? Bytes → a tree, without entities, networks or files."""

from __future__ import annotations

import re
from typing import Any

from indexer.documents.readers.encoding import decode
from indexer.errors import ReadError

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)""")


def parse_xml(content: bytes, *, recover: bool = False) -> Any:
    """The root element; raises `ReadError` for what is no XML.

    Entities that a file declares are not expanded, so a few of them cannot become gigabytes. With
    `recover` what can be read of broken XML is read.
    """
    from lxml import etree  # slow to import, and needed only where there is XML

    options = {
        "resolve_entities": False, "no_network": True, "load_dtd": False,
        "remove_comments": True, "remove_pis": True, "recover": recover,
    }  # fmt: skip
    parser = etree.XMLParser(**options)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        root = _in_its_encoding(content, options)
        if root is None:
            raise ReadError(f"not sound XML: {error}") from error
    if root is None:
        raise ReadError("not sound XML: no element")
    return root


def _in_its_encoding(content: bytes, options: dict[str, bool]) -> Any:
    """The root of XML that is not in the encoding it declares, or in a wider one; None for what is no XML."""
    from lxml import etree

    declared = _DECLARED.match(content)
    if declared is None:
        return None
    try:
        text = decode(content, declared[1].decode("ascii", "replace"))[0]
        return etree.fromstring(text.encode("utf-8"), etree.XMLParser(encoding="utf-8", **options))
    except (ReadError, etree.XMLSyntaxError, ValueError):
        return None


def html_parser(**options: Any) -> Any:
    """A parser of HTML that leaves out comments and instructions: to walk over n of them takes n² steps."""
    import lxml.html  # slow to import

    return lxml.html.HTMLParser(remove_comments=True, remove_pis=True, **options)


def name_of(element: Any) -> str:
    """The name of an element without its namespace; "" for a comment, an instruction or an entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """The value of an attribute whatever its namespace; None where there is none."""
    value = element.get(name)
    if value is not None:
        return str(value)
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def first(element: Any, *path: str) -> Any:
    """The first element that a path of local names leads to, or None."""
    for name in path:
        element = next((child for child in element if name_of(child) == name), None)
        if element is None:
            return None
    return element


def all_of(element: Any, *names: str) -> list[Any]:
    """All descendants with one of these local names, in the order of the document."""
    return [child for child in element.iter() if name_of(child) in names]


def text_of(element: Any) -> str | None:
    """All text of an element on one line; None for none, and where there is no element."""
    return None if element is None else " ".join("".join(element.itertext()).split()) or None
