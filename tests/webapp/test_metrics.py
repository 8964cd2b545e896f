"""Numbers: of one application here, of all processes of a server in test_heartbeat.py."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from indexer import Config


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
    assert 'hansou_request_seconds_bucket{endpoint="pages.search",le="+Inf"} 2.0' in text
    assert "hansou_documents 3.0" in text and "secret-path" not in text
