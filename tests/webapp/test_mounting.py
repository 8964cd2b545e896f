"""Under a prefix every address begins with it and leads somewhere, whichever way the prefix is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer import Config, Searcher
from indexer.config import ServerSettings
from tests.webapp.conftest import FakeSearcher
from webapp import create_app

ADDRESS = re.compile(r'(?:href|src|action|data-suggest)="([^"#]+)')
PAGES = (
    "/",
    "/search?q=軟件園",
    "/search?q=軟件園&hl=zh-Hant&size=1",
    "/document/b?q=軟件園",
    "/analyze",
    "/help",
)


@dataclass
class Front:
    """A proxy in front: it leaves the prefix in the path or takes it away, and may state it."""

    client: FlaskClient
    prefix: str
    is_cut: bool
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> TestResponse:
        """The answer for an address as a browser has it: with the prefix."""
        assert address.startswith(f"{self.prefix}/"), address
        path = address.removeprefix(self.prefix) if self.is_cut else address
        return self.client.get(path, headers=self.headers, buffered=True)


WAYS = [
    ("/search", "left"),
    ("/search", "cut"),
    ("/search", "stated"),
    ("/search", "stated and left"),
    ("/document", "left"),
    ("/document", "stated"),
    ("/a.b/c-d", "left"),
]
"""Prefixes, among them such as are paths of ours, and how they are said."""


def behind(server: ServerSettings, searcher: Searcher | None = None) -> FlaskClient:
    """A client of an application, on the stand-in where no searcher is given."""
    asked = searcher or FakeSearcher(suggestion="軟體園")
    return create_app(Config(server=server), lambda _: asked).test_client()  # type: ignore[arg-type,return-value]


@pytest.fixture(scope="module")
def archive(open_index: Callable[..., Searcher]) -> Searcher:
    """A real archive, of which every page has something to show."""
    texts = (
        "無錫軟件園的創新。",
        "软件园的第二篇，創(chuàng)新(xīn)的中(zhōng)心(xīn)在無(wú)錫(xī)。",
        "一篇軟件園文檔。",
    )
    return open_index(
        [{"id": name, "text": text, "date": "2016-11-25"} for name, text in zip("abc", texts, strict=True)]
    )


@pytest.fixture(scope="module", params=WAYS, ids=" ".join)
def front(request: pytest.FixtureRequest, archive: Searcher) -> Front:
    """The ways in which a prefix may be said."""
    prefix, way = request.param
    is_stated = way.startswith("stated")
    settings = ServerSettings(prefix="" if is_stated else prefix, trusted_proxies=int(is_stated))
    client = behind(settings, archive)
    headers = {"X-Forwarded-Prefix": prefix} if is_stated else {}
    return Front(client, prefix, way in ("cut", "stated"), headers)


def test_every_address_stands_under_the_prefix(front: Front) -> None:
    """Links, forms, assets, languages and feeds of each page lead to what answers."""
    seen: set[str] = set()
    for page in PAGES:
        answer = front.get(front.prefix + page)
        assert answer.status_code == 200
        found = {urljoin(front.prefix + page, unescape(address)) for address in ADDRESS.findall(answer.text)}
        seen |= {address for address in found if not urlsplit(address).netloc and address != "/"}
    assert len(seen) > 30
    for address in seen:
        assert front.get(address).status_code in (200, 302, 400), address


def test_descriptions_state_the_prefix(front: Front) -> None:
    """OpenSearch, RSS, OpenAPI and robots.txt name addresses as visitors reach them."""
    described = front.get(f"{front.prefix}/opensearch.xml").text
    assert f"http://localhost{front.prefix}/search?q={{searchTerms}}" in described
    assert f"http://localhost{front.prefix}/static/seal.svg" in described
    feed = ElementTree.fromstring(front.get(f"{front.prefix}/search.rss?q=軟件園").text)
    links = [link.text or "" for link in feed.iter("link")]
    assert len(links) > 1 and all(link.startswith(f"http://localhost{front.prefix}/") for link in links)
    (server,) = front.get(f"{front.prefix}/openapi.json").get_json()["servers"]
    assert server == {"url": front.prefix}
    assert f"Disallow: {front.prefix}/search" in front.get(f"{front.prefix}/robots.txt").text


def test_redirects_stay_under_the_prefix(front: Front) -> None:
    """A page beyond the last leads to the last."""
    answer = front.get(f"{front.prefix}/search?q=軟件園&page=99")
    assert answer.status_code == 302
    assert urlsplit(urljoin("http://localhost/", answer.location)).path == f"{front.prefix}/search"


def test_errors_are_of_the_kind_that_the_path_asks_for(front: Front) -> None:
    """Under a prefix, too, programs get problem+json and people a page with its style."""
    assert front.get(f"{front.prefix}/api/v1/search?sort=none").mimetype == "application/problem+json"
    page = front.get(f"{front.prefix}/nowhere/at/all")
    assert page.status_code == 404 and f'href="{front.prefix}/static/style.css' in page.text


def test_probes_need_no_prefix() -> None:
    """Whoever asks the port itself is answered, and a prefix alone leads to the form."""
    client = behind(ServerSettings(prefix="/archive/"))
    assert [client.get(path).status_code for path in ("/healthz", "/archive", "/")] == [200, 308, 200]
    page = client.get("/archive", follow_redirects=True)
    assert page.request.path == "/archive/" or 'action="/archive/search"' in page.text


def test_what_is_no_prefix_is_not_believed() -> None:
    """A prefix that would lead to another host, or is no path, changes no address."""
    client = behind(ServerSettings(trusted_proxies=1))
    for stated in ("//evil.example", "https://evil.example", "/a/../b", "/%2f", '/"x', "/a b", "x", "/.."):
        page = client.get("/", headers={"X-Forwarded-Prefix": stated})
        assert page.status_code == 200 and 'action="/search"' in page.text


def test_prefixes_without_end_fill_no_memory() -> None:
    """What is kept of addresses is for a bounded number of prefixes."""
    client = behind(ServerSettings(trusted_proxies=1))
    for number in range(100):
        assert f"/{number}/search" in client.get("/", headers={"X-Forwarded-Prefix": f"/{number}"}).text
    assert len(client.application.extensions["hansou-addresses"]) <= 64


def test_a_prefix_is_believed_from_proxies_alone(client: FlaskClient) -> None:
    """Without trusted_proxies the header changes nothing."""
    page = client.get("/", headers={"X-Forwarded-Prefix": "/elsewhere"})
    assert 'action="/search"' in page.text and "elsewhere" not in page.text
