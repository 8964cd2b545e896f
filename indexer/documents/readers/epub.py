"""What does an EPUB say? Its chapters in the order of reading.

They are its parts, under the names that the table of contents gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.documents.document import Document
from indexer.documents.readers.blocks import flowed
from indexer.documents.readers.encoding import clean, decode
from indexer.documents.readers.html import declared_charset
from indexer.documents.readers.package import Package, opened_package, resolved, stated_in
from indexer.documents.readers.parts import document_of
from indexer.documents.readers.xmltree import (
    all_of,
    attribute,
    first,
    html_parser,
    name_of,
    parse_xml,
    text_of,
)
from indexer.errors import ReadError

_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


def read_epub(name: str, stream: BinaryIO) -> Iterator[Document]:
    """The one document of an EPUB; raises `ReadError` for one that is encrypted, damaged or without text."""
    with opened_package(stream) as package:
        _require_open(package)
        path = _package_file(package)
        opf = package.needed(path)
        folder = path.rpartition("/")[0]
        files = {attribute(item, "id"): item for item in all_of(opf, "item")}
        contents = _contents(package, folder, files, opf)
        chapters = [files[at] for ref in all_of(opf, "itemref") if (at := attribute(ref, "idref")) in files]
        texts = []
        for item in chapters:
            part = resolved(folder, attribute(item, "href") or "")
            if attribute(item, "media-type") in _PAGES and (page := package.bytes(part)) is not None:
                tree = _page(page)
                texts.append((contents.get(part) or _heading(tree) or part, flowed(tree)))
        stated = stated_in(first(opf, "metadata"), name)
    yield document_of(name, "chapter", texts, stated)


def _require_open(package: Package) -> None:
    """Fonts may be obfuscated; whatever else is encrypted cannot be read."""
    tree = package.tree("META-INF/encryption.xml")
    methods = (
        [attribute(method, "Algorithm") for method in all_of(tree, "EncryptionMethod")]
        if tree is not None
        else []
    )
    if any(method not in _FONTS for method in methods):
        raise ReadError("encrypted by its seller (DRM)")


def _package_file(package: Package) -> str:
    tree = package.tree("META-INF/container.xml")
    stated = [attribute(root, "full-path") for root in all_of(tree, "rootfile")] if tree is not None else []
    found = [*filter(None, stated), *(name for name in package.names() if name.endswith(".opf"))]
    if not found:
        raise ReadError("not a sound EPUB: it names no package file")
    return found[0]


def _contents(package: Package, folder: str, files: dict[str | None, Any], opf: Any) -> dict[str, str]:
    """The names that the table of contents gives to files, by part; the first where a file has several."""
    named: dict[str, str] = {}
    for item in files.values():
        part = resolved(folder, attribute(item, "href") or "")
        is_nav = "nav" in (attribute(item, "properties") or "").split()
        if not is_nav and attribute(item, "media-type") != "application/x-dtbncx+xml":
            continue
        content = package.bytes(part)
        tree = parse_xml(content, recover=True) if content else None
        for link in all_of(tree, "a", "navPoint") if tree is not None else ():
            source = link if name_of(link) == "a" else first(link, "content")
            label = link if name_of(link) == "a" else first(link, "navLabel")
            target = (attribute(source, "href") or attribute(source, "src")) if source is not None else None
            if target and (text := text_of(label)):
                named.setdefault(resolved(part.rpartition("/")[0], target), clean(text))
    return named


def _page(page: bytes) -> Any:
    """The tree of a chapter, which should be XML and often is not."""
    import lxml.html

    text = clean(decode(page, declared_charset(page))[0])
    try:
        return parse_xml(page)
    except ReadError:
        return lxml.html.document_fromstring(
            text.encode("utf-8"),
            parser=html_parser(encoding="utf-8"),
        )


def _heading(tree: Any) -> str | None:
    headings = all_of(tree, "h1", "h2", "h3")
    return text_of(headings[0]) if headings else None
