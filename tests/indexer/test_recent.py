"""What was found out is not found out again, as long as it is kept."""

from __future__ import annotations

import pytest

from indexer.recent import Recent


def test_the_last_ones_are_kept() -> None:
    """Of more keys than are kept the one goes that was asked for longest ago."""
    asked: list[str] = []
    kept = Recent[str, str](2)

    def found(key: str) -> str:
        asked.append(key)
        return key.upper()

    def value(key: str) -> str:
        return kept.of(key, lambda: found(key))

    assert [*map(value, "abacab")] == [*"ABACAB"]
    assert asked == [*"abcb"]


def test_what_raises_is_not_kept() -> None:
    """The next time it is tried again."""
    kept = Recent[str, int](2)
    with pytest.raises(ZeroDivisionError):
        kept.of("a", lambda: 1 // 0)
    assert kept.of("a", lambda: 1) == kept.of("a", lambda: 2) == 1


def test_sizes_count() -> None:
    """What takes more room drives out more; the last that was put in stays, however large."""
    kept = Recent[str, int](10)
    for key in "aba":
        kept.put(key, 1, 4)
    kept.put("c", 1, 4)
    assert [kept.get(key) for key in "abc"] == [1, None, 1]
    kept.put("d", 1, 99)
    assert [kept.get(key) for key in "acd"] == [None, None, 1]
    kept.put("e", 1)
    assert [kept.get(key) for key in "de"] == [None, 1]
