"""Symbols are what an index has, at the positions that it has them, and know where they came from."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.analyzer import Analyzer
from indexer.text.units import STOP
from indexer.trace.symbols import symbols_of
from tests.engine.reference import standing

texts = st.text("無錫园區C+3d.。！ \n\u200b㎡，ab", max_size=40)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=texts)
def test_symbols_are_what_is_indexed(analyzer: Analyzer, text: str) -> None:
    """Each symbol and pair is a term of the text's grams at its position, and nothing else is."""
    symbols = symbols_of(text)
    positions = symbols.positions.tolist()
    singles = {(symbols.term(n), at) for n, at in enumerate(positions)}
    pairs = {(symbols.pair(n), at - 1) for n, at in enumerate(positions) if symbols.pair(n)}
    indexed = {(term, at) for term, at in standing(analyzer.gram_units(text)) if term != STOP}
    assert singles | pairs == indexed


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=texts)
def test_symbols_know_where_they_stand(text: str) -> None:
    """Spans ascend within the text, and all symbols together span from the first to the last."""
    symbols = symbols_of(text)
    spans = [symbols.span(number, number + 1) for number in range(len(symbols))]
    assert all(0 <= start < end <= len(text) for start, end in spans) and spans == sorted(spans)
    if spans:
        assert symbols.span(0, len(symbols)) == (spans[0][0], spans[-1][1])


def test_words_are_one_symbol() -> None:
    """A Latin word is one symbol, the same in either case and width, and alone it is no Chinese."""
    one, other = symbols_of("Linux 內核"), symbols_of("ＬＩＮＵＸ内核")
    assert one.codes.tolist() == other.codes.tolist() and len(one) == 3 and one.is_chinese
    assert not symbols_of("Linux 6.1").is_chinese and not symbols_of("，。").is_chinese
