"""Feeds and descriptions: well-formed XML with absolute addresses."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from indexer import load_config
from indexer.pipeline import update
from webapp import create_app

SPEC = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_opensearch_description(client: FlaskClient) -> None:
    """A browser finds addresses for searches and suggestions, on the host it asked."""
    root = ElementTree.fromstring(client.get("/opensearch.xml", headers={"Host": "localhost:81"}).text)
    urls = {url.get("type"): url.get("template") for url in root.iter(f"{SPEC}Url")}
    assert urls["text/html"] == "http://localhost:81/search?q={searchTerms}"
    assert urls["application/x-suggestions+json"] == "http://localhost:81/api/v1/suggest?q={searchTerms}"
    assert len(root.findtext(f"{SPEC}ShortName", "")) <= 16
    assert 'rel="search"' in client.get("/").text


def test_rss(client: FlaskClient) -> None:
    """A search is a feed whose items lead to documents."""
    response = client.get("/search.rss?q=軟件園")
    assert response.mimetype == "application/rss+xml"
    items = list(ElementTree.fromstring(response.text).iter("item"))
    assert [item.findtext("title") for item in items] == ["無錫<軟件園>", "一篇編號古怪的軟"]
    assert all((item.findtext("link") or "").startswith("http://localhost/document") for item in items)
    assert items[0].findtext("pubDate") == "Fri, 25 Nov 2016 00:00:00 +0000"
    assert items[1].find("pubDate") is None


@pytest.mark.parametrize("query", ["%00", "%0b", "%EF%BF%BE", "%ED%A0%80", "]]%3E", "%3Cb%3E%26"])
def test_rss_is_well_formed_for_any_query(client: FlaskClient, query: str) -> None:
    """Characters that XML does not allow do not reach it."""
    ElementTree.fromstring(client.get(f"/search.rss?q=x{query}").text)


def test_rss_of_all_that_filters_leave(client: FlaskClient) -> None:
    """Without a query the documents are the feed, newest first, and their list leads to it."""
    items = list(ElementTree.fromstring(client.get("/search.rss?lang=zh-Hant").text).iter("item"))
    listed = client.get("/api/v1/search?q=&sort=date_desc&lang=zh-Hant").get_json()["hits"]
    assert items and len(items) == len(listed)
    assert ElementTree.fromstring(client.get("/search.rss").text).findtext("channel/title")
    assert 'href="/search.rss?lang=zh-Hant' in client.get("/search?lang=zh-Hant").text


def test_rss_is_newest_first(client: FlaskClient) -> None:
    """A feed reader shows what is new, not what fits best; another order is taken where it is asked for."""
    feed = client.get("/search.rss?q=軟件園").text
    assert feed == client.get("/search.rss?q=軟件園&sort=added_desc").text
    assert "sort=added_desc" in (ElementTree.fromstring(feed).findtext("channel/link") or "")
    assert "sort=title" in client.get("/search.rss?q=軟件園&sort=title").text
    assert client.get(f"/search.rss?q={'軟' * 257}").status_code == 400


def test_rss_tells_what_came_and_what_changed(tmp_path: Path) -> None:
    """What came last into the archive is first, whatever its date; what changed there is marked."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "config.toml").write_text("[documents]\nreaders = 0\n", encoding="utf-8")
    for name, date in (("a", "2021-01-01"), ("b", "2020-01-01")):
        (seeds / f"{name}.md").write_text(
            f"---\ntitle: 園區{name}\ndate: {date}\n---\n無錫的園區。", encoding="utf-8"
        )
    config = load_config(tmp_path / "config.toml", {})

    def feed(at: str) -> list[tuple[str | None, str | None]]:
        with patch("indexer.pipeline.now", lambda: at):
            update(config)
        client = create_app(config).test_client()
        items = ElementTree.fromstring(client.get("/search.rss?q=園區&hl=en").text).iter("item")
        return [(item.findtext("title"), (item.findtext("pubDate") or "")[:11]) for item in items]

    assert feed("2026-11-01T08:00:00Z") == [("園區a", "Sun, 01 Nov"), ("園區b", "Sun, 01 Nov")]
    (seeds / "c.md").write_text("---\ntitle: 園區c\ndate: 1999-01-01\n---\n湖邊的園區。", encoding="utf-8")
    (seeds / "b.md").write_text("---\ntitle: 園區b\ndate: 2020-01-01\n---\n無錫的新園區。", encoding="utf-8")
    assert feed("2026-11-02T08:00:00Z") == [
        ("園區c", "Mon, 02 Nov"),
        ("園區a", "Sun, 01 Nov"),
        ("(changed) 園區b", "Mon, 02 Nov"),
    ]


def test_robots_stay_away_from_searches(client: FlaskClient) -> None:
    """robots.txt disallows searches and the API."""
    lines = client.get("/robots.txt").text.splitlines()
    assert {"User-agent: *", "Disallow: /search", "Disallow: /api/"} <= set(lines)
