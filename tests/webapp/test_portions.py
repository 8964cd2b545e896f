"""Long documents on their pages and in the API: a portion at a time, whatever leads to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import PORTION, Document, Snippet

LINE = "無錫的軟件園離太湖不遠。\n"
TEXT = LINE * 4000 + "唐代的渡口在這裡。\n" + LINE * 16_000
FERRY = TEXT.index("渡口")


@pytest.fixture(autouse=True)
def long_document(searcher: Any) -> None:
    """A document of some 260,000 characters."""
    searcher.documents = (*searcher.documents, Document("long", TEXT, lang="zh-Hant"))


def shown(html: str) -> str:
    """The text of a document's page."""
    body = html[html.index('<div class="text"') : html.index('<nav class="pages"')]
    return "".join(
        re.sub(r" <a class=\"para\".*?</a>|<[^>]+>|\n", "", line) + "\n"
        for line in body.splitlines()
        if line.startswith("<p")
    )


def test_a_long_document_is_shown_in_portions(client: FlaskClient) -> None:
    """Three pages, which link to each other and together are the document; without a script."""
    pages = [
        client.get("/document/long").text,
        *(client.get(f"/document/long?portion={n}").text for n in (2, 3)),
    ]
    assert "".join(map(shown, pages)) == TEXT
    assert [len(page) < 2 * PORTION for page in pages] == [True] * 3
    assert "第 1 部分，共 3 部分" in pages[0] and f"{len(TEXT):,}" in pages[0]
    assert 'rel="prev"' not in pages[0] and 'rel="next"' not in pages[2]
    assert 'rel="next" href="/document/long?portion=3"' in pages[1]
    assert '<link rel="canonical" href="/document/long?portion=2">' in pages[1]


def test_a_short_document_has_no_portions(client: FlaskClient) -> None:
    """Nothing of this is to be seen on other pages."""
    page = client.get("/document/b").text
    assert 'class="pages"' not in page and "部分" not in page


def test_the_first_mark_opens_its_portion(client: FlaskClient) -> None:
    """Who comes with a query is shown where it stands, and marks are counted through the document."""
    page = client.get("/document/long?q=渡口").text
    assert "第 1 部分" in page and '<mark id="m1">渡口</mark>' in page
    page = client.get("/document/long?q=太湖&portion=2").text
    numbers = [int(number) for number in re.findall(r'<mark id="m(\d+)">', page)]
    before = TEXT[: TEXT.rindex("\n", 0, PORTION)].count("太湖")
    assert numbers[0] == before + 1 and numbers == [*range(numbers[0], numbers[-1] + 1)]
    assert f'href="/document/long?q=%E5%A4%AA%E6%B9%96&amp;portion=1#m{before}"' in page
    assert f'href="/document/long?q=%E5%A4%AA%E6%B9%96&amp;portion=3#m{numbers[-1] + 1}"' in page


def test_a_hit_leads_to_what_it_shows(
    client: FlaskClient, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hit far into a document opens the portion that its snippet is from, at the mark."""
    plain = searcher.hit

    def far(document: Document, query: str) -> Any:
        start = TEXT.index("太湖", 150_000) - 4
        return replace(
            plain(document, query), snippets=(Snippet(TEXT[start : start + 12], ((4, 6),), start),)
        )

    monkeypatch.setattr(searcher, "hit", far)
    results = client.get("/search?q=太湖").text
    found = re.search(r'href="(/document/long\?[^"]+)"', results)
    assert found and found[1].endswith("#at")
    address, page = found[1].replace("&amp;", "&"), None
    page = client.get(address.partition("#")[0]).text
    number = TEXT[:150_000].count("太湖") + 1
    assert f'<a id="at"></a><mark id="m{number}">太湖</mark>' in page and "第 2 部分" in page


def test_a_hit_near_the_beginning_leads_to_its_first_mark(client: FlaskClient) -> None:
    """The address of a short document says nothing of places but that."""
    assert 'href="/document/b?q=%E8%BD%AF%E4%BB%B6#m1"' in client.get("/search?q=软件").text


def test_only_the_portion_is_converted(
    client: FlaskClient, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows in another script is what it shows, and the choice keeps the portion."""
    lengths: list[int] = []
    plain = searcher.convert
    monkeypatch.setattr(
        searcher,
        "convert",
        lambda text, marks, script: (lengths.append(len(text)), plain(text, marks, script))[1],
    )
    page = client.get("/document/long?portion=2&script=hans").text
    assert max(lengths) <= PORTION and "无錫的软件園" in page
    assert 'href="/document/long?script=hant&amp;portion=2"' in page


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_portion_that_is_not_there_is_said(client: FlaskClient, language: str) -> None:
    """A page shows the last one, or what it would without, and says so."""
    page = client.get(f"/document/long?portion=99&hl={language}").text
    assert 'class="notice"' in page and "portion" in page and shown(page) == TEXT[-len(shown(page)) :]
    page = client.get(f"/document/long?portion=x&at=-1&hl={language}").text
    assert page.count('class="notice"') == 2


def test_the_api_gives_a_portion(client: FlaskClient) -> None:
    """All portions are the text; marks are counted from each portion's own beginning."""
    bodies = [client.get(f"/api/v1/documents/long?portion={n}&q=渡口").get_json() for n in (1, 2, 3)]
    assert "".join(body["text"] for body in bodies) == TEXT
    ((start, end),) = bodies[0]["marks"]
    assert bodies[0]["text"][start:end] == "渡口" and bodies[1]["marks"] == bodies[2]["marks"] == []
    told = bodies[1]["portion"]
    assert (told["number"], told["of"], told["length"], told["marked_before"]) == (2, 3, len(TEXT), 1)
    assert TEXT[told["start"] : told["end"]] == bodies[1]["text"]
    assert client.get("/api/v1/documents?id=long&at=250000").get_json()["portion"]["number"] == 3


@pytest.mark.parametrize("query", ["portion=4", "portion=0", "portion=x", "at=999999999", "at=0"])
def test_the_api_refuses_what_is_not_there(client: FlaskClient, query: str) -> None:
    """What a page puts right is a 400 that names the parameter."""
    answer = client.get(f"/api/v1/documents/long?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json(force=True)["errors"][0]["parameter"] == query.partition("=")[0]
