"""Probes."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import ConfigError, IndexCorrupt, IndexMissing, IndexOutdated, IndexUnreachable


def test_ready_with_an_index(client: FlaskClient) -> None:
    """With an index both probes are fine, and /readyz names the generation."""
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "generation": "g1", "state": "g1 "}


def test_alive_but_not_ready_without_one(unbuilt: FlaskClient) -> None:
    """Before the first build the process lives and is not ready; the metrics say so."""
    assert unbuilt.get("/healthz").status_code == 200
    assert unbuilt.get("/readyz").status_code == 503
    assert "hansou_ready 0.0" in unbuilt.get("/metrics").text


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (ConfigError("/srv/secret/synonyms.txt:7: a group needs two words"), "bad-configuration", "synonyms"),
        (IndexCorrupt("/srv/secret/index/generations/g2: damaged"), "index-corrupt", "damaged"),
        (IndexMissing("/srv/secret/index: there is no index yet"), "index-missing", "no index"),
        (IndexOutdated("/srv/secret/index: other analysis"), "index-outdated", "another release"),
        (MemoryError("/srv/secret"), "internal-error", "could not be taken over"),
    ],
)
def test_what_cannot_be_taken_over_is_said(
    client: FlaskClient, searcher: Any, failure: Exception, code: str, said: str
) -> None:
    """The old state answers everything; the probe, the metrics and /status say what is wrong, no path."""
    before = client.get("/status").headers["ETag"]
    assert "hansou_stale 0.0" in client.get("/metrics").text
    searcher.unusable = failure
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json and ready.json["status"] == "ok"
    assert ready.json["stale"]["code"] == code and said in ready.json["stale"]["detail"]
    assert "hansou_stale 1.0" in client.get("/metrics").text
    page = client.get("/status?hl=en", headers={"If-None-Match": before})
    assert page.status_code == 200 and ready.json["stale"]["detail"] in page.text
    for language, word in (("zh-Hans", "原来的"), ("zh-Hant", "原來的")):
        assert word in client.get(f"/status?hl={language}").text
    for path in ("/", "/search?q=園", "/document/b", "/status", "/readyz", "/metrics", "/api/v1/search?q=園"):
        response = client.get(path)
        assert response.status_code == 200 and "secret" not in response.text


def test_metrics_name_the_state(client: FlaskClient) -> None:
    """Whoever watches several processes or servers sees which of them answer alike."""
    assert 'hansou_index_info{generation="g1",state="g1 "} 1.0' in client.get("/metrics").text


def test_not_ready_without_the_cluster(client: FlaskClient, searcher: Any) -> None:
    """Where the index is on a cluster that does not answer, no search would be: others are to be asked."""
    searcher.unusable = IndexUnreachable("http://secret:9200: no answer")
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json and ready.json["code"] == "cluster-unreachable"
    assert client.get("/healthz").status_code == 200
