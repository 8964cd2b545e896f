"""Who is let in, by what, and what they are told; what nobody sees is found out in tests/test_access.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import Config
from indexer.access import add_token
from indexer.config import AccessSettings, ServerSettings
from webapp import create_app

HOST = {"Host": "localhost"}
RULES: dict[str, Any] = {"name_header": "X-User", "groups_header": "X-Groups", "names": {"lin": ("*",)}}


def client_of(config: Config, **access: Any) -> FlaskClient:
    """A client of the small index with these rules, behind one proxy."""
    settings = AccessSettings(**access)
    return create_app(
        replace(config, server=ServerSettings(trusted_proxies=1), access=settings)
    ).test_client()


@pytest.fixture(scope="module")
def closed(site_config: Config) -> Iterator[FlaskClient]:
    """An archive for Lin alone, and for who has a token."""
    yield client_of(site_config, **RULES, tokens=site_config.base / "tokens.json")


@pytest.fixture(scope="module")
def token(site_config: Config) -> str:
    """A token that sees all."""
    return add_token(site_config.base / "tokens.json", "crawler", ["*"])


@pytest.mark.parametrize(
    "path", ["/", "/search?q=x", "/document/a", "/nope", "/status", "/search.rss?q=x", "/help"]
)
def test_nobody_is_told_to_sign_in(closed: FlaskClient, path: str) -> None:
    """401 for every page, in the visitor's language; for one that is not there too."""
    for language, words in (("zh-Hans", "请先登录"), ("zh-Hant", "請先登入"), ("en", "Sign in")):
        answer = closed.get(path, headers=HOST | {"Accept-Language": language})
        assert answer.status_code == 401 and words in answer.text
        assert answer.headers["WWW-Authenticate"] == "Bearer realm=hansou"


def test_who_is_known_and_may_see_nothing(closed: FlaskClient) -> None:
    """403, in words and as a problem."""
    answer = closed.get("/", headers=HOST | {"X-User": "wang", "Accept-Language": "zh-Hant"})
    assert answer.status_code == 403 and "你沒有權限" in answer.text
    answer = closed.get("/api/v1/stats", headers=HOST | {"X-User": "wang"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "out-of-bounds")


def test_tokens(closed: FlaskClient, token: str) -> None:
    """One lets in; a wrong one is refused, also beside a name, where what is none of ours counts nothing."""
    for scheme in ("Bearer", "bearer"):
        answer = closed.get("/api/v1/stats", headers=HOST | {"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 200
    for headers in ({}, {"X-User": "lin"}):
        answer = closed.get("/api/v1/stats", headers=HOST | headers | {"Authorization": f"Bearer {token}x"})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid-token")
        assert "error=invalid_token" in answer.headers["WWW-Authenticate"]
    for other in ("Bearer eyJhbGciOi", "Basic bGluOng=", "Bearer"):
        answer = closed.get("/api/v1/stats", headers=HOST | {"X-User": "lin", "Authorization": other})
        assert answer.status_code == 200
        assert closed.get("/api/v1/stats", headers=HOST | {"Authorization": other}).status_code == 401


def test_a_name_is_believed_of_a_proxy_alone(closed: FlaskClient) -> None:
    """Of the address that connects, whatever it says of whom it stands for."""
    for peer, expected in (("127.0.0.1", 200), ("192.0.2.1", 401)):
        headers = HOST | {"X-User": "lin", "X-Forwarded-For": "127.0.0.1"}
        answer = closed.get("/status", headers=headers, environ_base={"REMOTE_ADDR": peer})
        assert answer.status_code == expected


def test_caches_are_told(closed: FlaskClient, token: str, site_config: Config) -> None:
    """Nothing that depends on who asks is shared; what depends on nobody is as before."""
    for headers in ({"X-User": "lin"}, {}):
        answer = closed.get("/search?q=軟件園", headers=HOST | headers)
        assert answer.cache_control.private and answer.cache_control.no_cache
        assert {"Authorization", "X-User", "X-Groups"} <= {*answer.vary}
    assert not closed.get("/robots.txt", headers=HOST).cache_control.private
    open_site = client_of(site_config)
    answer = open_site.get("/search?q=軟件園", headers=HOST)
    assert not answer.cache_control.private and "Authorization" not in answer.vary


def test_readers_who_see_different_things_share_no_tag(site_config: Config) -> None:
    """An ETag of one is not another's, so that nobody is answered 304 for what they have not seen."""
    client = client_of(site_config, **RULES | {"everybody": ("信件",)})
    tags = [
        client.get("/search?q=軟件園", headers=HOST | headers).headers["ETag"]
        for headers in ({}, {"X-User": "lin"})
    ]
    assert tags[0] != tags[1]


@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_doors(site_config: Config, path: str) -> None:
    """Closed for all, with or without names; for who sees all, and nobody else."""
    key = path.strip("/")
    assert client_of(site_config, **{key: "closed"}).get(path, headers=HOST).status_code == 404
    assert client_of(site_config, **{key: "all"}).get(path, headers=HOST).status_code == 200
    client = client_of(
        site_config, **RULES | {"everybody": ("信件",), "groups": {"x": ("信件",)}, key: "all"}
    )
    for headers, expected in (({}, 401), ({"X-Groups": "x"}, 403), ({"X-User": "lin"}, 200)):
        assert client.get(path, headers=HOST | headers).status_code == expected


def test_probes_stay_open(closed: FlaskClient) -> None:
    """What watches the server needs no name."""
    for path in (
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/openapi.json",
        "/opensearch.xml",
        "/static/style.css",
    ):
        answer = closed.get(path, headers=HOST)
        assert answer.status_code == 200
        answer.close()
