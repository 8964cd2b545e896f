"""Who is let in, and what every response carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config
from webapp.guard import HEADERS

Make = Callable[[Config], Flask]


def configured(config: Config, **settings: object) -> Config:
    """A configuration with [server] settings changed."""
    return replace(config, server=replace(config.server, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=軟件園",
        "/nope",
        "/api/v1/search",
        "/api/v1/search?q=x",
        "/healthz",
        "/robots.txt",
        "/static/style.css",
        "/search.rss?q=x",
    ],
)
def test_every_response_is_guarded(client: FlaskClient, path: str) -> None:
    """Pages, errors, feeds and files carry the security headers."""
    headers = client.get(path, buffered=True).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8137", "[::1]:80", "LOCALHOST"])
def test_loopback_names_are_known(client: FlaskClient, host: str) -> None:
    """This machine's own names are always answered for."""
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "",
        "127.0.0.1.evil.example",
        "a@localhost",
        '127.0.0.1:x"',
        "localhost:70000",
        "127.0.0.1:80:80",
        "[::1",
        "[::1]x",
        "localhost:80<",
        "localhost:８０",
    ],
)
def test_foreign_hosts_are_refused(client: FlaskClient, host: str) -> None:
    """A host that is not ours gets a 400 that says which setting to change, never a page of ours."""
    response = client.get("/search?q=軟件園", headers={"Host": host})
    assert response.status_code == 400
    problem = client.get("/api/v1/search?q=x", headers={"Host": host}).json
    assert problem and problem["code"] == "unknown-host" and "allowed_hosts" in problem["detail"]


def test_allowed_hosts(config: Config, make_app: Make) -> None:
    """A configured host is answered for."""
    client = make_app(configured(config, allowed_hosts=("archive.example",))).test_client()
    assert client.get("/", headers={"Host": "Archive.Example:80"}).status_code == 200


def test_request_limits(client: FlaskClient) -> None:
    """A body beyond the limit or of unknown length, or a long path, is refused with its own status."""
    assert client.post("/api/v1/search", data=b"x" * 70_000).status_code == 413
    assert client.post("/api/v1/search", headers={"Transfer-Encoding": "chunked"}).status_code == 411
    assert client.get("/document/" + "x" * 9000).status_code == 414


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(client: FlaskClient, method: str) -> None:
    """Every route only reads."""
    response = client.open("/api/v1/search?q=x", method=method)
    assert response.status_code == 405 and "GET" in response.headers["Allow"]
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 400)])
def test_forwarded_addresses_only_when_configured(
    config: Config, make_app: Make, proxies: int, status: int
) -> None:
    """X-Forwarded headers count only where a trusted proxy is configured."""
    client = make_app(configured(config, trusted_proxies=proxies)).test_client()
    assert client.get("/help", headers={"X-Forwarded-Host": "evil.example"}).status_code == status


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ((), "https://a.example", None),
        (("https://a.example",), "https://a.example", "https://a.example"),
        (("https://a.example",), "https://b.example", None),
        (("*",), "https://b.example", "*"),
    ],
)
def test_cors(
    config: Config, make_app: Make, origins: tuple[str, ...], origin: str, allowed: str | None
) -> None:
    """Only configured origins may read the API, and none the pages."""
    client = make_app(configured(config, cors_origins=origins)).test_client()
    header = {"Origin": origin}
    assert client.get("/api/v1/stats", headers=header).headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=header).headers


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Host": "localhost:x<"}]
)
def test_what_a_proxy_states_is_held_to_the_same(
    config: Config, make_app: Make, header: dict[str, str]
) -> None:
    """A scheme or host that no link can be made of is refused, whoever states it."""
    client = make_app(configured(config, trusted_proxies=1)).test_client()
    assert client.get("/search.rss?q=園", headers=header).status_code == 400
    for proto in ("http", "https"):
        assert client.get("/search.rss?q=園", headers={"X-Forwarded-Proto": proto}).status_code == 200
