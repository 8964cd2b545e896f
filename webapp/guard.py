"""Who may ask, how much, and what may a browser do with the answer?

Invariant: every response, errors included, carries `HEADERS`; no view runs for a foreign Host, an
oversized request or a client over its rate.
"""

from __future__ import annotations

import math
import time
from ipaddress import ip_address
from threading import Lock

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge

from indexer import Config
from webapp.errors import RateLimited, UnknownHost
from webapp.shared import shared_floats, shared_integers

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
UNCOUNTED = frozenset({"static", "health.healthz", "health.readyz"})
"""What the rate limit leaves alone: the parts of a page already counted, and probes."""
MAX_BODY = 64 * 1024
MAX_PATH = 8 * 1024
MAX_CLIENTS = 10_000
WAYS = 8
"""How many places the rate limit's table of `MAX_CLIENTS` has for one address."""


def register(app: Flask, config: Config) -> None:
    """Guard every request of `app` as `config.server` says."""
    server = config.server
    hosts = LOOPBACK_NAMES | {server.host.lower()} | {host.lower() for host in server.allowed_hosts}
    limiter = RateLimiter(server.rate_limit_per_minute)

    @app.before_request
    def admit() -> None:
        if host_name(request.headers.get("Host", "")) not in hosts:
            raise UnknownHost(
                "this server does not answer for this host; add its name to [server] allowed_hosts"
            )
        if (request.content_length or 0) > MAX_BODY:
            raise RequestEntityTooLarge(f"A request body is at most {MAX_BODY} bytes.")
        if len(request.path) > MAX_PATH:
            raise RequestURITooLarge(f"A path is at most {MAX_PATH} characters.")
        if request.endpoint not in UNCOUNTED:
            limiter.admit(request.remote_addr or "", time.monotonic())

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return _allow_origin(response, server.cors_origins)


def host_name(header: str) -> str:
    """The host of a Host header without its port, in lower case.

    >>> host_name("LocalHost:8137"), host_name("[::1]:8137"), host_name("漢.example")
    ('localhost', '::1', '漢.example')
    """
    host = header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _allow_origin(response: Response, origins: tuple[str, ...]) -> Response:
    if not origins or not request.path.startswith("/api/"):
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin in origins or "*" in origins:
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


class RateLimiter:
    """A token bucket per client address: `per_minute` requests, all of which may come at once.

    0 switches it off; a client on this machine is never limited. The buckets are one table for all
    processes. It has `WAYS` places for an address to be in; where all are taken, the bucket that is
    closest to full, which says least, is given up.
    """

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._burst = float(per_minute)
        self._clients = shared_integers(MAX_CLIENTS)
        self._tokens = shared_floats(MAX_CLIENTS)
        self._since = shared_floats(MAX_CLIENTS)
        # Two processes may still write at the same instant: then one request goes uncounted.
        self._lock = Lock()

    def admit(self, client: str, now: float) -> None:
        """Take one token of `client` at `now` (seconds); raises `RateLimited` where there is none."""
        if not self._rate or is_loopback(client):
            return
        with self._lock:
            place = self._place(hash(client), now)
            tokens = self._level(place, now)
            if tokens < 1:
                raise RateLimited(math.ceil((1 - tokens) / self._rate))
            self._tokens[place], self._since[place] = tokens - 1, now

    def _level(self, place: int, now: float) -> float:
        return min(self._burst, self._tokens[place] + (now - self._since[place]) * self._rate)

    def _place(self, client: int, now: float) -> int:
        first = client % (MAX_CLIENTS // WAYS) * WAYS
        places = range(first, first + WAYS)
        for place in places:
            if self._clients[place] == client:
                return place
        place = max(places, key=lambda place: (not self._clients[place], self._level(place, now)))
        self._clients[place], self._tokens[place], self._since[place] = client, self._burst, now
        return place


def is_loopback(client: str) -> bool:
    """Whether an address is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("192.0.2.7"), is_loopback("")
    (True, True, False, False)
    """
    try:
        return ip_address(client).is_loopback
    except ValueError:
        return False
