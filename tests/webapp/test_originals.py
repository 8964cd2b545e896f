"""Originals are downloads, never pages of this origin; a PDF may be opened at its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config, Document, PartStart
from indexer.config import ServerSettings, SourceSettings
from indexer.documents.document import FileOrigin
from indexer.documents.sources import source_key

PAGE = b"<script>alert(1)</script>"
FILES = {
    "a//年報.pdf": b"%PDF-1.7 ...",
    "letter.pdf": PAGE,
    "page.html": PAGE,
    "picture.svg": PAGE,
    "feed.xml": PAGE,
    "notes.txt": "夜市".encode(),
    "report.docx": b"PK",
    "a\r\n\x01b.txt": "夜市".encode(),
}


@pytest.fixture
def given(searcher: Any, tmp_path: Path, make_app: Callable[[Config], Flask]) -> FlaskClient:
    """A client of an application that gives the originals of some files."""
    key = source_key(SourceSettings(tmp_path))
    searcher.documents = []
    for name, content in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        parts = (PartStart(0, "page", "1"), PartStart(4, "page", "2"))
        searcher.documents.append(
            Document(name, "夜市開張，渡輪停航。", parts=parts, origin=FileOrigin(key, name))
        )
    server = ServerSettings(originals=True)
    return make_app(Config(tmp_path, server=server, sources=(SourceSettings(tmp_path),))).test_client()


def got(client: FlaskClient, address: str) -> Any:
    """An answer whose file is closed, as a server does it."""
    response = client.get(address)
    response.get_data()
    response.close()
    return response


@pytest.mark.parametrize("view", ["", "&view=1"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("letter.pdf", "application/pdf"),
        ("page.html", "application/octet-stream"),
        ("picture.svg", "application/octet-stream"),
        ("feed.xml", "application/octet-stream"),
        ("notes.txt", "text/plain"),
        ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_originals_are_downloads(given: FlaskClient, name: str, kind: str, view: str) -> None:
    """Each comes whole under its name, as what a browser makes no page of, whatever is asked for."""
    for address in (f"/original/{name}?hl=en{view}", f"/original?id={name}{view}"):
        response = got(given, address)
        assert (response.status_code, response.data) == (200, FILES[name])
        assert response.headers["Content-Type"] == kind
        assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert response.headers["Content-Length"] == str(len(FILES[name]))
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]


def test_a_prefix_is_part_of_the_address(
    searcher: Any, tmp_path: Path, make_app: Callable[[Config], Flask]
) -> None:
    """And of the link, but of no path or name that a file has."""
    source = SourceSettings(tmp_path, prefix="office/甲")
    (tmp_path / "notes.txt").write_bytes(b"here")
    origin = FileOrigin(source_key(source), "office/甲/notes.txt")
    searcher.documents = [Document(origin.path, "夜市開張。", origin=origin)]
    client = make_app(
        Config(tmp_path, server=ServerSettings(originals=True), sources=(source,))
    ).test_client()
    assert 'href="/original/office/%E7%94%B2/notes.txt' in client.get(f"/document/{origin.path}").text
    response = got(client, f"/original/{origin.path}")
    assert response.data == b"here"
    assert response.headers["Content-Disposition"] == "attachment; filename=notes.txt"
    assert got(client, "/original/notes.txt").status_code == 404


def test_a_name_that_no_header_can_hold(given: FlaskClient) -> None:
    """What stands in it and is no sign is left out of the name that the file is saved under."""
    response = got(given, "/original?id=a%0D%0A%01b.txt")
    assert response.status_code == 200 and response.data == "夜市".encode()
    assert response.headers["Content-Disposition"] == "attachment; filename=a___b.txt"


def test_a_pdf_opens_at_its_page(given: FlaskClient) -> None:
    """The document links to its original and to the page of the first mark, where the browser may show it."""
    page = given.get("/document?id=a//年報.pdf&q=渡輪&hl=zh-Hant").text
    address = "/original?id=a%2F%2F%E5%B9%B4%E5%A0%B1.pdf&amp;view=1#page=2"
    assert f'href="{address}"' in page.replace("&amp;hl=zh-Hant", "")
    assert "開啟原始檔第 2 頁" in page
    response = got(given, "/original?id=a//年報.pdf&view=1")
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["X-Content-Type-Options"] == "nosniff" and response.mimetype == "application/pdf"
    assert got(given, "/original?id=a//年報.pdf").headers["Content-Disposition"].startswith("attachment")


def test_originals_are_not_given_unless_configured(
    client: FlaskClient, searcher: Any, tmp_path: Path
) -> None:
    """By default there is no such page, and no link to one."""
    searcher.documents = [
        Document("甲.txt", "夜市", origin=FileOrigin(source_key(SourceSettings(tmp_path)), "甲.txt"))
    ]
    assert client.get("/original/甲.txt").status_code == 404
    assert "/original" not in client.get("/document/甲.txt").text


def test_what_is_gone_is_said_without_paths(given: FlaskClient, tmp_path: Path) -> None:
    """A file that went since the index was built is a page that says so in words."""
    (tmp_path / "notes.txt").unlink()
    response = given.get("/original/notes.txt?hl=en")
    assert response.status_code == 404 and "is not there any more" in response.text
    assert str(tmp_path) not in response.text
