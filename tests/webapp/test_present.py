"""Texts as HTML: everything is escaped, marks lie where they belong."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Document, DocumentView, Hit, ResultPage, Snippet, Total, opening
from webapp import present

TEXTS = st.text(alphabet="軟件園<>&\"'\n 。", max_size=40)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text with ascending marks that do not overlap."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return text, list(zip(cuts[::2], cuts[1::2], strict=False))


@given(marked_texts())
def test_paragraphs_keep_the_text(case: tuple[str, list[tuple[int, int]]]) -> None:
    """Without its tags, the HTML is the text without its blank lines."""
    text, marks = case
    shown = [unescape(re.sub("<[^>]*>", "", line)) for line in present.paragraphs(text, marks)]
    assert shown == [line for line in text.split("\n") if line.strip()]


@given(marked_texts())
def test_only_our_tags(case: tuple[str, list[tuple[int, int]]]) -> None:
    """The only tags in the HTML are our marks."""
    for line in present.paragraphs(*case):
        assert re.fullmatch(r'(?:[^<>]|<mark id="m\d+">[^<>]*</mark>)*', line)


def test_marks_are_numbered_through_the_text() -> None:
    """The n-th mark is m<n>, over line ends."""
    lines = present.paragraphs("軟件\n\n軟件和軟件", [(0, 2), (4, 6), (7, 9)])
    assert re.findall(r'id="(m\d)"', "".join(lines)) == ["m1", "m2", "m3"]


def test_compared_paragraph_by_paragraph() -> None:
    """Both sides have their own words, and the query's marks where they are; markup in them is escaped."""
    steps = [
        {"kind": "pinyin", "start": 3, "end": 7, "before": "(a&)", "after": ""},
        {"kind": "realign", "start": 8, "end": 9, "before": "?", "after": "地<"},
    ]
    # The first line is no part of what the document says.
    (_, _), (before, after), tail = present.compared(
        "首\n創(a&)當?時\n尾", steps, "創當地<時\n尾", [(1, 2), (5, 7)]
    )
    removed = '<button class="why" popovertarget="why-pinyin"><del>(a&amp;)</del></button>'
    misread = '<button class="why" popovertarget="why-realign"><del>?</del></button>'
    restored = '<button class="why" popovertarget="why-realign"><ins>地&lt;</ins></button>'
    assert before == f"創{removed}<mark>當</mark>{misread}時"
    assert after == f"創<del class=inline>(a&amp;)</del><mark>當</mark><del class=inline>?</del>{restored}時"
    assert tail == ("<mark>尾</mark>", "<mark>尾</mark>")


def test_what_was_removed_over_several_lines_has_a_button_on_each() -> None:
    """What follows such a removal begins on a line of its own, not beside a box of two lines."""
    step = {"kind": "furniture", "start": 0, "end": 6, "before": "更多\n评论\n", "after": ""}
    ((before, after),) = present.compared("更多\n评论\n文", [step])
    button = '<button class="why" popovertarget="why-furniture"><del>{}</del></button><br>'
    assert before == button.format("更多") + button.format("评论") + "文"
    assert after == "<del class=inline>更多<br>评论<br></del>文"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//host/x",
        "http://",
        "http://[",
        "",
        None,
    ],
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    """Anything but http and https with a host is not linked."""
    assert present.web_address(url) is None


def page(*hits: Hit, total: int = 0, size: int = 10, number: int = 1) -> ResultPage:
    """A result page with what a test needs."""
    return ResultPage("軟件", "软件", number, size, Total(total), 1.0, hits, "g", "2026-01-01T00:00:00Z")


def convert(text: str, marks: object, script: str) -> tuple[str, list[tuple[int, int]]]:
    """A conversion that changes a length, so that stale marks would show."""
    return text.replace("軟件", "软体件"), [(0, 3)]


def test_hits_in_script() -> None:
    """Every shown text and its marks come from the conversion; the document's own script is still known."""
    snippet = Snippet("軟件園", ((0, 2),))
    hit = Hit("a", None, snippet, None, 1.0, None, None, None, "zh-Hant", (snippet,))
    (shown,) = present.hits_in_script([hit], "hans", convert)
    assert shown.lang == "zh-Hant"
    assert shown.heading.html == shown.snippets[0].html == "<mark>软体件</mark>園"
    assert present.hits_in_script([hit], "orig", convert) == (hit,)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("\n　他說：「走！」便走了。", "他說：「走！」"),
        ("園" * 99, "園" * 59 + "…"),
        ("第一行\n第二行", "第一行"),
        (" \n", ""),
    ],
)
def test_opening(text: str, heading: str) -> None:
    """A sentence ends with its mark and quotation mark, or with the line."""
    assert opening(text) == heading


def test_document_in_script() -> None:
    """A document's text and title are converted with their marks."""
    view = DocumentView(Document("a", "軟件園", title="軟件", lang="zh-Hant"), ((0, 2),), ((0, 2),))
    shown = present.document_in_script(view, "hans", convert)
    assert (shown.document.text, shown.document.title, shown.marks) == ("软体件園", "软体件", ((0, 3),))
    assert shown.document.lang == "zh-Hant"


@pytest.mark.parametrize(("total", "size", "last"), [(0, 10, 1), (10, 10, 1), (11, 10, 2), (5000, 10, 100)])
def test_last_page(total: int, size: int, last: int) -> None:
    """The last page holds the last hit, and none lies beyond a thousand."""
    assert present.Pagination.of(page(total=total, size=size)).last == last


@given(st.integers(1, 100), st.integers(1, 100))
def test_page_numbers(current: int, last: int) -> None:
    """Numbers ascend without repeats and include the first, the last and the current page."""
    numbers = [number for number in present.Pagination(min(current, last), last).numbers if number]
    assert numbers == sorted(set(numbers))
    assert {1, last, min(current, last)} <= set(numbers)


def test_lost_bytes_are_legible_where_texts_are_compared() -> None:
    """The private characters that keep bytes are shown as what every reader knows for lost ones."""
    step = {"kind": "lost", "start": 1, "end": 3, "before": "\U0010f6ff\U0010f7e3", "after": "〓"}
    ((before, after),) = present.compared("市\U0010f6ff\U0010f7e3民", [step])
    assert "<del>\ufffd</del>" in before and "<ins>〓</ins>" in after
