"""Which neighboring words of titles read as one."""

from __future__ import annotations

import pytest

from indexer.derived.suggest.phrases import running_phrases, title_phrases
from indexer.text.analyzer import Analyzer


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"无锡高新区": 1}, {"无锡高新区": 1}),
        ({"无锡高新区在建": 1}, {}),
        ({"无锡高新区，明天": 1, "今天：无锡高新区": 2}, {"无锡高新区": 3}),
        ({"无锡高新区在变": 2, "走进无锡高新区": 1}, {"无锡高新区": 3}),
        ({"无锡高新区和无锡高新区": 2}, {"无锡高新区": 2}),
        ({"软件园在无锡": 1, "软件园在苏州": 1}, {}),
        ({"python教程": 1}, {}),
        ({"": 1}, {}),
    ],
)
def test_phrases(analyzer: Analyzer, titles: dict[str, int], expected: dict[str, int]) -> None:
    """What titles, or their parts, begin with and end with counts once for each document."""
    assert title_phrases(titles, analyzer.pieces) == expected


def test_titles_do_not_run_into_one_another(analyzer: Analyzer) -> None:
    """The last word of a title and the first of the next are no neighbors."""
    assert title_phrases({"软件": 1, "无锡": 1, "高新区": 1}, analyzer.pieces) == {}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("创新中心揭牌，参观创新中心。", "创新中心成立。人们走进创新中心。"), {"创新中心": 2}),
        (("创新中心揭牌，参观创新中心。",), {}),
        (("参观创新中心揭牌。", "参加创新中心成立。"), {}),
        (("他在无锡。他在苏州。", "在无锡的他。他在无锡。"), {}),
    ],
    ids=["two documents", "one document", "never at an edge", "grammar"],
)
def test_running_text(analyzer: Analyzer, texts: tuple[str, ...], expected: dict[str, int]) -> None:
    """What begins parts and ends parts in two documents, each word of two characters or more."""
    assert running_phrases(dict.fromkeys(texts, 1), analyzer.pieces, 1) == expected


def test_words_that_only_meet(analyzer: Analyzer) -> None:
    """Words that are everywhere stand together by chance; words that belong together do so more often."""
    words = ["创新", "中心", "可以", "使用", "无锡", "软件"]
    texts = {"。".join(left + right for left in words for right in words) + f"。{n}": 1 for n in range(3)}
    assert running_phrases(texts, analyzer.pieces, 1) == {}
    texts |= {f"集成电路设计{n}。集成电路设计": 1 for n in range(3)}
    assert running_phrases(texts, analyzer.pieces, 1) == {"集成电路设计": 3}
