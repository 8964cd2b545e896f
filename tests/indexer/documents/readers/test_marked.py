"""Marked-up texts read as they are seen: TEI, feeds, subtitles, LaTeX, reStructuredText, mail pages."""

from __future__ import annotations

import io

import lxml.html
import pytest

from indexer.documents import Document
from indexer.documents.outcomes import Skipped
from indexer.documents.readers.blocks import flowed
from indexer.documents.readers.flow import joined
from indexer.documents.readers.rst import read_rst
from indexer.documents.readers.rtf import read_rtf
from indexer.documents.readers.subtitles import read_subtitles
from indexer.documents.readers.tex import read_tex
from indexer.documents.readers.xml import read_xml
from indexer.documents.readers.xmltree import parse_xml
from indexer.errors import ReadError


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div><p>無<b>錫</b></p><p>園</p></div>", "無錫\n園"),
        ("<div>一<br>二</div>", "一\n二"),
        ("<table><tr><td>甲<td>乙</tr><tr><td>丙</table>", "甲 | 乙\n丙"),
        ("<p><ruby>無<rp>(</rp><rt>ㄨˊ</rt><rp>)</rp>錫<rt>ㄒㄧˊ</rt></ruby>園</p>", "無錫園"),
        (
            "<p><ruby>行<rt>ㄏㄤˊ</rt></ruby>家<ruby>行<rt>ㄒㄧㄥˊ</rt></ruby>走</p>",
            "行(ㄏㄤˊ)家行(ㄒㄧㄥˊ)走",
        ),
        ("<div>看<script>x</script><style>y</style>見<!-- z --></div>", "看見"),
        ("<ul><li>一<li>二</ul>", "一\n二"),
        (
            "<div>航線<svg><title>圖</title><defs><text>x</text></defs><text>北<tspan>岸</tspan></text>"
            "<text>南岸</text></svg></div>",
            "航線\n北岸\n南岸",
        ),
        (
            "<p>速度是<math><semantics><mfrac><mtext>路程</mtext><mi>t</mi></mfrac>"
            "<annotation>\\frac</annotation></semantics></math>。</p>",
            "速度是路程t。",
        ),
        ("<div>夜市<noframes><body>不支援框架</body></noframes></div>", "夜市"),
    ],
)
def test_flow(markup: str, text: str) -> None:
    """Blocks are lines, cells are apart, ruby keeps its base, what is not seen is not there."""
    assert flowed(lxml.html.fromstring(markup)) == text


def test_flow_of_xhtml() -> None:
    """Names have a namespace, and entities of XHTML are characters though their declarations are not read."""
    page = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x.dtd"><html xmlns="http://www.w3.org/1999/xhtml">'
    body = (
        "<head><title>題</title></head><body><p>無錫&mdash;&mdash;<b>軟件</b>園</p><p>夜市</p></body></html>"
    )
    assert flowed(parse_xml((page + body).encode())) == "無錫——軟件園\n夜市"


def test_flow_of_any_depth() -> None:
    """A tree of twenty thousand levels is read."""
    root = lxml.html.Element("div")
    inner = root
    for _ in range(20_000):
        inner = lxml.etree.SubElement(inner, "b")
    inner.text = "夜市"
    assert flowed(root) == "夜市"


@pytest.mark.parametrize("written", ["gb18030", "utf-8"])
def test_xml_in_another_encoding_than_it_says(written: str) -> None:
    """gb2312 means GB18030 here too, and a wrong declaration costs nothing."""
    page = '<?xml version="1.0" encoding="gb2312"?><書><章>渡船碼頭的時刻表貼在門口，請旅客留意。鎔</章></書>'
    (document,) = read_xml("a.xml", io.BufferedReader(io.BytesIO(page.encode(written))))  # type: ignore[arg-type]
    assert document.text == "渡船碼頭的時刻表貼在門口，請旅客留意。鎔"  # type: ignore[union-attr]


def test_rtf_with_the_number_of_no_character() -> None:
    """It costs that character, and no more; numbers may be below 0, or beyond 65,535."""
    numbers = (22812, -28706, 131072, 99999999999, -99999, 1114112)
    source = "{\\rtf1\\ansi " + "".join(f"\\u{number}?" for number in numbers) + "\\par}"
    (document,) = read_rtf("a.rtf", io.BytesIO(source.encode()))
    assert document.text == "夜\u8fde\U00020000〓〓〓"


@pytest.mark.parametrize(("page", "encoding"), [("936", "gbk"), ("950", "big5")])
def test_rtf_of_two_bytes(page: str, encoding: str) -> None:
    """The second byte of a character may stand as it is, where it is a letter, or escaped."""
    words = "碼頭功能許可{頁}" if page == "950" else "碼頭功能許可頁"
    raw = b"".join(
        b"\\'%02x" % byte if byte > 0x7F else b"\\" * (byte in b"\\{}") + bytes((byte,))
        for byte in words.encode(encoding)
    )
    source = b"{\\rtf1\\ansi\\ansicpg" + page.encode() + b" " + raw + b"\\par}"
    (document,) = read_rtf("a.rtf", io.BytesIO(source))
    assert document.text == words


def test_joined() -> None:
    """Han meets Han without a space, Latin words with one."""
    assert joined("國家 軟件 ", " 園") == "國家軟件園"
    assert joined("open", "source") == "open source"


def xml(content: str) -> list[Document | Skipped]:
    """What an XML file gives."""
    return list(read_xml("a.xml", io.BytesIO(content.encode())))


def test_tei() -> None:
    """A line break inside a word does not part it; of a choice the reading text stays; notes are text."""
    (document,) = xml(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/><text><body><head>題</head>'
        "<p>無錫國<lb/>\n  家軟件<pb n='2'/>園<choice><sic>爲</sic><corr>為</corr></choice>開<hi>幕</hi>"
        "<note>註</note></p></body></text></TEI>"
    )
    assert isinstance(document, Document)
    assert document.text == "題\n無錫國家軟件園為開幕註"


def test_feed_items() -> None:
    """An item is a document of its own; markup in it is taken off; one without anything is named."""
    said = "<description>&lt;p&gt;南門&lt;b&gt;外&lt;/b&gt;&lt;/p&gt;</description>"
    items = f"<item><title>一</title>{said}</item><item/>"
    first, second = xml(f"<rss><channel>{items}</channel></rss>")
    assert first == Document("a.xml#52703fd7fc8f2232", "南門外", "一")
    assert second == Skipped("a.xml:2", "no text")


@pytest.mark.parametrize(
    "content", ["<a>", "", "夜市", '<!DOCTYPE a [<!ENTITY e SYSTEM "/etc/passwd">]><a>&e;</a>']
)
def test_bad_xml(content: str) -> None:
    """Broken XML is named, and a file of the machine is never read into a document."""
    with pytest.raises(ReadError):
        xml(content)


def test_subtitles() -> None:
    """Numbers, times, markup and notes go; lines shown at once are one."""
    content = "1\n00:00:01,000 --> 00:00:02,000\n<i>南門</i>\n{\\an8}外\n\n"
    content += "2\n00:00:03,000 --> 00:00:04,000\n擺攤\n\nNOTE x\n"
    (document,) = read_subtitles("a.srt", io.BytesIO(content.encode("gb18030")))
    assert document.text == "南門外\n擺攤"


def test_tex() -> None:
    """Commands and comments go, what they hold stays; the preamble states title, author and date."""
    content = (
        "\\documentclass{ctexart}\\title{夜市}\\author{趙小禾}\\date{2025年2月4日}% 註\n"
        "\\begin{document}\\maketitle\n"
        "\\section{一}南門\\textbf{外}擺\n起了攤子。% 不見\n\n"
        "第二段\\footnote{註腳}，\\[x=1\\]。\\end{document}"
    )
    (document,) = read_tex("a.tex", io.BytesIO(content.encode()))
    assert (document.title, document.author, document.date) == ("夜市", "趙小禾", "2025-02-04")
    assert "南門外擺起了攤子。" in document.text and "註腳" in document.text and "不見" not in document.text
    assert "x=1" in document.text and "\\" not in document.text


def test_rst() -> None:
    """Underlines, roles, targets, comments and options go; what directives hold stays."""
    content = (
        "====\n夜市\n====\n\n:Author: 趙小禾\n\n"
        "在 **南門** 外，見 `地圖 <https://example.org>`_ 與 :doc:`附錄`。\n\n"
        ".. _mark:\n.. 註釋\n   兩行\n\n.. note:: 小心\n   :class: x\n\n   路滑\n\n攤子\n----\n\n``code``\n"
    )
    (document,) = read_rst("a.rst", io.BytesIO(content.encode()))
    assert (document.title, document.author) == ("夜市", "趙小禾")
    assert document.text.split() == "在 南門 外，見 地圖 與 附錄。 小心 路滑 攤子 code".split()
