"""Who is let in, and what every response carries."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config
from webapp.errors import RateLimited
from webapp.guard import HEADERS, MAX_CLIENTS, WAYS, RateLimiter

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
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example", "a@localhost"]
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
    """A body or a path beyond the limit is refused with its own status."""
    assert client.post("/api/v1/search", data=b"x" * 70_000).status_code == 413
    assert client.get("/document/" + "x" * 9000).status_code == 414


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(client: FlaskClient, method: str) -> None:
    """Every route only reads."""
    response = client.open("/api/v1/search?q=x", method=method)
    assert response.status_code == 405 and "GET" in response.headers["Allow"]
    assert response.mimetype == "application/problem+json"


def test_rate_limit_refills() -> None:
    """A client has its requests per minute, is refused beyond them and told when to come back."""
    limiter = RateLimiter(60)
    for _ in range(60):
        limiter.admit("192.0.2.1", 0.0)
    with pytest.raises(RateLimited) as refused:
        limiter.admit("192.0.2.1", 0.5)
    assert refused.value.retry_after == 1
    limiter.admit("192.0.2.2", 0.5)
    limiter.admit("192.0.2.1", 1.0)


def test_rate_limit_remembers_a_bounded_number_of_clients() -> None:
    """A flood of addresses neither fills the memory nor frees the client that asked last."""
    limiter = RateLimiter(1)
    for number in range(MAX_CLIENTS + 10):
        limiter.admit(f"2001:db8::{number:x}", 0.0)
    with pytest.raises(RateLimited):
        limiter.admit(f"2001:db8::{number:x}", 0.0)


def test_rate_limit_gives_up_what_says_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an address has no place left, the client closest to its full allowance is forgotten."""
    monkeypatch.setattr("webapp.guard.MAX_CLIENTS", WAYS)
    limiter = RateLimiter(60)
    for number in range(WAYS):
        for _ in range(60 if number else 1):
            limiter.admit(f"192.0.2.{number}", 0.0)
    limiter.admit("198.51.100.1", 0.0)
    for number in range(1, WAYS):
        with pytest.raises(RateLimited):
            limiter.admit(f"192.0.2.{number}", 0.0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_rate_limit_of_all_processes() -> None:
    """What a client asks of one process counts in the others."""
    limiter = RateLimiter(2)
    limiter.admit("192.0.2.1", 0.0)
    if not (pid := os.fork()):
        limiter.admit("192.0.2.1", 0.0)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    with pytest.raises(RateLimited):
        limiter.admit("192.0.2.1", 0.0)


def test_rate_limit_of_an_application(config: Config, make_app: Make) -> None:
    """The second request of a minute is a 429 with Retry-After; this machine is never limited."""
    client = make_app(configured(config, rate_limit_per_minute=1)).test_client()
    far = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.get("/help", environ_base=far).status_code == 200
    refused = client.get("/help", environ_base=far)
    assert client.get("/healthz", environ_base=far).status_code == 200
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 1
    assert all(client.get("/help").status_code == 200 for _ in range(3))


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 429)])
def test_forwarded_addresses_only_when_configured(
    config: Config, make_app: Make, proxies: int, status: int
) -> None:
    """X-Forwarded-For counts only where a trusted proxy is configured."""
    client = make_app(configured(config, trusted_proxies=proxies, rate_limit_per_minute=1)).test_client()
    header = {"X-Forwarded-For": "192.0.2.9"}
    client.get("/help", headers=header)
    assert client.get("/help", headers=header).status_code == status


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
