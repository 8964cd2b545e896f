"""A page's fields are those that elements made for the purpose state."""

from __future__ import annotations

import lxml.html
import pytest

from indexer.documents.readers.stated import stated_fields

NOTHING = dict.fromkeys(("title", "date", "source", "author", "url"))


def fields(head: str, body: str = "<p>文</p>") -> dict[str, str | None]:
    """What a page with this head and body states."""
    return stated_fields(
        lxml.html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    )


def test_a_bare_page_states_nothing() -> None:
    """No field is made up."""
    assert fields("") == NOTHING


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>夜市 - 園區日報</title>", "", "夜市 - 園區日報"),
        ("<title>夜市 - 園區日報</title>", "<h1>夜市</h1>", "夜市"),
        ("<title>夜市 - 園區日報</title>", "<h1>園區日報</h1>", "夜市 - 園區日報"),
        ("<title>夜市_園區日報</title><meta property='og:title' content='夜市'>", "<h1>別的</h1>", "夜市"),
        ("<meta property='og:title' content='夜市'>", "", "夜市"),
        ("", "<h1>夜市</h1>", "夜市"),
        ("", "<h1>夜市</h1><h1>地鐵</h1>", None),
        ("<title> </title>", "", None),
    ],
)
def test_title(head: str, body: str, title: str | None) -> None:
    """What `<title>` adds to the heading is taken off only where the page itself gives the heading."""
    assert fields(head, body + "<p>文</p>")["title"] == title


@pytest.mark.parametrize(
    ("head", "date"),
    [
        (
            "<meta property='article:published_time' content='2024-08-12T07:30:00+08:00'>",
            "2024-08-12T07:30:00+08:00",
        ),
        ("<meta name='PubDate' content='2024-08-12 07:30'>", "2024-08-12T07:30:00"),
        ("<meta itemprop='datePublished' content='2024年8月12日'>", "2024-08-12"),
        ("<meta name='date' content='08/12/2024'>", None),
        ("<meta name='last-modified' content='2024-08-12'>", None),
        ("<meta name='copyright' content='2024'>", None),
    ],
)
def test_date(head: str, date: str | None) -> None:
    """The day of publication where it is given as such and can be read one way."""
    assert fields(head)["date"] == date


def test_json_ld() -> None:
    """An article's own description fills what the meta elements leave open; other things do not."""
    linked = (
        '[{"@type": "Organization", "name": "甲"}, {"@type": "NewsArticle", "headline": "夜市", '
        '"datePublished": "2024-08-12", "author": [{"name": "趙小禾"}], "publisher": {"name": "園區日報"}}]'
    )
    assert fields(f'<script type="application/ld+json">{linked}</script>') == NOTHING | {
        "title": "夜市",
        "date": "2024-08-12",
        "author": "趙小禾",
        "source": "園區日報",
    }


@pytest.mark.parametrize("linked", ["{", "3", "null", '{"@graph": 5}', '{"@type": ["x"]}', "[" * 5000])
def test_broken_json_ld_is_passed_over(linked: str) -> None:
    """A description that cannot be read is no description."""
    assert fields(f'<script type="application/ld+json">{linked}</script>') == NOTHING


def test_addresses_are_addresses_and_names_are_names() -> None:
    """Only http addresses are taken, and an address is no author."""
    found = fields(
        "<link rel='canonical' href='javascript:alert(1)'><meta name='author' content='https://example.tw/u/1'>"
    )
    assert found == NOTHING
    assert fields("<meta property='og:url' content='https://example.tw/1'>")["url"] == "https://example.tw/1"
