"""A text is cut between what a reader takes for one character each."""

from __future__ import annotations

from itertools import accumulate

import pytest

from indexer.text.clusters import cut_before


@pytest.mark.parametrize(
    "clusters",
    [
        ["無", "錫"],
        ["e\u0301\u0323", "a"],
        ["👨‍👩‍👧‍👦", "👩🏽", "❤\ufe0f", "好"],
        ["🇹🇼", "🇭🇰", "🇨🇳", "港"],
        ["\u1112\u1161\u11ab", "\u1100\u1173\u11af", "한\u11ab"],
        ["🏴\U000e0067\U000e0062\U000e007f", "旗"],
        ["か\u3099", "ｶﾞ", "\r\n", "क\u094d\u200d", "葛\U000e0100"],
        ["1\ufe0f\u20e3", "2\ufe0f\u20e3"],
    ],
)
def test_cuts(clusters: list[str]) -> None:
    """Every place inside a cluster is taken back to where it begins; edges stay."""
    text, edges = "".join(clusters), [0, *accumulate(map(len, clusters))]
    for at in range(len(text) + 1):
        assert cut_before(text, at) == max(edge for edge in edges if edge <= at)
