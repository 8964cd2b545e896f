"""What is seen and which units there are does not depend on what was built."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.text.units import content, seen, stopped_units, units

CHARACTERS = (
    "無锡々ー한⼈ｶ🀀𠮷a1²½Ⅷ٣é_+#., \t\n\r\u3000，。！?;\u00ad\u200b\u200d\u202a\ufeff\U000e0101\u0301\ud800"
)


Found = tuple[str, list[int], str, list[int]]


def found(text: str) -> Found:
    """What is seen of a text, its units, and these with ends of sentences."""
    own, spans = stopped_units(text)
    return seen(text), [*units(text)[1]], own, [*spans]


def both(text: str) -> tuple[Found, Found]:
    """The same by the extension and by expressions."""
    with native.using(True):
        compiled = found(text)
    with native.using(False):
        return compiled, found(text)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(text=st.text(CHARACTERS, max_size=30))
def test_any_text(text: str) -> None:
    """Words that run into numbers, runs, signs and what is not seen."""
    compiled, python = both(text)
    assert compiled == python


@settings(max_examples=500, deadline=None, derandomize=True)
@given(text=st.lists(st.sampled_from(["1", "٣", "0", "12", "234", "5678", ".", ",", "無", "a"]), max_size=12))
def test_any_number(text: list[str]) -> None:
    """Thousands, decimals, and chains that are neither."""
    compiled, python = both("".join(text))
    assert compiled == python


def test_every_character() -> None:
    """Each by itself, among Chinese, among letters, and beside white space; a text too long for the stack."""
    for first in range(0, 0x110000, 0x8000):
        for before, after in (("", ""), ("無", " 錫"), ("a", "1")):
            text = "".join(before + chr(code) + after for code in range(first, first + 0x8000))
            compiled, python = both(text)
    assert compiled == python


@given(text=st.text(CHARACTERS, max_size=30))
def test_content_is_all_that_is_in_a_unit(text: str) -> None:
    """What is left out is in no unit: its content has the same units, but for those that now touch."""
    whole, (_, spans) = content(units(text)), units(text)
    assert len(whole) == sum(spans[1::2]) - sum(start >> 1 for start in spans[::2])
    assert content(units(whole)) == whole
