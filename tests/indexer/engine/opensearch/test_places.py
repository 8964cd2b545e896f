"""Where terms stand, told from stored units, is where the reference has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.fields import Value
from indexer.engine.opensearch.entries import body_of, portable, rounded, written
from indexer.engine.opensearch.places import Places, agreement, nearness
from indexer.text.units import STOP, stopped, units
from tests.engine.reference import standing

TEXTS = st.lists(st.sampled_from([*"天地玄黃𠀀", "，", "。", " micro ", " 2 ", "㎡"]), max_size=40).map(
    "".join
)


def stored(text: str) -> Places:
    """The units of a text as a cluster stores them."""
    import json

    fields: dict[str, Value] = {"grams": stopped(units(text)), "stored": {"id": "a"}}
    return Places(json.loads(body_of(fields))["grams_units"])


@given(TEXTS)
def test_every_term_is_where_it_stands(text: str) -> None:
    """Characters, pairs, words and ends of sentences, and nothing that is not there."""
    expected: dict[str, list[int]] = {"宇": [], "mic": [], "黃地天": []}
    for term, position in standing(stopped(units(text))):
        expected.setdefault(term, []).append(position)
    places = stored(text)
    assert {term: sorted(places.of(term)) for term in expected} == expected
    assert places.length == rounded(sum(len(at) for term, at in expected.items() if term != STOP))


@given(TEXTS, st.integers(0, 12))
def test_nearness_is_the_best_window(text: str, width: int) -> None:
    """Against every window tried."""
    weights = {"天": 1.0, "天地": 2.5, "micro": 0.5, "宇": 9.0}
    spots = [(at, term) for term, at in standing(stopped(units(text))) if term in weights]
    windows = ({term for at, term in spots if start <= at <= start + width} for start, _ in spots)
    best = max((sum(weights[term] for term in window) for window in windows), default=0.0)
    assert nearness(stored(text), weights, width) == pytest.approx(best)


def test_agreement() -> None:
    """A title that is the query agrees wholly, one that says more less; without a title none."""
    weights = {"天": 1.0, "地": 1.0, "天地": 2.0}
    assert agreement(stored("天地"), weights, 4.0) == 1.0
    assert agreement(stored("天地玄黃"), weights, 4.0) == pytest.approx(3 / 7)
    assert agreement(Places(""), weights, 4.0) == 0.0


def test_what_json_cannot_say() -> None:
    """Halves of surrogate pairs travel in a record as they are, in terms as a sign of replacement."""
    import json

    assert json.loads(json.loads(json.dumps(written({"text": "a\ud800漢"}))))["text"] == "a\ud800漢"
    assert portable("a\ud800") == portable("a\udfff") == "a\ufffd"
    assert portable("x" * 9000) != portable("x" * 9001) and len(portable("x" * 9000)) < 1000
