"""What does the server do, in numbers? /metrics, as Prometheus reads it.

Invariant: nothing here comes from what visitors type. The numbers of an application are its own; where
PROMETHEUS_MULTIPROC_DIR is set when this module is imported, those of all processes that share it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from indexer import HansouError
from webapp.health import stale_code
from webapp.live import current_searcher

metrics = Blueprint("metrics", __name__)
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
NONE = "none"
"""The endpoint of requests for which there is none."""
_REGISTRY = "hansou-metrics"


class IndexNumbers(Collector):
    """The numbers of the live index, looked up within a request."""

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        try:
            searcher = current_searcher()
            documents, ready = searcher.stats()["documents"], 1
            answering = {"generation": searcher.generation, "state": searcher.state}
            yield InfoMetricFamily("hansou_index", "What searches are answered from", answering)
        except HansouError:
            documents, ready = 0, 0
        yield GaugeMetricFamily("hansou_documents", "Documents in the live index", documents)
        yield GaugeMetricFamily("hansou_ready", "1 if the index can be searched", ready)
        stale = int(stale_code() is not None)
        yield GaugeMetricFamily("hansou_stale", "1 if a change of index or synonyms cannot be used", stale)


def register(app: Flask) -> None:
    """Count and time every request of `app`."""
    registry = app.extensions[_REGISTRY] = CollectorRegistry()
    requests = Counter("hansou_requests", "Requests answered", ["endpoint", "status"], registry=registry)
    seconds = Histogram(
        "hansou_request_seconds", "Time to answer", ["endpoint"], buckets=BUCKETS, registry=registry
    )
    app.register_blueprint(metrics)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        endpoint = request.endpoint or NONE
        requests.labels(endpoint, response.status_code).inc()
        seconds.labels(endpoint).observe(time.perf_counter() - g.started if "started" in g else 0.0)
        return response


@metrics.get("/metrics")
def numbers() -> ResponseReturnValue:
    """Prometheus' text format."""
    registry: CollectorRegistry = current_app.extensions[_REGISTRY]
    together = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(together)
    else:
        together.register(registry)
    together.register(IndexNumbers())
    return Response(generate_latest(together), content_type="text/plain; version=0.0.4; charset=utf-8")
