"""A facet has a value for each that its filter tells apart, the most frequent first."""

from __future__ import annotations

from typing import Any

import pytest

from indexer import Searcher
from indexer.results.facets import facets_of

COUNTED: dict[str, dict[str | int, int]] = {
    "collection": {}, "lang": {"zh-Hans": 4}, "kind": {}, "day": {20210305: 2, 20210000: 1, 20190101: 4},
    "source": {"報乙": 3, "报甲": 2, "報甲": 2, "ＡＢＣ": 1}, "author": {"李\n明": 1, "a": 1, "Ａ": 2},
}  # fmt: skip


def test_a_name_is_one_value_in_whichever_script() -> None:
    """It stands under the spelling that most have, of equals the first, with all of its documents."""
    found = facets_of(COUNTED)
    assert [*found.counts["source"].items()] == [("報甲", 4), ("報乙", 3), ("ＡＢＣ", 1)]
    assert [*found.counts["author"].items()] == [("Ａ", 3), ("李\n明", 1)]
    assert found.values["source"] == 3 and found.values["author"] == 2
    assert found.counts["lang"] == {"zh-Hans": 4} and [*found.counts["year"].items()] == [
        ("2021", 3),
        ("2019", 4),
    ]
    assert [*facets_of(COUNTED, most=1).counts["source"]] == ["報甲"]


@pytest.mark.parametrize("field", ["source", "author"])
def test_a_facet_counts_what_its_filter_finds(open_index: Any, field: str) -> None:
    """For each value as many documents as the search has with it."""
    names = ["王小明", "王小明", "王小朋", "歐陽雨", "欧阳雨", "欧阳雨", "ＡＢ", "ab"]
    searcher: Searcher = open_index([{"text": f"軟件園第{n}期", field: name} for n, name in enumerate(names)])
    counts = searcher.facets("软件园").counts[field]
    assert [*counts] == ["欧阳雨", "ab", "王小明", "王小朋"]
    assert all(searcher.count("软件园", **{field: name}) == count for name, count in counts.items())  # type: ignore[arg-type]
