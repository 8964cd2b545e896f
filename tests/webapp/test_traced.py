"""The page that says where a passage stands: a form, both texts aligned, what differs marked, reasons."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from indexer import MAX_PASSAGE, Config, Parallel, Traced
from indexer.trace import Difference
from webapp import create_app
from webapp.traced import MATCHES, SHOWN, Asked, pieces

PASSAGE = "有人說清晨的园区非常安静，只有送早餐的车聲。"


@pytest.fixture(scope="module")
def site(site_config: Config) -> FlaskClient:
    """The small real index."""
    client = create_app(site_config).test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    return client


def test_the_form(site: FlaskClient) -> None:
    """Without a passage there is a form that posts, and no result."""
    page = site.get("/trace").text
    assert '<form class="analyze" id="trace" action="/trace" method="post">' in page
    assert "<article" not in page and "5,000" in page
    assert site.head("/trace").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_both_texts_with_what_differs(site: FlaskClient, method: str) -> None:
    """Each text is shown as it is, what only it has is marked, and the document is linked."""
    given = {"query_string": {"text": PASSAGE}} if method == "get" else {"data": {"text": PASSAGE}}
    response = site.open("/trace", method=method.upper(), **given)
    page = response.text
    found = re.search(r'<h2><a href="(/document/taiwan.txt[^"#]*)#at">', page)
    assert response.status_code == 200 and found
    assert (
        '<a id="at"></a><mark id="m1">清晨的園區很安靜，只有送早餐的車聲</mark>'
        in site.get(unescape(found[1])).text
    )
    assert "清晨的园区<del>非常</del>安静，只有送早餐的车聲" in page
    assert "清晨的園區<ins>很</ins>安靜，只有送早餐的車聲" in page
    assert "找到 1 处" in page and f">{PASSAGE}</textarea>" in page


def test_nothing_found(site: FlaskClient) -> None:
    """What stands nowhere is said to stand nowhere."""
    page = site.post("/trace", data={"text": "此處從無一人知曉前朝舊事"}).text
    assert "没有找到" in page and "<article" not in page


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("", "zh-Hans", "请输入要查的文字"),
        ("天" * (MAX_PASSAGE + 1), "zh-Hant", "這裡有 5001 字"),
        ("<b>Linux</b>", "en", "no Chinese"),
    ],
)
def test_reasons(site: FlaskClient, text: str, language: str, said: str) -> None:
    """What cannot be traced is refused in the page's language, and stays in the form."""
    response = site.post(f"/trace?hl={language}", data={"text": text})
    assert response.status_code == 400 and said in response.text and "<b>" not in response.text


def match(changed: bool) -> Parallel:
    """A match of a whole passage of the longest kind, every third character of it differing."""
    text = "<天>" * (MAX_PASSAGE // 3)
    marks = [(at, at + 1) for at in range(0, len(text), 3)] if changed else []
    whole = (0, len(text))
    differences = tuple(Difference(mark, mark) for mark in marks)
    return Parallel("d", 1.0, 0.33, 99.0, whole, whole, text, differences, title="題" * 40)


def test_pages_of_matches_stay_small(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest passage with the most matches is shown in pages below 60 kB, each match once."""
    traced = Traced(tuple(match(number % 2 == 0) for number in range(100)))
    monkeypatch.setattr("indexer.Searcher.trace", lambda searcher, text: traced)
    shown = 0
    for number in range(1, 11):
        page = site.post("/trace", data={"text": "天" * MAX_PASSAGE, "page": str(number)})
        assert len(page.data) < 60_000 and f"{number} / 10" in page.text
        shown += page.text.count("<article")
    assert shown == 100 and 'value="11"' not in page.text
    assert Asked("", traced=traced, page=10).last == 10 and MATCHES == 10


def test_pieces_are_the_text() -> None:
    """Pieces follow one another and are the text, up to where it is cut."""
    text = "春眠不覺曉處處聞啼鳥" * 60
    marks = [(at, at + 2) for at in range(4, len(text), 9)]
    found = pieces(text, (3, len(text)), marks)
    assert "".join(piece for piece, _ in found.pieces) == text[3 : 3 + SHOWN] and found.cut
    assert all(one[1] != other[1] for one, other in pairwise(found.pieces))
