"""Corrections over a small index: what is put right, what is left alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indexer.derived.suggest.conftest import DOCUMENTS, library_of

CASES = tomllib.loads((Path(__file__).parents[3] / "cases" / "corrections.toml").read_text(encoding="utf-8"))[
    "case"
]


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_case(library: Any, case: dict[str, str]) -> None:
    """Each case is corrected to what it expects, or not at all."""
    found = library.lexicon.correct(case["input"], library.frequency, library.holds, library.words)
    assert (found.text if found else "") == case["expect"]
    if found:
        assert found.kind == case["kind"]
        assert 0.5 < found.confidence <= 1


def test_without_exact_strings_the_lexicon_itself_decides(library: Any) -> None:
    """Where exact strings cannot be looked up, a correction still leads to an entry."""
    found = library.lexicon.correct("高薪区", library.frequency)
    assert found is not None and found.text == "高新区"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="无锡高新区创心中西薪 abAB？\u0000\U00020000", max_size=20))
def test_a_correction_is_something_documents_hold(library: Any, query: str) -> None:
    """Whatever is typed, every run of a corrected query is in a document, and few lookups are made."""
    asked = []
    found = library.lexicon.correct(
        query, lambda text: asked.append(text) or library.frequency(text), library.holds
    )
    assert len(asked) <= 210
    if found:
        assert found.text != query


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="无锡高新区创心中西薪 ab", max_size=12))
def test_what_is_looked_up_ahead_changes_nothing(library: Any, query: str) -> None:
    """Texts are named before they are asked for, no more at once than may be; the correction is the same."""
    ahead: list[list[str]] = []
    plain = library.lexicon.correct(query, library.frequency, library.holds, library.words)
    found = library.lexicon.correct(query, library.frequency, library.holds, library.words, ahead.append)
    assert found == plain
    assert all(0 < len(texts) <= 200 for texts in ahead)


@pytest.mark.parametrize(("count", "expected"), [(8, "网络安全"), (3, "")])
def test_words_that_are_a_phrase_misspelled(tmp_path: Path, analyzer: Any, count: int, expected: str) -> None:
    """A run of words that stands nowhere is put right where a phrase of several documents is far likelier."""
    safe = [
        ("网络安全", f"第{n}条：网络安全是公共安全的一部分。网络重要，安全也重要。") for n in range(count)
    ]
    caught = [("网罗人才", f"第{n}年网罗人才，蜘蛛网罗住了飞虫。") for n in range(3)]
    library = library_of([*safe, *caught, *DOCUMENTS], tmp_path / "lexicon.bin", analyzer)
    found = library.lexicon.correct("网罗安全", library.frequency, library.holds, library.words)
    assert (found.text if found else "") == expected
    assert library.lexicon.correct("网罗企业", library.frequency, library.holds, library.words) is None


def test_held_strings_stay(library: Any) -> None:
    """No substring of a document is corrected."""
    text = "苏州工业园与无锡高新区签署合作协议"
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + 8) + 1):
            assert library.lexicon.correct(text[start:end], library.frequency, library.holds) is None
