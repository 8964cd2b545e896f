"""What is seen and which units there are does not depend on what was built."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.units import _IGNORABLE_RANGES, CJK_RANGES, UNSEEN, _units, content, units

CHARACTERS = "無锡々ー한🀀𠮷a1²½Ⅷ٣é_+#., \t\n\r\u3000\u00ad\u200b\u200d\ufeff\U000e0101\u0301，。\ud800"


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    """The compiled functions."""
    module: ModuleType = pytest.importorskip("indexer.native._text", reason="the extension was not built")
    return module


def same(extension: ModuleType, text: str) -> bool:
    """Whether extension and expressions agree on a text."""
    spans = memoryview(extension.units(text, CJK_RANGES)).cast("I")
    shown = extension.seen(text, CJK_RANGES, _IGNORABLE_RANGES)
    return [*spans] == [*_units(text, CJK_RANGES)] and shown == UNSEEN.sub("", text)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(text=st.text(CHARACTERS, max_size=30))
def test_any_text(extension: ModuleType, text: str) -> None:
    """Words that run into numbers, runs, signs and what is not seen."""
    assert same(extension, text)


def test_every_character(extension: ModuleType) -> None:
    """Each by itself, among Chinese, among letters, and beside white space; a text too long for the stack."""
    for first in range(0, 0x110000, 0x8000):
        for before, after in (("", ""), ("無", " 錫"), ("a", "1")):
            text = "".join(before + chr(code) + after for code in range(first, first + 0x8000))
            assert same(extension, text)


@given(text=st.text(CHARACTERS, max_size=30))
def test_content_is_all_that_is_in_a_unit(text: str) -> None:
    """What is left out is in no unit: its content has the same units, but for those that now touch."""
    whole, (_, spans) = content(units(text)), units(text)
    assert len(whole) == sum(spans[1::2]) - sum(start >> 1 for start in spans[::2])
    assert content(units(whole)) == whole
