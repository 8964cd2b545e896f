"""How does a visitor get the file that a document was read from? As a download, where originals are given.

Invariant: what is sent is never shown as a page of this origin. Only a PDF may be shown instead of saved, by
the browser's own viewer, and only where its bytes begin like one.
"""

from __future__ import annotations

from mimetypes import MimeTypes

from flask import Blueprint, Response, abort, request, send_file

from indexer import Document, PartStart, open_original
from webapp.addresses import original_url
from webapp.live import current_config, current_searcher

originals = Blueprint("originals", __name__)
PDF = "application/pdf"
BINARY = "application/octet-stream"
LOCKED = "default-src 'none'; frame-ancestors 'none'; sandbox"
VIEWED = "default-src 'none'; frame-ancestors 'none'"
"""Viewers of PDF do not run in a sandbox; they have none of this origin's rights either."""
_ACTIVE = ("html", "xml", "javascript", "ecmascript", "multipart/")
"""What is in the names of types that a browser might make a page of."""
_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = MimeTypes()  # those of Python alone: the same on every system
for _suffix, _type in {
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".epub": "application/epub+zip",
    ".7z": "application/x-7z-compressed",
    ".md": "text/markdown",
}.items():
    _TYPES.add_type(_type, _suffix)


@originals.get("/original/<path:id>")
def original(id: str) -> Response:
    """The original of a document by the path of its address."""
    return _sent(id)


@originals.get("/original")
def original_by_parameter() -> Response:
    """The original of a document by `?id=`, for ids that a path cannot carry."""
    return _sent(request.args.get("id", ""))


def _sent(id: str) -> Response:
    if not current_config().server.originals:
        abort(404)
    found = open_original(current_config(), current_searcher().document(id).document)
    kind = media_type(found.name)
    is_shown = kind == PDF and "view" in request.args and b"%PDF-" in found.stream.read(1024)
    found.stream.seek(0)
    response = send_file(
        found.stream,
        kind,
        as_attachment=not is_shown,
        download_name=saved_name(found.name),
        conditional=False,
        max_age=0,
    )
    response.call_on_close(found.stream.close)
    response.content_length = found.stream.seek(0, 2)
    found.stream.seek(0)
    response.headers["Content-Type"] = kind  # of what charset a text is, nobody has said
    response.headers["Content-Security-Policy"] = VIEWED if is_shown else LOCKED
    return response


def saved_name(name: str) -> str:
    r"""The name that a file is saved under: line ends and the like may be in names, but in no header.

    >>> saved_name("信 一\n.txt")
    '信 一_.txt'
    """
    return "".join(each if each.isprintable() else "_" for each in name)


def media_type(name: str) -> str:
    """The type that a file is sent as, by its name: its own, unless a browser might make a page of it.

    >>> media_type("甲.pdf"), media_type("頁.html"), media_type("大事記")
    ('application/pdf', 'application/octet-stream', 'application/octet-stream')
    """
    kind, encoding = _TYPES.guess_type(name)
    if kind is None or encoding or any(kind.startswith(mark) or kind.endswith(mark) for mark in _ACTIVE):
        return BINARY
    return kind


def download_url(document: Document) -> str | None:
    """The address of a document's original; None where originals are not given."""
    return original_url(document.id) if current_config().server.originals and document.origin else None


def page_url(id: str, part: PartStart | None) -> str | None:
    """The address of a PDF opened at a page; None for anything else, and where originals are not given."""
    if part is None or part.kind != "page" or not current_config().server.originals:
        return None
    return original_url(id, part.name) if media_type(id) == PDF else None
