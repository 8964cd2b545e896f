"""Values are all counted, however many there are and however few a request may ask for. Needs a cluster."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from indexer import Config, rebuild
from indexer.config import EngineSettings, IndexSettings, SourceSettings
from indexer.engine import open_engine
from indexer.engine.opensearch import counting
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.counting import Count, together
from indexer.query import nodes

NODES = tuple(os.environ.get("HANSOU_CLUSTER", "").split(","))
COUNT = 300


def test_counts_that_fit_together_are_asked_for_together() -> None:
    """As many as there is room for; what has no value is not asked for."""
    counts = [Count("a", "a", 40_000), Count("b", "b", 30_000), Count("c", "c", 0), Count("d", "d", 90_000)]
    first, others = together(counts)
    assert [each.name for each in first] == ["b"] and [each.name for each in others] == ["a", "d"]
    assert [each.parts for each in others] == [1, 2]


@pytest.mark.skipif(NODES == ("",), reason="needs a cluster: `make cluster`")
def test_all_values_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """300 sources, of which a request may ask for 40; copies of two and volumes likewise."""
    texts = [f"天地玄黃{chr(0x4E00 + number)}宇宙洪荒{chr(0x5000 + number)}" * 9 for number in range(COUNT)]
    rows = [
        {"id": f"{at}-{number}", "text": text, "source": f"{number}"}
        for number, text in enumerate(texts)
        for at in (0, 1)
    ]
    (tmp_path / "docs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    prefix = f"hansou-test-counting-{os.getpid()}"
    config = Config(
        index=IndexSettings(directory=tmp_path / "index"),
        sources=(SourceSettings(path=tmp_path / "docs.jsonl"),),
        engine=EngineSettings("opensearch", NODES, prefix, shards=2, replicas=0),
    )
    rebuild(config)
    monkeypatch.setattr(counting, "BUCKETS", 40)
    monkeypatch.setattr(counting, "_PART", 20)
    snapshot = open_engine(config).open()
    found = snapshot.search(nodes.Everything(), limit=0, sort="id", facets=("source", "lang"), copies=True)
    assert found.facets["source"] == {f"{number}": 2 for number in range(COUNT)}
    assert sum(found.facets["lang"].values()) == 2 * COUNT
    assert len(found.copies) == COUNT and {*found.copies.values()} == {2}
    assert len(snapshot.volumes("source")) == len(snapshot.values("source")) == COUNT
    Cluster(config.engine).ask("DELETE", f"/{prefix}*")
