"""The pages: what each shows, and that nothing typed or stored breaks out of its place."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import Total
from indexer.documents.document import PartStart


def get(client: FlaskClient, path: str, **query: str) -> str:
    """The text of a page that is expected to be fine."""
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.text
    return response.text


def test_home_has_form_examples_and_counts(client: FlaskClient) -> None:
    """The home page offers a labelled search, working examples, and says what is indexed."""
    page = get(client, "/")
    assert '<label class="label" for="q">' in page and 'enterkeyhint="search"' in page
    assert "收录 3 篇文档" in page and "2026年11月22日" in page
    assert ">创新</a>" in page or ">創新</a>" in page


def test_results_show_marks_source_date_and_count(client: FlaskClient) -> None:
    """A hit has its marks, its source, date and script; the count is announced."""
    page = get(client, "/search", q="軟件園")
    assert '<p class="count" role="status">2 条结果（0.002 秒）</p>' in page
    assert "<mark>軟件園</mark>" in page and "新華社" in page
    assert '<time datetime="2016-11-25">2016年11月25日</time>' in page
    assert '<article class="hit" lang="zh-Hant">' in page


def test_estimate_is_called_one(client: FlaskClient, searcher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """“约” is said only where counting stopped early."""
    real = searcher.search
    estimate = Total(1234, "gte")
    monkeypatch.setattr(searcher, "search", lambda *a, **k: replace(real(*a, **k), total=estimate))
    assert "约 1,234 条结果" in get(client, "/search", q="軟件園")


def test_collections_can_be_chosen(client: FlaskClient, searcher: Any) -> None:
    """The form offers those that there are and keeps one from an address; without any it is silent."""
    page = get(client, "/search", q="軟件園", collection="舊書")
    assert '<option lang="zh">報紙</option>' in page and '<option lang="zh" selected>舊書</option>' in page
    searcher.stats = lambda: {"collections": {}}
    assert 'name="collection"' not in get(client, "/search", q="軟件園")


def test_status_shows_the_ledger(client: FlaskClient) -> None:
    """Sums of outcomes, kinds that no reader is for, and the first of what was skipped, with reasons."""
    page = get(client, "/status", hl="en")
    assert ">.doc</th>" in page and "a.zip!/&lt;b&gt;.pdf" in page and ">encrypted</td>" in page
    assert "hansou ledger --skipped" in page
    assert ">已加密</td>" in get(client, "/status", hl="zh-Hans")
    assert '<td lang="en">encrypted</td>' not in get(client, "/status", hl="zh-Hant")


def test_a_hit_names_its_page(client: FlaskClient, searcher: Any) -> None:
    """Where the original has pages a hit says on which one the first mark is."""
    searcher.part = PartStart(0, "page", "12")
    assert "第 12 页" in get(client, "/search", q="軟件園")
    assert "第 12 頁" in get(client, "/search", q="軟件園", hl="zh-Hant")


def test_hit_without_title_is_headed_by_its_opening(client: FlaskClient) -> None:
    """No title is invented: the opening of the text stands in."""
    assert ">创新(不是注音)</a></h2>" in get(client, "/search", q="创新")


def test_document_without_title_is_headed_by_its_opening(client: FlaskClient) -> None:
    """Its page and its hit have the same heading."""
    page = get(client, "/document/b")
    assert '<h1 lang="zh-Hans" class="untitled">创新(不是注音)。</h1>' in page
    assert "<title>创新(不是注音)。" in page


def test_zero_results_help(client: FlaskClient) -> None:
    """Nothing found is status 200, repeats the query and offers ways on."""
    page = get(client, "/search", q='"沒有的詞"', source="x", mode="exact")
    assert "没有找到：" in page and unescape("&#34;沒有的詞&#34;") in unescape(page)
    for offer in ("去掉引号", "去掉筛选条件", "不要求一字不差", "/analyze?text="):
        assert offer in page


def test_correction_runs_by_itself_only_at_zero_hits(client: FlaskClient, searcher: object) -> None:
    """At zero hits the suggestion is searched and said so; “仍然搜索” searches the words as typed."""
    searcher.suggestion = "軟件園"  # type: ignore[attr-defined]
    page = get(client, "/search", q="阮件園")
    assert "没有与“阮件園”相符的文档" in page and "<mark>軟件園</mark>" in page and "仍然搜索：阮件園" in page
    assert "没有找到：阮件園" in get(client, "/search", q="阮件園", verbatim="1")
    assert "您是不是要找：" in get(client, "/search", q="創新")


def test_bad_parameters_degrade(client: FlaskClient) -> None:
    """A page puts right what it cannot read, and says what and why."""
    page = get(client, "/search", q="軟件園", page="x", sort="price")
    assert "未采用：“page”应为 1 到 100 的整数。" in page
    assert (
        "未采用：“排序”只能是 relevance, date_desc, date_asc, added_desc, title, source。" in page
        and "<mark>軟件園</mark>" in page
    )


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("zh-Hans", "未采用：起始日期 2017-01-01 晚于截止日期 2016-01-01。"),
        ("zh-Hant", "未採用：起始日期 2017-01-01 晚於截止日期 2016-01-01。"),
        ("en", "Not applied: From (2017-01-01) is after to (2016-01-01)."),
    ],
)
def test_reversed_dates_are_said_and_kept(client: FlaskClient, language: str, reason: str) -> None:
    """The page says what is wrong; the form is open, with both dates as they were typed."""
    page = get(client, "/search", **{"q": "軟件園", "from": "2017-01-01", "to": "2016-01-01", "hl": language})
    assert reason in page and "<mark>軟件園</mark>" in page and '<details class="more" open>' in page
    assert 'name="from" value="2017-01-01"' in page and 'name="to" value="2016-01-01"' in page
    assert '<details class="more">' in get(client, "/search", q="軟件園")


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("zh-Hans", "“page”最大为 100，一次搜索只显示前 1,000 条结果"),
        ("zh-Hant", "「page」最大為 100，一次搜尋只顯示前 1,000 筆結果"),
        ("en", "page is at most 100 here: a search shows its first 1,000 hits"),
    ],
)
def test_a_page_beyond_the_window_is_said(client: FlaskClient, language: str, reason: str) -> None:
    """The last page there is stands in, and the notice is not lost on the way to it."""
    page = get(client, "/search", q="軟件園", page="101", hl=language)
    assert reason in page and "<mark>軟件園</mark>" in page and 'value="軟件園"' in page


def test_what_a_browser_would_cut_is_sent(client: FlaskClient) -> None:
    """A pasted query over the limit reaches the server, which says so, instead of losing its end unseen."""
    assert 'value="" maxlength="2000"' in get(client, "/help")


def test_a_page_beyond_the_last_leads_to_the_last(client: FlaskClient) -> None:
    """An old link to a page that is no more is not an empty page."""
    response = client.get("/search?q=軟件園&page=9&script=hans")
    assert response.status_code == 302 and "page=" not in response.location and "script" in response.location


def test_blank_query_lists(client: FlaskClient) -> None:
    """Nothing typed lists what there is."""
    page = get(client, "/search", q=" ", hl="en")
    assert page.count("<article") == 3 and "<title>Documents" in page


def test_overlong_query(client: FlaskClient) -> None:
    """256 characters are searched, one more is refused in words."""
    assert client.get("/search", query_string={"q": "園" * 256}).status_code == 200
    for length in (257, 100_000):
        response = client.get("/search", query_string={"q": "園" * length})
        assert response.status_code == 400 and "最多 256 个字符" in response.text


def test_document_page(client: FlaskClient) -> None:
    """A document shows its text with numbered marks, its facts, and a link to its source."""
    page = get(client, "/document/園區/2016.txt", q="軟件")
    assert '<mark id="m1">軟件</mark>' in page and 'href="#m1"' in page
    assert 'href="https://example.org/a"' in page and "無錫&lt;軟件園&gt;" in page
    assert "相近的文档" in page and "修复了 1 处" in page


def test_original_beside_repaired(client: FlaskClient) -> None:
    """?compare=1 sets what was found beside what was made of it; an undamaged text has no such page."""
    page = get(client, "/document/園區/2016.txt", compare="1")
    assert "<del>(chuàng)</del>" in page and "修复前</h2>" in page
    assert "修复前</h2>" not in get(client, "/document/b", compare="1")


def test_only_web_addresses_are_linked(client: FlaskClient) -> None:
    """A javascript: address of a document is never linked."""
    assert "javascript:" not in get(client, "/document/b")


def test_display_script(client: FlaskClient) -> None:
    """?script= changes what is shown, keeps the marks and stays in the links."""
    page = get(client, "/search", q="軟件園", script="hans")
    assert "创新" in page and '<article class="hit" lang="zh-Hans">' in page and "<span>繁体</span>" in page
    assert "script=hans" in page and 'name="script" value="hans"' in page
    document = get(client, "/document/園區/2016.txt", script="hans")
    assert "无錫" in document and '<div class="text" lang="zh-Hans">' in document
    assert "<span>繁体</span>" in document and "script=hans" in document.partition("相近的文档")[2]


def test_analyze(client: FlaskClient) -> None:
    """The analyze page shows steps, fold, words and grams, and cuts what is too long."""
    page = get(client, "/analyze", text="無錫軟件園")
    assert "(chuàng)" in page and "無錫軟件園" in page and 'class="tokens"' in page
    assert "只分析了开头" in get(client, "/analyze", text="園" * 2001)
    assert "修复步骤" not in get(client, "/analyze")


def test_analyze_says_what_counts_as_damage(
    client: FlaskClient, searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing was repaired the page says that a fragment may be too little to tell."""
    whole = searcher.analyze("無錫") | {"steps": []}
    monkeypatch.setattr(searcher, "analyze", lambda text: whole)
    assert "足够的佐证" in get(client, "/analyze", text="無(wú)錫")


def test_status_and_help(client: FlaskClient) -> None:
    """The status page shows the counts and what they count, the help page the syntax."""
    status = get(client, "/status")
    assert "f00d" in status and "12.3 kB" in status and "新華社" in status and "夹注拼音" in status
    assert '<th scope="col">来源</th>' in status and "索引版本" in status
    assert '<code lang="zh">茶 (冰箱 OR 點心)</code>' in get(client, "/help")


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<b>", "'\"<"]
)
def test_nothing_breaks_out(client: FlaskClient, text: str) -> None:
    """Markup in a query comes back as text, on every page that repeats it."""
    for path, name in (("/search", "q"), ("/analyze", "text"), ("/document/b", "q"), ("/search.rss", "q")):
        assert text not in client.get(path, query_string={name: text}).text


def test_stored_markup_is_text(client: FlaskClient) -> None:
    """Markup in a document is shown, not obeyed."""
    assert "<script>alert" not in get(client, "/search", q="軟件園")
    assert "&lt;script&gt;alert(1)" in get(client, "/document/園區/2016.txt")


ODD = [
    "\0", "\ud800", "a\u202eb", "\ufeff", "\u200b" * 20, "(" * 200, '"' * 99, "-", "OR", "title:", "*",
    "\r\n", "𠮷𩸽", "e\u0301", "\U0010ffff", "%00", "\ufffd",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD, ids=ascii)
@pytest.mark.parametrize(
    "path", ["/search", "/api/v1/search", "/search.rss", "/document/b", "/api/v1/suggest"]
)
def test_any_query_is_answered(client: FlaskClient, path: str, query: str) -> None:
    """Every string is searched or refused: 200 or 400, never an error of ours."""
    encoded = "".join(f"%{byte:02x}" for byte in query.encode("utf-8", "surrogatepass"))
    assert client.get(f"{path}?q={encoded}").status_code in (200, 302, 400)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_answered(client: FlaskClient, raw: bytes) -> None:
    """Percent-encoded bytes that are no UTF-8 are still a query."""
    encoded = "".join(f"%{byte:02x}" for byte in raw)
    assert client.get(f"/search?q={encoded}&page={encoded}&source={encoded}").status_code in (200, 302, 400)
