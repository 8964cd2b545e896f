"""Is the server well? /healthz (the process), /readyz (the index), /metrics (both in numbers).

Invariant: /healthz touches no index; the metrics of one application are its own.
"""

from __future__ import annotations

import time

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from indexer import HansouError
from webapp.live import current_searcher

health = Blueprint("health", __name__)
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hansou_requests", "Requests answered", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "hansou_request_seconds", "Time to answer", ["endpoint"], buckets=BUCKETS, registry=self.registry
        )
        self.documents = Gauge("hansou_documents", "Documents in the live index", registry=self.registry)
        self.ready = Gauge("hansou_ready", "1 if the index can be searched", registry=self.registry)


def register(app: Flask) -> None:
    """Count and time every request of `app`."""
    metrics = Metrics()
    app.extensions["hansou-metrics"] = metrics

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        metrics.requests.labels(endpoint, response.status_code).inc()
        if "started" in g:
            metrics.seconds.labels(endpoint).observe(time.perf_counter() - g.started)
        return response


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The index can be searched; 503 as problem+json where it cannot."""
    return jsonify(status="ok", generation=current_searcher().generation)


@health.get("/metrics")
def numbers() -> ResponseReturnValue:
    """Prometheus' text format."""
    metrics: Metrics = current_app.extensions["hansou-metrics"]
    try:
        metrics.documents.set(current_searcher().stats()["documents"])
        metrics.ready.set(1)
    except HansouError:
        metrics.ready.set(0)
    return Response(
        generate_latest(metrics.registry), content_type="text/plain; version=0.0.4; charset=utf-8"
    )
