"""One pass over a text says which detectors could find something, by the extension and by expressions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import native
from indexer.repair import load_rules, repair_text
from indexer.repair.rules import hint_pattern
from indexer.repair.scan import BYTES, HAN, HINTS, LATIN, SPACE, Sign, brackets, places, seen

SIGNS = load_rules().strong_signs


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("", 0),
        ("無錫的軟件園", 0),
        ("創(chuàng)新", BYTES | LATIN),
        ("功\\能", BYTES),
        ("¹Ï®Ñ", LATIN),
        ("這是鍙嬫儏", HAN),
        ("今 天 上", SPACE),
        ("𠮷野家", 0),
    ],
)
def test_what_is_seen(text: str, classes: int) -> None:
    """Each class by its characters."""
    assert seen(text, SIGNS) & classes == classes
    if not classes:
        assert not seen(text, SIGNS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("轉載請註明", [0]),
        ("本書轉", []),
        ("© 2020，COPYRIGHT 渡口", [0, 9, 11]),
        ("中華全國人民代表大會", []),
        ("不代表本社", [1]),
    ],
)
def test_where_hints_are(text: str, found: list[int]) -> None:
    """Two or three characters of a hint that stand together show it, one of them alone does not."""
    assert [*places(text, HINTS, SIGNS)] == found


def test_a_sign_ends_with_the_text() -> None:
    """What needs more characters is not seen at the end, and what needs no more is."""
    one, two = (Sign(brackets({"票"})),), (Sign(brackets({"发"}), brackets({"-", "票"})),)
    assert seen("发票", one) and [*places("票", HINTS, one)] == [0]
    assert seen("发-", two) and not seen("发", two) and not seen("票发", two)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.text(
        st.one_of(st.sampled_from("無錫(&/?\ufffd éÖ鍙锟 \u3000轉載代表本©pyr𠮷\U0010f6ff"), st.characters()),
        max_size=40,
    )
)
def test_twins_see_the_same(text: str) -> None:
    """Whether the extension was built or not, in any text."""
    with native.using(False):
        expected = seen(text, SIGNS), [*places(text, SPACE | HINTS, SIGNS)]
    assert (seen(text, SIGNS), [*places(text, SPACE | HINTS, SIGNS)]) == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text("轉載請註明出處版權所有，。\n(zhuǎn)鍙嬫儏 ¹Ï®Ñ?！刮衣", max_size=60))
def test_repair_does_not_depend_on_it(text: str) -> None:
    """What was repaired, and how, is the same."""
    with native.using(False):
        expected = repair_text(text)
    assert repair_text(text) == expected


@pytest.mark.parametrize("hint", ["版权所有", "all rights", "©", "icp备", "一区二区"])
def test_a_hint_is_found_wherever_its_rarest_character_is(hint: str) -> None:
    """At the beginning, in the middle and at the end of a hint, in upper case and in the other script."""
    pattern = hint_pattern([hint])
    assert pattern.search(f"前{hint}後") and pattern.search(hint.upper())
    assert not pattern.search(hint[:-1]) and not pattern.search(hint[1:])
    assert hint != "版权所有" or pattern.search("（版權所有）")


def test_a_strong_line_has_a_sign() -> None:
    """No example of a strong rule is passed over."""
    strong = [rule for rule in load_rules().furniture if rule.strength == "strong"]
    assert all(seen(line, SIGNS) & HINTS for rule in strong for line in rule.example)
