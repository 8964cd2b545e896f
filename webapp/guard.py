"""Who may ask, how much, and what may a browser do with the answer?

Invariant: every response, errors included, carries `HEADERS`; no view runs for a foreign Host or an
oversized request.
"""

from __future__ import annotations

import re

from flask import Flask, Response, request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge, RequestURITooLarge

from indexer import Config
from webapp.errors import UnknownHost

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Server": "hansou",
}
SCHEMES = frozenset({"http", "https"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[(?P<literal>[0-9a-f:.]+)\]|(?P<name>[\w.-]+))(?::(?P<port>[0-9]{0,5}))?")
MAX_PORT = 65535
MAX_BODY = 64 * 1024
MAX_PATH = 8 * 1024


def register(app: Flask, config: Config) -> None:
    """Guard every request of `app` as `config.server` says."""
    server = config.server
    hosts = LOOPBACK_NAMES | {server.host.lower()} | {host.lower() for host in server.allowed_hosts}

    @app.before_request
    def admit() -> None:
        # What the links of a page are made of; a proxy may have stated either.
        if host_name(request.headers.get("Host", "")) not in hosts or request.scheme not in SCHEMES:
            raise UnknownHost(
                "this server does not answer for this host; add its name to [server] allowed_hosts"
            )
        # To read a body in chunks until it is too long would hold a thread for as long as its client likes.
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired("A request body states its length.")
        if (request.content_length or 0) > MAX_BODY:
            raise RequestEntityTooLarge(f"A request body is at most {MAX_BODY} bytes.")
        if len(request.path) > MAX_PATH:
            raise RequestURITooLarge(f"A path is at most {MAX_PATH} characters.")

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return _allow_origin(response, server.cors_origins)


def host_name(header: str) -> str:
    """The host of a Host header without its port, in lower case; empty for one that is not well-formed.

    >>> host_name("LocalHost:8137"), host_name("[::1]:8137"), host_name("漢.example")
    ('localhost', '::1', '漢.example')
    >>> host_name('127.0.0.1:x"'), host_name("[::1]x"), host_name("localhost:70000")
    ('', '', '')
    """
    found = _HOST.fullmatch(header.strip().lower())
    if not found or int(found["port"] or 0) > MAX_PORT:
        return ""
    return found["literal"] or found["name"].rstrip(".")


def _allow_origin(response: Response, origins: tuple[str, ...]) -> Response:
    if not origins or not request.path.startswith("/api/"):
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin in origins or "*" in origins:
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
