"""The concordance and the values of a facet as pages."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from indexer import Config
from webapp import create_app


@pytest.fixture(scope="module")
def site(site_config: Config) -> FlaskClient:
    """A client of the small real index."""
    return create_app(site_config).test_client()


def test_concordance(site: FlaskClient) -> None:
    """Each line leads to its place; the order stays in the links and in the form."""
    page = site.get("/concordance?q=软件园&sort=right&by=2&size=5").text
    assert page.count("<mark>") == 5 and '<option value="right" selected>' in page
    assert (
        'href="/concordance?q=%E8%BD%AF%E4%BB%B6%E5%9B%AD&amp;sort=right&amp;by=2&amp;page=2&amp;size=5"'
        in page
    )
    link = re.search(r'<a href="([^"]+)#m1"><mark>(.+?)</mark>', page)
    assert link
    there = site.get(link[1].replace("&amp;", "&")).text
    assert f'<mark id="m1">{link[2]}</mark>' in there
    assert site.get("/concordance").status_code == 400


def test_a_word_without_company(site: FlaskClient) -> None:
    """A table of nothing is not shown; a sentence says that there are no collocates."""
    page = site.get("/concordance?q=量子烤箱&view=usage").text
    assert "没有搭配词。" in page and "共现" not in page


def test_usage(site: FlaskClient) -> None:
    """Collocates and years are tables."""
    page = site.get("/concordance?q=软件园&view=usage").text
    assert '<th scope="row">2012</th>' in page and "搭配词" in page and "<mark>" not in page


def test_values(site: FlaskClient) -> None:
    """All values can be chosen together, found by a part of the name, or by the letter of their pinyin."""
    page = site.get("/facets?facet=author&q=软件园").text
    assert '<input type="checkbox" name="author" value="周小雨">' in page
    assert 'name="q" value="软件园"' in page
    assert "周小雨" in site.get("/facets?facet=author&has=週小").text
    assert "没有符合的名称" in site.get("/facets?facet=author&letter=A").text
    chosen = site.get("/facets?facet=author&author=周小雨").text
    assert 'value="周小雨" checked>' in chosen
    assert "/search?from=2012-01-01&amp;to=2012-12-31" in site.get("/facets?facet=year").text


def test_home_shows_what_there_is(site: FlaskClient) -> None:
    """Years as a chart with a table, sources, scripts, and examples that stand in this archive."""
    page = site.get("/").text
    assert '<svg viewBox="0 0 100 100"' in page and "<caption>按时间分布</caption>" in page
    assert "/search?lang=zh-Hant" in page
    examples = re.findall(r'class="examples".*?</p>', page, re.S)[0]
    for query in re.findall(r'lang="zh">(.+?)</a>', examples):
        assert site.get(f"/api/v1/search?q={query}").json["total"]["value"]  # type: ignore[index]


def test_the_site_has_a_name(site_config: Config) -> None:
    """What the operator calls it, and says of it."""
    from dataclasses import replace

    from indexer.config import SiteSettings

    named = replace(site_config, site=SiteSettings("園區檔案", "第一行。\n第二行。"))
    page = create_app(named).test_client().get("/").text
    assert "<title>園區檔案</title>" in page and page.count('class="promise"') == 2
