"""Files that are taken along: every format, all of it, errors before the first line."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from flask.testing import FlaskClient

from indexer import Config
from webapp import create_app


@pytest.fixture(scope="module")
def site(site_config: Config) -> FlaskClient:
    """A client of the small real index."""
    return create_app(site_config).test_client()


def test_hits(site: FlaskClient) -> None:
    """Each format has every hit, with the address of its page."""
    total = site.get("/api/v1/search?q=软件园&size=100").json["distinct"]  # type: ignore[index]
    rows = [json.loads(line) for line in site.get("/api/v1/export?q=软件园").text.splitlines()]
    assert len(rows) == total and rows[0]["address"].startswith("http://localhost/document/")
    table = site.get("/api/v1/export?q=软件园&format=csv")
    assert table.mimetype == "text/csv" and "attachment" in table.headers["Content-Disposition"]
    assert [row["id"] for row in csv.DictReader(StringIO(table.text))] == [row["id"] for row in rows]
    assert site.get("/api/v1/export?q=软件园&format=bibtex").text.count("@misc{") == total
    assert site.get("/api/v1/export?q=软件园&format=ris").text.count("ER  - \n") == total
    assert site.get("/api/v1/export?q=沒有的詞&format=csv").text.count("\n") == 1


def test_lines(site: FlaskClient) -> None:
    """All lines of a concordance, as many as it counts."""
    total = site.get("/api/v1/concordance?q=软件园").json["total"]  # type: ignore[index]
    rows = [json.loads(line) for line in site.get("/api/v1/export?q=软件园&of=lines").text.splitlines()]
    assert len(rows) == total > 12 and {row["keyword"] for row in rows} == {"软件园", "軟件園"}


@pytest.mark.parametrize(
    "query",
    ["q=x&format=pdf", "q=x&of=lines&format=ris", "q=" + "x" * 257, "q=x&of=lines&by=9", "q=x&from=1"],
)
def test_what_cannot_be_exported(site: FlaskClient, query: str) -> None:
    """Is refused before a file begins."""
    response = site.get(f"/api/v1/export?{query}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_a_file_has_a_limit(site_config: Config) -> None:
    """`[server] export_limit` entries and no more."""
    from dataclasses import replace

    server = replace(site_config.server, export_limit=2)
    client = create_app(replace(site_config, server=server)).test_client()
    for of in ("hits", "lines"):
        assert client.get(f"/api/v1/export?q=软件园&of={of}").text.count("\n") == 2


def test_documents(client: FlaskClient) -> None:
    """A document as a file of text, or as JSON whole; its name is kept in the header."""
    text = client.get("/api/v1/text?id=園區/2016.txt")
    assert text.text.startswith("無錫<軟件園>\n\n無錫軟件園的創新。\n") and text.mimetype == "text/plain"
    assert text.headers["Content-Disposition"].endswith("filename*=UTF-8''2016.txt")
    assert client.get("/api/v1/text?id=b&format=json").json["text"].startswith("创新")  # type: ignore[index]
    assert client.get("/api/v1/text?id=nobody").status_code == 404
    assert client.get("/api/v1/text").status_code == 400
