"""What is marked and shown is the same, whether compiled code finds it or Python."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.query.syntax import parse, positive
from indexer.results.highlight import Highlight, make_marker
from indexer.results.results import Snippet
from indexer.results.snippets import snippets
from indexer.text.analyzer import Analyzer

# Few characters, so that what is typed stands in the text in whole, in parts and across its words.
LETTERS = "無錫高新區軟件園" * 3 + "。，！」？\n 、★aB12\u200b👍🏽"
TEXTS = st.text(LETTERS, max_size=160) | st.text(LETTERS, min_size=200, max_size=500)
QUERIES = st.text(LETTERS, min_size=1, max_size=12) | st.sampled_from(['"無錫 高新"', "無錫 -軟件", "高*園"])


def shown(
    text: str, query: str, analyzer: Analyzer, length: int
) -> tuple[list[Highlight], tuple[Snippet, ...]]:
    """The marks of a query in a text, and the snippets that show them, with grams worth different things."""
    found = make_marker(positive(parse(query)), analyzer, ["件園", "區軟件"]).find(text)
    return found, snippets(text, found, lambda gram: 1 + hash(gram) % 7 / 3, length)


@pytest.mark.skipif(native.compiled("_marks") is None, reason="the extension was not built")
@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=TEXTS, query=QUERIES, length=st.sampled_from([5, 30, 120]))
def test_any_text(analyzer: Analyzer, text: str, query: str, length: int) -> None:
    """Whatever stands in a text and in a query, and however little room there is."""
    with native.using(True):
        compiled = shown(text, query, analyzer, length)
    with native.using(False):
        assert shown(text, query, analyzer, length) == compiled


@pytest.mark.skipif(native.compiled("_marks") is None, reason="the extension was not built")
def test_more_terms_than_bits(analyzer: Analyzer) -> None:
    """A text that shows more different terms than a number has bits is Python's."""
    text = "".join(map(chr, range(0x4E00, 0x4E60))) + "。"
    with native.using(True):
        compiled = shown(text * 2, text, analyzer, 120)
    with native.using(False):
        assert shown(text * 2, text, analyzer, 120) == compiled
    assert compiled[0]
