"""Addresses: each leads back to what it was made for, and none is a visitor's own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config, Document
from webapp import addresses, create_app
from webapp.params import SearchParams

ODD_IDS = [
    "a",
    "園區/二〇一六.txt",
    "../x",
    "a/../b",
    "a//b",
    "/a",
    "a/",
    "?q=1",
    "a#b",
    "100%",
    "a b",
    "a\\b",
    "a\nb",
    "+",
    "x&y=z",
    "%2e%2e/x",
    "𠮷",
    ".",
]


@pytest.fixture
def inside() -> Iterator[Flask]:
    """A request context to make addresses in."""
    app = create_app(Config())
    with app.test_request_context("/"):
        yield app


@pytest.mark.parametrize("id", ODD_IDS)
def test_every_id_has_a_page(id: str, inside: Flask, client: FlaskClient, searcher: object) -> None:
    """The address of a document leads to it, whatever its id holds."""
    searcher.documents = (Document(id, "正文在此。"),)  # type: ignore[attr-defined]
    address = addresses.document_url(id)
    assert not {".", ".."} & set(urlsplit(address).path.split("/"))
    response = client.get(address)
    assert response.status_code == 200 and "正文在此" in response.text


def test_document_address_carries_the_search(inside: Flask) -> None:
    """The page of a document knows the search that led to it, so that its link back leads there."""
    params = SearchParams(q="園", mode="exact", script="hans", page=4, source=("a", "b"))
    expected = "/document/a?q=%E5%9C%92&page=4&mode=exact&source=a&source=b&script=hans"
    assert addresses.document_url("a", params) == expected


@pytest.mark.parametrize(
    "query", ["endpoint=x&values=y", "_external=1&_scheme=javascript&_anchor=z&_method=POST", "hl=xx"]
)
def test_language_links_do_not_obey_the_query(query: str, client: FlaskClient) -> None:
    """Parameter names that mean something to the framework are only carried along."""
    page = client.get(f"/help?{query}").text
    assert 'href="/help?' in page and "javascript:" not in page


def test_language_links_keep_all_values(client: FlaskClient) -> None:
    """Of a filter with several values none is lost."""
    assert 'href="/search?source=a&amp;source=b&amp;hl=en"' in client.get("/search?source=a&source=b").text


def test_language_links_of_a_foreign_path_lead_home(client: FlaskClient) -> None:
    """An error page offers no address that it was asked under."""
    page = client.get("//evil.example/x").text
    assert "evil.example" not in page and 'href="/?hl=en"' in page
