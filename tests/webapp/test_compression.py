"""Answers travel packed where the client takes it, and are the same."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from indexer import Document

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
LONG = Document("long", "無錫的軟件園。" * 1000)


@pytest.fixture(autouse=True)
def long_document(searcher: Any) -> None:
    """A document worth packing."""
    searcher.documents = (*searcher.documents, LONG)


@pytest.mark.parametrize(
    "address", ["/document/long", "/api/v1/documents/long", "/search?q=軟件", "/static/style.css"]
)
@pytest.mark.parametrize("encoding", UNPACK)
def test_an_answer_is_packed(client: FlaskClient, address: str, encoding: str) -> None:
    """Pages, JSON and files, much smaller, and caches know."""
    with client.get(address, headers={"Accept-Encoding": "identity"}) as plain:
        whole = plain.data
    packed = client.get(address, headers={"Accept-Encoding": encoding})
    packed.close()
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == encoding and "Accept-Encoding" in packed.headers["Vary"]
    assert UNPACK[encoding](packed.data) == whole and len(packed.data) < len(whole) / 2


def test_who_takes_several_gets_the_best(client: FlaskClient) -> None:
    """A browser of today gets zstd, one that takes only gzip that, one that says nothing the page."""
    said = {
        "gzip, deflate, br, zstd": "zstd",
        "gzip, br": "br",
        "gzip": "gzip",
        "": None,
        "br;q=0.1, gzip": "gzip",
    }
    for accepted, encoding in said.items():
        answer = client.get("/document/long", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == encoding, accepted


def test_a_copy_is_current_whichever_way_it_came(client: FlaskClient) -> None:
    """The ETag of a packed page is that of the page: a client that has it is answered 304."""
    answer = client.get("/document/long", headers={"Accept-Encoding": "gzip"})
    again = client.get(
        "/document/long", headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "br"}
    )
    assert again.status_code == 304 and not again.data


def test_what_is_short_stays(client: FlaskClient) -> None:
    """A few bytes are not packed."""
    answer = client.get("/api/v1/suggest?q=軟件", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
