"""Is the server well? /healthz (the process), /readyz (the index), /metrics (both in numbers).

Invariant: /healthz touches no index; the metrics of one application are its own,
those of all its processes together.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import accumulate
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

from indexer import HansouError
from webapp import live
from webapp.errors import code_of
from webapp.language import messages
from webapp.live import current_searcher
from webapp.shared import shared_floats

health = Blueprint("health", __name__)
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, float("inf"))
STATUSES = tuple(map(int, HTTPStatus))
NONE = "none"
"""The endpoint of requests for which there is none."""
_STATUS_AT = {status: at for at, status in enumerate(STATUSES)}
_SUM_AT = len(STATUSES)
_BUCKETS_AT = _SUM_AT + 1
_WIDTH = _BUCKETS_AT + len(BUCKETS)


class Metrics:
    """The numbers of one application, all its processes together.

    Each process counts in a table of its own, and `collect` adds up the tables of all. A table has a row
    for each endpoint: requests by status, seconds in all, requests by time. A process that takes the
    place of another goes on in its table, so that no number ever falls.
    """

    def __init__(self, endpoints: Iterable[str], processes: int) -> None:
        self.process = 0
        self._rows = {endpoint: row for row, endpoint in enumerate((NONE, *endpoints))}
        self._processes = processes
        self._numbers = shared_floats(processes * len(self._rows) * _WIDTH)
        self._lock = Lock()

    def count(self, endpoint: str, status: int, seconds: float) -> None:
        """One request answered."""
        start = self._start(self.process, self._rows.get(endpoint, 0))
        bucket = next(at for at, bound in enumerate(BUCKETS) if seconds <= bound)
        with self._lock:
            self._numbers[start + _STATUS_AT[status]] += 1
            self._numbers[start + _SUM_AT] += seconds
            self._numbers[start + _BUCKETS_AT + bucket] += 1

    def _start(self, process: int, row: int) -> int:
        return (process * len(self._rows) + row) * _WIDTH

    def _totals(self, row: int) -> list[float]:
        starts = [self._start(process, row) for process in range(self._processes)]
        return [sum(self._numbers[start + at] for start in starts) for at in range(_WIDTH)]

    def collect(self) -> Iterator[Metric]:
        """All numbers as Prometheus knows them; within a request, since the index has numbers too."""
        yield from self.collect_requests()
        yield from _index_numbers()

    def collect_requests(self) -> Iterator[Metric]:
        """The numbers of requests."""
        requests = CounterMetricFamily("hansou_requests", "Requests answered", labels=["endpoint", "status"])
        seconds = HistogramMetricFamily("hansou_request_seconds", "Time to answer", labels=["endpoint"])
        for endpoint, row in self._rows.items():
            totals = self._totals(row)
            for status, number in zip(STATUSES, totals, strict=False):
                if number:
                    requests.add_metric([endpoint, str(status)], number)
            if any(totals):
                below = accumulate(totals[_BUCKETS_AT:])
                bounds = ("+Inf" if bound == float("inf") else str(bound) for bound in BUCKETS)
                seconds.add_metric([endpoint], list(zip(bounds, below, strict=True)), totals[_SUM_AT])
        yield from (requests, seconds)


def _index_numbers() -> Iterator[Metric]:
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


def register(app: Flask, processes: int) -> None:
    """Count and time every request of `app`, whose routes are known, in up to `processes` processes."""
    metrics = Metrics(app.view_functions, processes)
    app.extensions["hansou-metrics"] = metrics

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        elapsed = time.perf_counter() - g.started if "started" in g else 0.0
        metrics.count(request.endpoint or NONE, response.status_code, elapsed)
        return response


def of(app: Flask) -> Metrics:
    """The numbers of an application."""
    metrics: Metrics = app.extensions["hansou-metrics"]
    return metrics


def stale_code() -> str | None:
    """The code of what keeps the newest index or synonyms from being taken over; None for nothing."""
    error = live.of(current_app).stale
    return code_of(error)[1] if error else None


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The index can be searched; 503 as problem+json where it cannot.

    `stale` is there where a changed index or changed synonyms cannot be used and the ones before answer.
    """
    searcher = current_searcher()
    body = {"status": "ok", "generation": searcher.generation, "state": searcher.state}
    if code := stale_code():
        return jsonify(body | {"stale": {"code": code, "detail": messages("en")(f"stale.{code}")}})
    return jsonify(body)


@health.get("/metrics")
def numbers() -> ResponseReturnValue:
    """Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(of(current_app))
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")
