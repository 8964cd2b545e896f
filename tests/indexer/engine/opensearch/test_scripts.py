"""Where terms stand, told by scripts of stored units, is where the reference has them. Needs a cluster."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence

import pytest

from indexer.config import EngineSettings
from indexer.engine.fields import Value
from indexer.engine.opensearch.cluster import Answer, Cluster
from indexer.engine.opensearch.entries import body_of, portable, rounded, written
from indexer.engine.opensearch.mapping import Json, properties
from indexer.engine.opensearch.scripts import looked_for, shares_of, spots, spots_of, sums_of
from indexer.text.units import STOP, stopped_units
from tests.engine.reference import standing

NODES = os.environ.get("HANSOU_CLUSTER", "")
INDEX = "/hansou-test-scripts"
PARTS = [*"天地玄黃𠀀", "，", "。", " micro ", " 2 ", "㎡", " a "]
LONG = 400_000
"""So often three characters: a script may go around a loop a million times, and this makes it 1.6 million."""
needs_cluster = pytest.mark.skipif(not NODES, reason="needs a cluster: `make cluster`")


def texts() -> list[str]:
    """Texts of all that units are made of, an empty one and a book among them."""
    chance = random.Random(5)
    several = ["".join(chance.choices(PARTS, k=chance.randint(0, 40))) for _ in range(60)]
    return ["", *several, "天地玄" * LONG + "。micro" * 9]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster with units of the texts, in their order."""
    cluster = Cluster(EngineSettings("opensearch", tuple(NODES.split(","))))
    names = ("number", "grams_units", "grams_length")
    shown = {name: properties()[name] for name in names}
    cluster.ask("DELETE", INDEX)
    cluster.ask("PUT", INDEX, {"settings": {"number_of_replicas": 0}, "mappings": {"properties": shown}})
    for number, text in enumerate(texts()):
        fields: dict[str, Value] = {"grams": stopped_units(text), "stored": {"id": "a"}}
        sent = json.loads(body_of(fields))
        body = {"number": number, **{name: sent[name] for name in names[1:] if text}}
        cluster.ask("PUT", f"{INDEX}/_doc/{number}", body)
    cluster.ask("POST", f"{INDEX}/_refresh")
    yield cluster
    cluster.ask("DELETE", INDEX)


def hits(cluster: Cluster, more: Json) -> list[Answer]:
    """All texts, with what a script says."""
    body = {"query": {"match_all": {}}, "size": len(texts()), "sort": ["number"], "stored_fields": "_none_"}
    found: list[Answer] = cluster.ask("POST", f"{INDEX}/_search", {**body, **more})["hits"]["hits"]
    return found


@needs_cluster
def test_every_term_is_where_it_stands(cluster: Cluster) -> None:
    """Characters, pairs, words and ends of sentences, and nothing that is not there."""
    terms = ["宇", "mic", "天", "天地", "𠀀", "𠀀天", "地𠀀", "micro", "2", "a", STOP]
    for hit, text in zip(hits(cluster, spots_of("grams", terms))[:-1], texts(), strict=False):
        stand = [(at, terms.index(term)) for term, at in standing(stopped_units(text)) if term in terms]
        assert [(at, term) for term, at in spots(hit)] == sorted(stand), text


def heaviest(spots: Sequence[tuple[int, str]], weights: Mapping[str, int], width: int) -> int:
    """Every window tried."""
    windows = ({term for at, term in spots if start <= at <= start + width} for start, _ in spots)
    return max((sum(weights[term] for term in window) for window in windows), default=0)


@needs_cluster
@pytest.mark.parametrize("width", [0, 1, 5, 12])
def test_sums_of_shares(cluster: Cluster, width: int) -> None:
    """The heaviest window of all; what is held, how often, and how long the text is."""
    weights = {"天": 1 << 33, "天地": 5 << 32, "micro": 7, "宇": 1 << 40}
    asked = {"field": "grams", **looked_for([*weights])}
    windows = [{"weights": [*weights.values()], "width": width}]
    held = {"weights": [*weights.values()], "windows": []}
    found = hits(cluster, shares_of([{**asked, "windows": windows}, {**asked, **held}]))
    for hit, text in zip(found[:-1], texts(), strict=False):
        every = [(at, term) for term, at in standing(stopped_units(text))]
        stand = [(at, term) for at, term in every if term in weights]
        held = sum(weights[term] for term in {term for _, term in stand})
        length = rounded(sum(term != STOP for _, term in every))
        expected = [[heaviest(stand, weights, width)], [held, len(stand), length]]
        assert sums_of(hit) == expected, text


@needs_cluster
def test_a_book_is_looked_at_like_a_paragraph(cluster: Cluster) -> None:
    """A text of 1.2 million characters; its share takes no more bytes than any."""
    weights = {"天": 1, "天地": 2, "micro": 4}
    windows = [{"weights": [*weights.values()], "width": 9}]
    asked = {"field": "grams", **looked_for([*weights]), "windows": windows}
    (sums,) = sums_of(hits(cluster, shares_of([asked]))[-1])
    assert sums == [7]


def test_what_json_cannot_say() -> None:
    """Halves of surrogate pairs travel in a record as they are, in terms as a sign of replacement."""
    assert json.loads(json.loads(json.dumps(written({"text": "a\ud800漢"}))))["text"] == "a\ud800漢"
    assert portable("a\ud800") == portable("a\udfff") == "a\ufffd"
    assert portable("x" * 9000) != portable("x" * 9001) and len(portable("x" * 9000)) < 1000
