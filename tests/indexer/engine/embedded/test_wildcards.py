"""Patterns over many terms at once."""

from __future__ import annotations

import fnmatch
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.embedded.search import wildcards
from indexer.engine.embedded.search.wildcards import expression, matching
from indexer.errors import IndexCorrupt

LETTERS = st.text(alphabet="aabcé無", max_size=8)
PATTERNS = st.text(alphabet="aabcé無*?", max_size=10)


def field(terms: list[str]) -> Any:
    """Terms as an index has them."""
    raw = [term.encode() for term in terms]
    offsets = np.cumsum([0, *map(len, raw)], dtype=np.uint32)
    return SimpleNamespace(name="words", blob=np.frombuffer(b"".join(raw), np.uint8), offsets=offsets)


@given(st.sets(LETTERS, min_size=1), PATTERNS, st.data())
def test_what_matches(terms: set[str], pattern: str, data: st.DataObject) -> None:
    """Exactly what `fnmatch` finds of each term by itself, in a range, however many are read at once."""
    ordered = sorted(terms, key=str.encode)
    start = data.draw(st.integers(0, len(ordered)))
    stop = data.draw(st.integers(start, len(ordered)))
    expected = [at for at in range(start, stop) if fnmatch.fnmatchcase(ordered[at], pattern)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wildcards, "_AT_ONCE", data.draw(st.integers(1, 40)))
        found = [*matching(field(ordered), range(start, stop), pattern, lambda: None)]
    assert found == expected


@pytest.mark.parametrize(
    "pattern", ["a?b*" * 64, "a*" * 128, "a" + "*a" * 127 + "b", "aa*" + "?a*" * 84, "a*" * 100 + "?" * 56]
)
def test_cost_is_bounded(pattern: str) -> None:
    """No find of a run behind a `*` is gone back on: backtracking over these would not end."""
    terms = ["a" * 2000, "ab" * 1000, "aab" * 700]
    assert len([*matching(field(terms), range(3), pattern, lambda: None)]) <= 3


def test_a_question_may_be_stopped() -> None:
    """Between portions of the terms the caller is asked whether to go on."""

    def stop() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        [*matching(field(["aa"]), range(1), "a*a", stop)]


def test_offsets_that_cannot_be() -> None:
    """Offsets that do not ascend are damage."""
    broken = field(["aa", "ab"])
    broken.offsets[1] = 9
    with pytest.raises(IndexCorrupt, match="words/offsets"):
        [*matching(broken, range(2), "a*a", lambda: None)]


def test_nothing_is_special_but_two_signs() -> None:
    """Other signs of patterns and of regular expressions are characters."""
    assert re.fullmatch(expression("[a].*+"), b"[a].x+") and not re.fullmatch(expression("[a]"), b"a")
