"""What an index suggests is found when it is asked for."""

from __future__ import annotations

from typing import Any

from indexer import Searcher


def test_a_part_of_a_number_is_not_suggested(open_index: Any) -> None:
    """Nothing finds 000 in 1,000, nor 476 in 3.476, but a number that stands by itself somewhere."""
    searcher: Searcher = open_index(["共有1,000人，佔3.476％。", "第385期占1.385％", "385册"])
    assert searcher.suggest("00") == searcher.suggest("47") == []
    assert searcher.suggest("38") == ["385"]
    assert searcher.count("385") == 2
