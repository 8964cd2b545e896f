"""The examples of deploy/nginx, on a real nginx: at the root, under a sub-path, with TLS."""

from __future__ import annotations

import re
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from indexer import Config, load_config
from tests.nginx import EXAMPLES, Nginx, nginx, nginx_program
from tests.webapp.conftest import fetch, site_config, start

__all__ = ["fetch", "site_config", "start"]
ADDRESS = re.compile(r'(?:href|src|action|data-suggest)="(/[^"#]*)')
QUERY = f"q={quote('软件园')}"


def stated(example: str) -> str:
    """The settings that an example asks for, as its first comment states them."""
    lines = [line.removeprefix("#   ") for line in example.splitlines() if line.startswith("#   ")]
    return "\n".join(lines)


def example(name: str) -> str:
    """The text of an example."""
    return (EXAMPLES / f"{name}.conf").read_text(encoding="utf-8")


@pytest.fixture
def behind(site_config: Config, start: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Nginx]]:
    """A function that starts an example, and a server behind it with the settings that it asks for."""
    nginx_program()
    opened = []

    def run(name: str, replacing: Mapping[str, str] = {}) -> Nginx:  # read only
        text = example(name)
        settings = f'{stated(text)}\nport = 0\n[index]\ndirectory = "{site_config.index.directory}"\n'
        (tmp_path / "config.toml").write_text(settings, encoding="utf-8")
        config = replace(load_config(tmp_path / "config.toml", {}), sources=site_config.sources)
        served = start(config)
        for old, new in replacing.items():
            text = text.replace(old, new)
        context = nginx(text, tmp_path / "nginx", {8137: served.port})
        opened.append(context)
        return context.__enter__()

    yield run
    for context in opened:
        context.__exit__(None, None, None)


def get(connection: HTTPConnection, host: str, path: str, **headers: str) -> tuple[HTTPResponse, str]:
    """The answer for a path of a host, and its text."""
    connection.request("GET", path, headers={"Host": host, "Accept-Encoding": "identity", **headers})
    response = connection.getresponse()
    return response, response.read().decode("utf-8", "replace")


def crawl(connection: HTTPConnection, host: str, first: str) -> set[str]:
    """Every address of this host that a page leads to; each answers."""
    _, page = get(connection, host, first)
    found = {unescape(address) for address in ADDRESS.findall(page)}
    for address in found:
        answer, _ = get(connection, host, address)
        assert answer.status in (200, 302, 400), f"{address}: {answer.status}"
    return found


def test_at_the_root(behind: Callable[..., Nginx]) -> None:
    """Pages with their style, addresses of the host that was asked, metrics from here alone, a limit."""
    server = behind("root")
    connection = HTTPConnection("127.0.0.1", server.ports[80], timeout=10)
    found = crawl(connection, "archive.example", f"/search?{QUERY}")
    assert any(address.startswith("/static/style.css") for address in found) and len(found) > 10
    answer, feed = get(connection, "archive.example", f"/search.rss?{QUERY}")
    assert "<link>http://archive.example/document" in feed and answer.getheader("Server") == "hansou"
    _, page = get(connection, "archive.example", "/", **{"X-Forwarded-Prefix": "/evil"})
    assert "evil" not in page
    assert get(connection, "other.example", "/healthz")[0].status == 400
    assert get(connection, "archive.example", "/metrics")[0].status == 200
    time.sleep(2)  # what was asked until now may have used up what may be asked at once
    statuses = [get(connection, "archive.example", "/help")[0].status for _ in range(80)]
    assert set(statuses) == {200, 429}
    assert get(connection, "archive.example", "/healthz")[0].status == 200
    connection.close()


def test_under_a_sub_path(behind: Callable[..., Nginx]) -> None:
    """Every address stands under the path, and answers; the path without a slash leads there."""
    server = behind("sub-path")
    connection = HTTPConnection("127.0.0.1", server.ports[80], timeout=10)
    for first in ("/search/", f"/search/search?{QUERY}", f"/search/search?{QUERY}&hl=zh-Hant"):
        found = crawl(connection, "www.example", first)
        assert all(address.startswith("/search/") for address in found) and len(found) > 6
    assert get(connection, "www.example", "/search")[0].status == 301
    assert get(connection, "www.example", "/search/metrics")[0].status == 403
    _, described = get(connection, "www.example", "/search/opensearch.xml")
    assert "http://www.example/search/search?q={searchTerms}" in described
    _, text = get(connection, "www.example", "/search/openapi.json")
    assert '"servers":[{"url":"/search"}]' in re.sub(r"\s", "", text)
    _, feed = get(connection, "www.example", f"/search/search.rss?{QUERY}")
    assert "<link>http://www.example/search/document" in feed
    connection.close()


def test_with_tls(behind: Callable[..., Nginx], tmp_path: Path) -> None:
    """Plain HTTP leads to HTTPS, addresses begin with it, and browsers are told to stay with it."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-subj", "/CN=archive.example", "-keyout", str(key), "-out", str(certificate), "-days", "1"]
    subprocess.run(made + subject, check=True, capture_output=True)
    old = "/etc/ssl/archive.example"
    files = {f"{old}/fullchain.pem": str(certificate), f"{old}/privkey.pem": str(key)}
    server = behind("tls", files)
    plain = HTTPConnection("127.0.0.1", server.ports[80], timeout=10)
    answer, _ = get(plain, "archive.example", "/search?q=x")
    assert (answer.status, answer.getheader("Location")) == (301, "https://archive.example/search?q=x")
    plain.close()
    trusting = ssl.create_default_context(cafile=certificate)
    trusting.check_hostname = False
    connection = HTTPSConnection("127.0.0.1", server.ports[443], timeout=10, context=trusting)
    answer, described = get(connection, "archive.example", "/opensearch.xml")
    assert "https://archive.example/search?q={searchTerms}" in described
    assert "max-age" in (answer.getheader("Strict-Transport-Security") or "")
    _, feed = get(connection, "archive.example", f"/search.rss?{QUERY}")
    links = re.findall("<link>([^<]*)", feed)
    assert links and {urlsplit(link).scheme for link in links} == {"https"}
    connection.close()
