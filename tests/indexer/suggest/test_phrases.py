"""Which neighboring words of titles read as one."""

from __future__ import annotations

import pytest

from indexer.analyzer import Analyzer
from indexer.suggest.phrases import phrases


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
    assert phrases(titles, analyzer.pieces) == expected


def test_titles_do_not_run_into_one_another(analyzer: Analyzer) -> None:
    """The last word of a title and the first of the next are no neighbors."""
    assert phrases({"软件": 1, "无锡": 1, "高新区": 1}, analyzer.pieces) == {}
