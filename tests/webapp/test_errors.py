"""Errors: one status each, problem+json for programs, a page in the usual dress for people."""

from __future__ import annotations

import logging
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from indexer import (
    ConfigError,
    DeadlineExceeded,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    NotPermitted,
    OriginalMissing,
    QueryTooLong,
    TooManyPlaces,
)
from webapp.errors import STATUSES
from webapp.language import messages

FAILURES = [
    (QueryTooLong("too long"), 400, "query-too-long"),
    (DeadlineExceeded("stopped after 2 s"), 504, "deadline-exceeded"),
    (IndexMissing("/srv/secret/index: none"), 503, "index-missing"),
    (IndexCorrupt("/srv/secret/index: flipped"), 503, "index-corrupt"),
    (IndexOutdated("/srv/secret/index: other analysis"), 503, "index-outdated"),
    (IndexUnreachable("http://secret:9200: the cluster does not answer"), 503, "cluster-unreachable"),
    (ConfigError("/srv/secret/synonyms.txt:7: two words"), 503, "bad-configuration"),
    (HansouError("/srv/secret: something else"), 500, "internal-error"),
]
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@pytest.mark.parametrize(("failure", "status", "code"), FAILURES, ids=lambda value: str(value))
def test_search_failures(
    client: FlaskClient, searcher: object, failure: Exception, status: int, code: str
) -> None:
    """A failure of the searcher has its status at both doors, and what is the server's own stays with it."""
    searcher.failure = failure  # type: ignore[attr-defined]
    problem = client.get("/api/v1/search?q=園")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.json and (problem.json["status"], problem.json["code"]) == (status, code)
    assert ("hansou rebuild" in problem.json["detail"]) == code.startswith("index-")
    for language in LANGUAGES:
        page = client.get(f"/search?q=園&hl={language}")
        assert (page.status_code, page.mimetype) == (status, "text/html")
        assert messages(language)(f"error.{code}") in unescape(page.text) and "style.css" in page.text
        assert ("hansou rebuild" in page.text) == code.startswith("index-")
        assert "secret" not in page.text + problem.text


def test_unexpected_failure_tells_nothing(
    client: FlaskClient, searcher: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is logged with its trace; the visitor learns only that it happened."""
    searcher.failure = ValueError("the secret")  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR):
        for path in ("/search?q=園", "/api/v1/search?q=園"):
            response = client.get(path)
            assert response.status_code == 500 and "secret" not in response.text
    assert "the secret" in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/nope", "/document/nope", "/document?id=nope", "/document", "/api/v1/nope", "/api/v1/documents/nope"],
)
def test_not_found(client: FlaskClient, path: str) -> None:
    """What does not exist is 404 in the form that fits the path."""
    response = client.get(path)
    assert response.status_code == 404
    assert (response.mimetype == "application/problem+json") == path.startswith("/api/")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search?q=園 區&mode=exact", 504),
        ("/document/nope?q=園 區&mode=exact", 404),
        ("/nope?q=園 區&mode=exact", 404),
        ("/search.rss?q=園 區&mode=exact", 504),
    ],
)
def test_an_error_page_has_the_form(
    client: FlaskClient, searcher: object, path: str, status: int, language: str
) -> None:
    """What was asked stands in the form, to be put right and asked again, in the language of the page."""
    searcher.failure = DeadlineExceeded("stopped")  # type: ignore[attr-defined]
    page = client.get(f"{path}&hl={language}")
    assert page.status_code == status
    assert 'value="園 區"' in page.text and '<option value="exact" selected>' in page.text
    assert f'name="hl" value="{language}"' in page.text


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("zh-Hans", "“查询”最多 256 个字符，这里有 1000 个"),
        ("zh-Hant", "「查詢」最多 256 個字元，這裡有 1000 個"),
        ("en", "The query is at most 256 characters, and this is 1000"),
    ],
)
@pytest.mark.parametrize("path", ["/search", "/", "/document/b", "/search.rss"])
def test_an_overlong_query_is_kept(client: FlaskClient, path: str, language: str, reason: str) -> None:
    """The page says how long it may be and how long it is, and the form has all of it."""
    query = "園<" * 500
    page = client.get(path, query_string={"q": query, "hl": language})
    assert page.status_code == 400 and reason in page.text
    assert f'value="{escape(query)}"' in page.text
    assert messages(language)("error.query-too-long") in page.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("POST", "/search", "localhost", 405),
        ("GET", "/" + "x" * 9000, "localhost", 414),
        ("GET", "/", "elsewhere.example", 400),
    ],
)
def test_errors_of_the_protocol_are_in_the_language_of_the_page(
    client: FlaskClient, method: str, path: str, host: str, status: int, language: str
) -> None:
    """Not only what the searcher refuses is said in the visitor's words."""
    page = client.open(path, method=method, headers={"Accept-Language": language, "Host": host})
    assert page.status_code == status
    heading = page.text.partition("<h1>")[2].partition("</h1>")[0]
    assert heading in messages(language).table.values()


@pytest.mark.parametrize("path", ["/", "/search?q=園", "/document/a", "/status", "/search.rss?q=x"])
def test_pages_without_an_index(unbuilt: FlaskClient, path: str) -> None:
    """Before the first build every page says what to do."""
    response = unbuilt.get(path)
    assert response.status_code == 503 and "hansou rebuild" in response.text


@pytest.mark.parametrize(
    "path", ["/help", "/healthz", "/opensearch.xml", "/robots.txt", "/openapi.json", "/metrics"]
)
def test_what_needs_no_index(unbuilt: FlaskClient, path: str) -> None:
    """What tells nothing about the index is there before it."""
    assert unbuilt.get(path).status_code == 200


def test_problem_names_each_parameter(client: FlaskClient) -> None:
    """errors[] has an entry for every parameter that was not taken."""
    problem = client.get("/api/v1/search?q=x&page=0&sort=price").json
    assert problem and [error["parameter"] for error in problem["errors"]] == ["page", "sort"]


def test_statuses_cover_the_error_tree() -> None:
    """Every error a request can meet has a status of its own."""
    met = {type(failure) for failure, status, _ in FAILURES if status != 500}
    ours = {kind for kind in STATUSES if kind.__module__ != "webapp.errors"}
    assert met | {DocumentNotFound, NotPermitted, OriginalMissing, TooManyPlaces} == ours


def test_who_cannot_reach_the_index_is_told_when_to_come_again(client: FlaskClient, searcher: Any) -> None:
    """A cluster that does not answer may answer soon: page and API say after how many seconds."""
    searcher.failure = IndexUnreachable("http://secret:9200: no answer")
    for path in ("/search?q=園", "/api/v1/search?q=園"):
        response = client.get(path)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    searcher.failure = IndexCorrupt("damaged")
    assert "Retry-After" not in client.get("/search?q=園").headers
