"""What a sign stands for does not depend on what was built, nor on what stands elsewhere in the text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.text import forms
from indexer.text.analyzer import visible
from indexer.text.forms import formed, is_plain
from indexer.text.normalize import normalize
from indexer.text.units import seen

TEXT = st.text(st.sampled_from("無()一九○◯Ⅲ㎡①²½ﬁ㍿e\u0301\u0302\u3099カｶﾞ\u1109\u1165ßm5 a，"), max_size=20)


def test_is_plain_is_that_of_the_expression() -> None:
    """The table of the extension and the expression agree on every character."""
    characters = [*map(chr, range(0x110000))]
    with native.using(False):
        plain = [*map(is_plain, characters)]
    assert [*map(is_plain, characters)] == plain


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXT)
def test_plain_text_is_its_own_form(text: str) -> None:
    """Where nothing is odd nothing changes, and a form of a form is itself."""
    once = formed(text)
    assert not is_plain(text) or once == text
    assert formed(once) == once


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXT)
def test_what_is_matched_is_what_is_mapped(text: str) -> None:
    """The text that is indexed and the one whose offsets are known are one."""
    assert visible(text).text == seen(text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Ⅷ", "VIII"),
        ("㎏", "kg"),
        ("㏄", "cc"),
        ("㍻", "平成"),
        ("㈱", "(株)"),
        ("℃", "°C"),
        ("№", "No"),
        ("ǆ", "dž"),
        ("⑳", " 20 "),
        ("❶", " 1 "),
        ("5½", "5 1⁄2 "),
        ("10²³", "10 23 "),
        ("H₂O", "H 2 O"),
        ("Windows™", "Windows™"),
        ("……", "……"),
        ("二○○八年", "二〇〇八年"),
        ("○三", "〇三"),
        ("王○明", "王○明"),
        ("x\u0304y", "xy"),
    ],
)
def test_forms(text: str, form: str) -> None:
    """Signs of letters and digits stand for them; punctuation and what stands beside a word stay."""
    assert formed(text) == form


def test_canonically_equal_letters_are_equal() -> None:
    """Every Latin, Greek and Cyrillic letter, kana and syllable is matched as what it decomposes to."""
    for code in (*range(0xC0, 0x530), *range(0x1E00, 0x2000), *range(0x3041, 0x30FF), *range(0xAC00, 0xD7A4)):
        character = chr(code)
        decomposed = unicodedata.normalize("NFD", character)
        if len(decomposed) > 1 and character.isalpha():
            assert normalize(formed(decomposed)) == normalize(formed(character)), character


@pytest.mark.parametrize(
    "text", ["", "\ud800", "e" + "\u0301" * 100_000, "①" * 100_000, "○" * 100_000, "(漢" * 50_000]
)
def test_any_text_has_forms(text: str) -> None:
    """Whatever Python calls a string, in time that grows with it."""
    formed(text)


@given(st.text(st.sampled_from("漢一(○◯)e\u0301①²㎡ ｶﾞ"), max_size=30))
def test_signs_are_what_the_expression_finds(text: str) -> None:
    """Looking only where a sign may be passes over none."""
    expected = [found.span() for found in forms._FORM.finditer(text)]
    assert [found.span() for found in forms.signs(text)] == expected


def test_a_mark_that_goes_with_nothing_stays() -> None:
    """A half-width voicing mark behind what has no voiced form is itself, and can be cut out as itself."""
    assert formed("漢ﾞ") == "漢ﾞ" and formed("ｶﾞ") == "ガ"
