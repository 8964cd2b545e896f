"""Probes and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer import Config, ConfigError, IndexCorrupt, IndexMissing, IndexOutdated
from webapp.health import Metrics


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
        (IndexOutdated("/srv/secret/index: other analysis"), "index-outdated", "other analysis settings"),
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


def test_metrics_count_requests(config: Config, make_app: Callable[[Config], Flask]) -> None:
    """Requests are counted by endpoint and status, never by anything a visitor types."""
    client = make_app(config).test_client()
    client.get("/search?q=園")
    client.get("/search?q=" + "x" * 300)
    client.get("/secret-path")
    text = client.get("/metrics").text
    assert 'hansou_requests_total{endpoint="pages.search",status="200"} 1.0' in text
    assert 'hansou_requests_total{endpoint="pages.search",status="400"} 1.0' in text
    assert 'hansou_requests_total{endpoint="none",status="404"} 1.0' in text
    assert "hansou_documents 3.0" in text and "secret-path" not in text


def test_metrics_of_all_processes() -> None:
    """Every process counts for itself, and each tells what all of them have counted."""
    metrics = Metrics(["pages.home", "pages.search"], 2)
    metrics.count("pages.home", 200, 0.004)
    metrics.process = 1
    metrics.count("pages.home", 200, 0.02)
    metrics.count("gone", 404, 3.0)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for metric in metrics.collect_requests()
        for sample in metric.samples
    }
    assert found["hansou_requests_total", "pages.home", "200"] == 2
    assert found["hansou_requests_total", "none", "404"] == 1
    assert found["hansou_request_seconds_sum", "pages.home"] == pytest.approx(0.024)
    bucket = "hansou_request_seconds_bucket"
    assert [found[bucket, "pages.home", le] for le in ("0.0025", "0.005", "0.025", "+Inf")] == [0, 1, 2, 2]
    assert (found[bucket, "none", "2.5"], found[bucket, "none", "+Inf"]) == (0, 1)
    assert not any("pages.search" in key for key in found)
