"""In a large index common terms are scored for the best matches alone; what matches is the same."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import Config, Searcher, rebuild
from indexer.config import EngineSettings, IndexSettings, SourceSettings
from indexer.engine.opensearch import common_terms
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.common_terms import common_apart
from indexer.query.nodes import AnyOf, Bag, Enough, Everything, Maybe, Node, Sequence, Term, Without

NODES = tuple(os.environ.get("HANSOU_CLUSTER", "").split(","))
ENOUGH = Enough("grams", {"天地": 1.0}, 0.2, {})
PHRASE = Sequence("grams", ("天地", "地玄"))


def common(term: Term) -> bool:
    """Characters are, and pairs are not."""
    return len(term.text) == 1


def test_common_terms_are_scored_again() -> None:
    """Those that only add to a score, wherever they stand among the others."""
    more = AnyOf((Bag("grams", {"天地": 2.0, "天": 0.5}), PHRASE, Term("words", "地")))
    rare = AnyOf((Term("grams", "天地", 2.0), PHRASE))
    again = AnyOf((Term("grams", "天", 0.5), Term("words", "地")))
    assert common_apart(Maybe(ENOUGH, more), common) == (Maybe(ENOUGH, rare), again)
    unwanted = Term("grams", "洪")
    query = Without(Maybe(ENOUGH, more), unwanted)
    assert common_apart(query, common) == (Without(Maybe(ENOUGH, rare), unwanted), again)


@pytest.mark.parametrize(
    "query",
    [
        Everything(),
        Term("grams", "天"),
        AnyOf((Term("grams", "天"), Term("grams", "天地"))),
        Maybe(ENOUGH, AnyOf((Term("grams", "天"), Term("grams", "地")))),
        Maybe(ENOUGH, AnyOf((Term("grams", "天地"), PHRASE))),
        Without(Maybe(ENOUGH, AnyOf((Term("grams", "天"),))), Term("grams", "洪")),
    ],
)
def test_what_decides_what_matches_is_scored_at_once(query: Node) -> None:
    """And so is what is all common, or all rare: nothing would be gained."""
    assert common_apart(query, common) == (query, None)


@pytest.mark.skipif(NODES == ("",), reason="needs a cluster: `make cluster`")
def test_pages_are_as_if_all_were_scored_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the window holds all that match; with a smaller one what matches is the same, and in order."""
    chance = random.Random(4)
    letters = "天地玄黃宇宙洪荒日月盈昃辰宿列張"
    texts = ["".join(chance.choices(letters, k=chance.randint(5, 40))) for _ in range(400)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    prefix = f"hansou-test-common-{os.getpid()}"
    config = Config(
        index=IndexSettings(directory=tmp_path / "index"),
        sources=(SourceSettings(path=tmp_path, include=("*.txt",)),),
        engine=EngineSettings("opensearch", NODES, prefix, shards=2, replicas=0),
    )
    rebuild(config)
    last = replace(config, engine=replace(config.engine, exact_up_to=0))
    queries = ["".join(chance.choices(letters, k=length)) for length in (2, 3, 5, 8) for _ in range(5)]
    queries += [f"{query} -{letters[0:2]}" for query in queries[:5]]
    with Searcher.open(config) as one, Searcher.open(last) as two:
        for query in queries:
            assert _told(one, query, 50) == _told(two, query, 50)
        monkeypatch.setattr(common_terms, "WINDOW", 20)
        monkeypatch.setattr("indexer.engine.opensearch.snapshot.WINDOW", 400)
        for query in queries:
            (*_, counts), (*_, known) = _told(one, query, 12), _told(two, query, 12)
            assert counts == known
            scores = [score for _, score in _told(two, query, 12)[0]]
            assert scores == sorted(scores, reverse=True)
    Cluster(config.engine).ask("DELETE", f"/{prefix}*")


def _told(searcher: Searcher, query: str, size: int) -> tuple[list[tuple[str, float]], object]:
    page = searcher.search(query, size=size, collapse=False)
    hits = [(hit.id, round(hit.score, 4)) for hit in page.hits]
    return hits, (page.total, page.distinct, page.facets)
