"""A searcher may lack the later stages; the pages do without."""

from __future__ import annotations

from typing import Any

from webapp import stages


class Early:
    """A searcher of the first form."""


def test_a_searcher_without_later_stages(searcher: Any) -> None:
    """Nothing is suggested or similar, and a text stays as it is."""
    early: Any = Early()
    assert stages.suggest(early, "軟", 8) == []
    assert stages.similar(early, "a", 5) == ()
    assert stages.converter(early)("軟件", [(0, 1)], "hans") == ("軟件", [(0, 1)])


def test_a_searcher_with_them(searcher: Any) -> None:
    """Each stage is used where it is there."""
    assert stages.suggest(searcher, "軟", 1) == ["軟園"]
    assert len(stages.similar(searcher, "b", 5)) == 2
    assert stages.converter(searcher)("軟件", [(0, 1)], "hans")[0] == "软件"
