"""Who asks, and may they? The name that a trusted proxy passes, or the token of a program.

Invariant: unless `[access]` is off, no view but those of `OPEN` runs before it is known what its visitor sees
nor for who sees nothing; whatever depends on who asks says so to caches.
"""

from __future__ import annotations

from flask import Flask, Response, abort, g, request

from indexer import Access, Config, Visitor
from webapp import live
from webapp.errors import InvalidToken, NotSignedIn, OutOfBounds

OPEN = frozenset(
    {"static", "health.healthz", "health.readyz", "api.openapi", "feeds.opensearch", "feeds.robots"}
)
"""Endpoints whose answers are the same for all, and say nothing of any document."""
DOORS = {"pages.status": "status", "metrics.numbers": "metrics"}
"""Endpoints that can be closed, with the key of `[access]` that says so."""
_SCHEME, _PREFIX = "bearer", "hansou_"


def register(app: Flask, config: Config) -> None:
    """Let every request of `app` see what its visitor may see, as `config.access` says."""
    access = Access(config.access)

    @app.before_request
    def admit() -> None:
        if request.endpoint in OPEN:
            return
        reader = _reader(access) if access.is_on else Visitor()
        seen = g.seen = access.seen_by(reader)
        door = DOORS.get(request.endpoint or "", "")
        opening = getattr(config.access, door) if door else "open"
        if opening == "closed":
            abort(404)
        if seen is not None and (not seen or opening == "all"):
            raise (
                OutOfBounds("this may not be read here")
                if reader.is_known
                else NotSignedIn("who asks is not known here; sign in, or send a token")
            )

    @app.after_request
    def tell_caches(response: Response) -> Response:
        if access.is_on and request.endpoint not in OPEN:
            response.vary.update(["Authorization", *config.access.headers])
            response.cache_control.private = True
            response.cache_control.no_cache = True
        return response

    live.of(app).seen_by_all = access.of_everybody


def _reader(access: Access) -> Visitor:
    """Who sends this request. Raises `InvalidToken` for what looks like a token of ours and is none."""
    name, groups = _stated(access)
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    # What else a proxy passes on in this header is between it and its visitors.
    if scheme.lower() != _SCHEME or not (secret.startswith(_PREFIX) or not (name or groups)):
        return Visitor(name, groups)
    token = access.token(secret)
    if token is None:
        raise InvalidToken("this token is none, or not any more")
    return Visitor(token=token)


def _stated(access: Access) -> tuple[str | None, tuple[str, ...]]:
    """The name and the groups that a proxy states; of anybody else nothing is believed."""
    original = request.environ.get("werkzeug.proxy_fix.orig", {})
    peer = original.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR", "")
    if not access.is_proxy(peer):
        return None, ()
    name, groups = (
        request.headers.get(header, "").strip() if header else ""
        for header in (access.settings.name_header, access.settings.groups_header)
    )
    return name or None, tuple(filter(None, map(str.strip, groups.split(","))))
