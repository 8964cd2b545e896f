"""Errors: one status each, problem+json for programs, a page in the usual dress for people."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from indexer import (
    DeadlineExceeded,
    DocumentNotFound,
    HansouError,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
    QueryTooLong,
)
from webapp.errors import STATUSES

FAILURES = [
    (QueryTooLong("too long"), 400, "query-too-long"),
    (DeadlineExceeded("stopped after 2 s"), 504, "deadline-exceeded"),
    (IndexCorrupt("flipped"), 503, "index-corrupt"),
    (IndexOutdated("other analysis"), 503, "index-outdated"),
    (HansouError("something else"), 500, "internal-error"),
]


@pytest.mark.parametrize(("failure", "status", "code"), FAILURES, ids=lambda value: str(value))
def test_search_failures(
    client: FlaskClient, searcher: object, failure: Exception, status: int, code: str
) -> None:
    """A failure of the searcher has its status at both doors."""
    searcher.failure = failure  # type: ignore[attr-defined]
    problem = client.get("/api/v1/search?q=園")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.json and (problem.json["status"], problem.json["code"]) == (status, code)
    page = client.get("/search?q=園")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert "<h1>" in page.text and "style.css" in page.text


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
    assert met | {DocumentNotFound, IndexMissing} == ours
