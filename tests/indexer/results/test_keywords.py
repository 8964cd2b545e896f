"""What a concordance finds in texts is what an engine counts in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.query.syntax import parse
from indexer.results.keywords import Seen, keywords_of
from indexer.text.analyzer import Analyzer

PIECES = ("天", "地", "玄", "，", "。", "！", "24", "24.5", "口", "micro", " ", "\n", "★", "C++", "日")
TEXT = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def counted(text: str, terms: tuple[str, ...], analyzer: Analyzer) -> int:
    """At how many positions terms follow one another, as the index has them."""
    from tests.engine.reference import standing

    held: dict[int, set[str]] = {}
    for term, position in standing(analyzer.gram_units(text)):
        held.setdefault(position, set()).add(term)
    return sum(all(term in held.get(at + step, ()) for step, term in enumerate(terms)) for at in held)


@settings(max_examples=300, deadline=None)
@given(text=TEXT, typed=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
def test_as_many_places_as_the_index_has(text: str, typed: str, analyzer: Analyzer) -> None:
    """Each position at which a phrase begins is one place, whatever stands between its parts."""
    keywords = keywords_of(parse(f'"{typed}"'))
    found = keywords.find(Seen.of(text).folded) if keywords.strings else []
    for terms in keywords.sequences:
        assert len(found) == counted(text, terms, analyzer)


@pytest.mark.parametrize(
    ("query", "strings", "condition"),
    [
        ("软件园", [("软件园",)], False),
        ("軟件園 無錫", [("软件园",), ("无锡",)], False),
        ("軟件園 -無錫", [("软件园",)], True),
        ("title:無錫 軟件園", [("软件园",)], True),
        ("甲*乙", [], True),
        ("", [], False),
    ],
)
def test_what_is_looked_for(query: str, strings: Any, condition: bool) -> None:
    """Typed words and phrases without a field, each by itself; what else is asked is a condition."""
    keywords = keywords_of(parse(query))
    assert [*keywords.strings] == strings and bool(keywords.condition) is condition
