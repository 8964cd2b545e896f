"""A web page is its article, in the encoding it is really in."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.documents import Document
from indexer.documents.readers.html import declared_charset, read_html, without_line
from indexer.errors import ReadError

BODY = (
    "<nav><a href='/'>首頁</a> <a href='/n'>新聞</a></nav><article><h1>園區夜市開張</h1>"
    "<p>昨天晚上，軟件園南門外的空地上搭起了三十多個攤子，賣小吃的、賣舊書的、修手機的都有。</p>"
    "<p>攤主說，這裡以前是停車場，入夜以後沒有人，現在亮著燈，反而熱鬧。</p></article>"
    "<footer>版權所有</footer><script>var 廣告 = 1;</script>"
)


def read(page: bytes | str) -> Document:
    """The document of a page."""
    (document,) = read_html("a.html", io.BytesIO(page if isinstance(page, bytes) else page.encode()))
    return document


def test_the_article_without_the_frame() -> None:
    """Paragraphs are lines; menu, footer and script are gone; the heading is the title and not repeated."""
    found = read(f"<html><head><title>園區夜市開張 - 園區日報</title></head><body>{BODY}</body></html>")
    assert found.title == "園區夜市開張"
    assert found.text.split("\n")[0].startswith("昨天晚上")
    assert found.text.endswith("反而熱鬧。")
    assert (found.date, found.source, found.author, found.url) == (None, None, None, None)


def test_no_date_is_guessed_from_the_text() -> None:
    """A day that the article talks about is not the day of the page."""
    page = f"<html><head><title>開張</title></head><body><p>2019年3月1日開幕。</p>{BODY}</body></html>"
    assert read(page).date is None


@pytest.mark.parametrize(
    ("write", "declared"),
    [
        ("big5", "big5"),
        ("gbk", "gb2312"),
        ("gbk", "utf-8"),
        ("big5", "iso-8859-1"),
        ("utf-8", "gb2312"),
        ("utf-16", "utf-8"),
    ],
)
def test_declared_charset_is_believed_only_if_it_fits(write: str, declared: str) -> None:
    """The characters are right whether or not the page names its encoding rightly."""
    page = f"<html><head><meta charset='{declared}'><title>夜市</title></head><body>{BODY}</body></html>"
    assert "昨天晚上，軟件園南門外" in read(page.encode(write)).text


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        (b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gb2312"),
        (b"<META CHARSET = 'Big5-HKSCS'>", "Big5-HKSCS"),
        (b'<?xml version="1.0" encoding="GBK"?><html>', "GBK"),
        (b"<html>", None),
        (b" " * 5000 + b"<meta charset=gbk>", None),
    ],
)
def test_declared_charset(head: bytes, charset: str | None) -> None:
    """Both forms of the meta element and the XML declaration are read, near the top only."""
    assert declared_charset(head) == charset


def test_visible_text_where_there_is_no_article() -> None:
    """A page too small to have an article gives all that a browser shows."""
    assert read("<p>短文。</p><style>p {}</style><p>第二段。</p>").text == "短文。\n第二段。"


def test_xml_declaration_is_no_obstacle() -> None:
    """XHTML with its declaration is read like any page."""
    assert (
        read(f'<?xml version="1.0" encoding="utf-8"?><html><body>{BODY}</body></html>').title
        == "園區夜市開張"
    )


@pytest.mark.parametrize("page", ["<html></html>", "<!-- -->", "<script>1</script>", " "])
def test_nothing_to_read(page: str) -> None:
    """A page without text is refused."""
    with pytest.raises(ReadError):
        read(page)


@pytest.mark.parametrize("depth", [300, 5000])
@pytest.mark.parametrize("tag", ["div", "font", "table><tr><td"])
def test_deep_nesting_costs_nothing(depth: int, tag: str) -> None:
    """What lies hundreds or thousands of levels deep is read, and what comes after it."""
    assert (
        read(f"<p>頭頂。</p>{f'<{tag}>' * depth}深處。{'</div>' * depth}<p>尾巴。</p>").text
        == "頭頂。\n深處。\n尾巴。"
    )


@pytest.mark.parametrize("number", ["a{}=1 ", "a{}='>' ", 'a{}="1"'])
def test_attributes_by_the_thousand(number: str) -> None:
    """A tag with ten thousands of attributes does not take minutes, and the text behind it is read."""
    page = f"<p {''.join(map(number.format, range(80_000)))}>軟件園南門外。</p><p title='甲'>第二段。</p>"
    assert read(page).text == "軟件園南門外。\n第二段。"


@pytest.mark.parametrize("between", ["<!--x-->", "<?x?>", "<!--x--><?x?>"])
def test_comments_by_the_thousand(between: str) -> None:
    """Comments and instructions do not take minutes, and the text around them is one."""
    assert read(f"<p>軟件園{between * 200_000}南門外。</p>").text == "軟件園南門外。"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "<h1>", "</p>", "<", "&#xD800;", "&#0;", "夜市", "<title>", "<table><td>", "\x00", "]]>"]
        )
    )
)
def test_any_markup_is_read_or_refused(parts: list[str]) -> None:
    """Broken markup gives a document that can be stored, or `ReadError`."""
    try:
        found = read("".join(parts))
    except ReadError:
        return
    found.text.encode()
    assert found.text.strip()


def test_a_title_alone_is_not_removed() -> None:
    """The only line stays even where it is the title."""
    assert without_line("夜市", "夜市") == "夜市"
