"""A .md file is its words without the markup, and what its front matter states."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents import Document
from indexer.documents.readers.markdown import plain_text, read_markdown, split_front_matter, without_markup
from indexer.errors import ReadError


def read(page: str) -> Document:
    """The document of a page."""
    (document,) = read_markdown("a.md", io.BytesIO(page.encode()))
    return document


def test_front_matter_and_heading() -> None:
    """Front matter wins over the heading; the heading leaves the text; other keys are passed over."""
    stated = "title: '夜市：廟口'\ndate: 2024-09-01\nauthor: 趙小禾\nsource: 園區日報"
    page = f"---\n{stated}\nurl: https://a.tw\ntags: [吃]\n---\n# 夜市\n\n南門外。"
    assert read(page) == Document(
        "a.md", "南門外。", "夜市：廟口", "https://a.tw", "2024-09-01", "園區日報", "趙小禾"
    )


def test_first_top_heading_is_the_title() -> None:
    """Only the first heading of the first level is; the others are lines of the text."""
    assert plain_text("## 序\n\n# 夜市\n\n# 地鐵\n文") == ("夜市", "序\n\n地鐵\n文")


def test_underlined_heading() -> None:
    """A first-level heading may be underlined instead."""
    assert plain_text("夜市\n====\n\n南門外。") == ("夜市", "南門外。")


def test_quotes_rules_and_tables() -> None:
    """Quote marks and rules go; the rows of a table stay, without the line under its head."""
    page = "> 他說：\n> 好。\n\n---\n\n| 地方 | 時間 |\n|---|:--:|\n| 南門 | 六點 |"
    assert plain_text(page)[1] == "他說：\n好。\n\n| 地方 | 時間 |\n| 南門 | 六點 |"


def test_no_heading_no_title() -> None:
    """A page without a heading has no title, and a rule is no front matter."""
    assert read("南門外。\n\n---\ntitle: 不是\n---").title is None


def test_a_heading_alone_is_kept_as_text() -> None:
    """A page that is one heading is found by it."""
    assert read("# 夜市") == Document("a.md", "夜市", title="夜市")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("在**南門**外", "在南門外"),
        ("在*南門*外", "在南門外"),
        ("在_南門_外 _夜市_", "在_南門_外 夜市"),
        ("see *this* one", "see this one"),
        ("2*3*4=24", "2*3*4=24"),
        ("[地圖](a.html)和[圖][1]", "地圖和圖"),
        ("![圖](a.png)看", "看"),
        ("<https://example.tw/a>", "https://example.tw/a"),
        ("用`jieba`斷詞", "用jieba斷詞"),
        ("snake_case_name", "snake_case_name"),
        ("[1] 注", "[1] 注"),
    ],
)
def test_inline(markup: str, words: str) -> None:
    """Markup that stands between a reader and the words goes; what only looks like it stays."""
    assert without_markup(markup) == words


def test_code_is_kept_as_it_is() -> None:
    """Inside a fence nothing is markup, headings neither."""
    assert plain_text("```python\n# 註解 **a**\n```\n文")[1] == "# 註解 **a**\n文"


def test_backticks_on_one_line_are_no_fence() -> None:
    """Code written on one line with three marks does not swallow the rest of the page."""
    assert plain_text("```jieba``` 斷詞\n**夜市**")[1] == "``jieba`` 斷詞\n夜市"


def test_unclosed_front_matter_is_text() -> None:
    """Without its second line it is no front matter."""
    assert split_front_matter("---\ntitle: 夜市\n文") == ({}, "---\ntitle: 夜市\n文")


def test_toml_front_matter() -> None:
    """Between +++ lines the front matter is TOML: dates and lists of authors as they are meant there."""
    page = (
        '+++\ntitle = "夜市"\ndate = 2021-03-05\nauthor = ["趙小禾", "林"]\n[extra]\na = 1\n+++\n\n南門外。'
    )
    found = read(page)
    assert (found.title, found.date, found.author, found.text) == (
        "夜市",
        "2021-03-05",
        "趙小禾, 林",
        "南門外。",
    )
    assert read("+++\ntitle = \n+++\n南門外。").text == "南門外。"


@pytest.mark.parametrize(
    ("page", "title", "text"),
    [
        ("# 夜市 {#market}\n\n## 吃的 { .food #eat }\n麵。", "夜市", "吃的\n麵。"),
        ("# 集合 {甲, 乙}\n文。", "集合 {甲, 乙}", "文。"),
        ("<script setup>\nconst 密 = 1\n</script>\n\n# 指南\n\n文。", "指南", "文。"),
        ("文。\n<style scoped>\n.a {}\n</style>\n尾。", None, "文。\n尾。"),
        ("<!-- 註 --> \n<!--\n多行\n註\n-->\n文。", None, "文。"),
        ("```html\n<script>\n密\n</script>\n```\n文。", None, "<script>\n密\n</script>\n文。"),
        ("<script>\n沒有結束", None, "<script>\n沒有結束"),
        ("用 <script> 寫\n的頁</script>", None, "用 <script> 寫\n的頁</script>"),
    ],
)
def test_what_is_for_the_machine(page: str, title: str | None, text: str) -> None:
    """Ids of headings, scripts, styles and comments are not for a reader; in code, or unclosed, they are."""
    assert plain_text(page) == (title, text)


def test_nothing_to_read() -> None:
    """A page of markup alone is refused."""
    with pytest.raises(ReadError):
        read("![](a.png)\n")


@given(st.text(max_size=200))
def test_any_text_is_read(page: str) -> None:
    """No page is too odd to be read, and no Han character outside markup is lost."""
    title, text = plain_text(page)
    assert isinstance(text, str) and (title is None or isinstance(title, str))
