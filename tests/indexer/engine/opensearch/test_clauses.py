"""A query has no more clauses than the cluster allows, or says so; patterns give way first."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from indexer import Config, QueryTooLong, Searcher, rebuild
from indexer.config import EngineSettings, IndexSettings, SearchSettings, SourceSettings
from indexer.engine import open_engine
from indexer.engine.opensearch.clauses import SETTING, WANTED, allowed, count
from indexer.engine.opensearch.cluster import Cluster
from indexer.query import nodes

NODES = tuple(os.environ.get("HANSOU_CLUSTER", "").split(","))
needs_cluster = pytest.mark.skipif(NODES == ("",), reason="needs a cluster: `make cluster`")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Of each letter 500 words begin with it, so this asks for 13,000 terms in an order.
HOSTILE = nodes.Spaced("grams", tuple(nodes.Place(nodes.Pattern(f"{letter}*"), 1, 1) for letter in LETTERS))


def test_clauses_are_counted() -> None:
    """Leaves of all kinds, however they are nested; a scored filter is one more."""
    span = {"span_near": {"clauses": [{"span_term": {"a": "b"}}] * 3, "slop": 0}}
    scored = {"function_score": {"query": {"bool": {"should": [{"term": {"a": "b"}}] * 2}}, "min_score": 1}}
    assert count({"bool": {"filter": [span], "should": [scored]}}) == 6


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """An index with 13,000 Latin words, on the cluster."""
    path = tmp_path_factory.mktemp("clauses")
    words = [f"{one}{two}{three}" for two in LETTERS[:25] for three in LETTERS[:20] for one in LETTERS]
    rows = [{"id": f"{at}", "text": " ".join(words[at * 520 : at * 520 + 520])} for at in range(25)]
    (path / "docs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    prefix = f"hansou-test-clauses-{os.getpid()}"
    yield Config(
        index=IndexSettings(directory=path / "index"),
        sources=(SourceSettings(path=path / "docs.jsonl"),),
        engine=EngineSettings("opensearch", NODES, prefix, shards=1, replicas=0),
        search=SearchSettings(deadline_s=20.0),
    )
    Cluster(EngineSettings("opensearch", NODES)).ask("DELETE", f"/{prefix}*")


@needs_cluster
def test_a_hostile_query_is_answered(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """More patterns than fit stand for fewer terms, and the total says that it is a lower bound."""
    rebuild(config)
    assert allowed(Cluster(config.engine)) == WANTED
    snapshot = open_engine(config).open()
    found = snapshot.search(HOSTILE, limit=3, seconds=20)
    assert 0 < found.total < 25 and not found.exact
    assert all(account.parts for account in snapshot.explain(HOSTILE, found.documents))
    assert snapshot.search(nodes.Spaced("grams", HOSTILE.places[:9]), limit=3).exact
    monkeypatch.setattr("indexer.engine.opensearch.engine.allowed", lambda _: 12)
    with Searcher.open(config) as searcher, pytest.raises(QueryTooLong, match=SETTING):
        searcher.search("aaa bab cac dad eae faf gag hah iai jaj kak lal mam nan")
