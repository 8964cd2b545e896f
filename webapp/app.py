"""How is the web application put together? `create_app` makes it, `serve` runs it under waitress.

Invariant: everything an application needs is passed in or made here; nothing is read at import.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, g, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer import Config, Searcher
from webapp import addresses, errors, guard, health, language, live, present, searching
from webapp.api import api
from webapp.feeds import feeds
from webapp.pages import pages
from webapp.params import MAX_QUERY, MODES, SCRIPTS, SORTS

MAX_HEADER = 1 << 20
"""Bytes of a request's head: room to answer an overlong query in words rather than with a bare 431."""
YEAR_S = 365 * 24 * 3600


def create_app(config: Config, open_searcher: Callable[[Config], Searcher] = Searcher.open) -> Flask:
    """The application for a configuration; it opens the index when the first request needs it."""
    app = Flask("webapp", root_path=str(Path(__file__).parent))
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=YEAR_S, MAX_CONTENT_LENGTH=guard.MAX_BODY)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["hansou-config"] = config
    live.register(app, live.LiveIndex(config, open_searcher))
    searching.register(app, config)
    health.register(app)
    language.register(app)
    guard.register(app, config)
    errors.register(app)
    for blueprint in (pages, api, feeds, health.health):
        app.register_blueprint(blueprint)
    _fill_templates(app)
    if config.server.trusted_proxies:
        count = config.server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def serve(
    config: Config,
    host: str | None = None,
    port: int | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted; `ready` is told the address. Port 0 takes any free one."""
    settings = replace(
        config.server, host=host or config.server.host, port=config.server.port if port is None else port
    )
    server = make_server(replace(config, server=settings))
    try:
        if ready is not None:
            ready(f"http://{url_host(settings.host)}:{bound_port(server)}/")
        server.run()
    finally:
        server.close()


def make_server(config: Config) -> Any:
    """The application, warm, in a waitress server that is bound to its port but not yet running."""
    # A full queue is ordinary under load and waits its turn; waitress would log every instance.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = create_app(config)
    live.of(app).warm()
    return waitress.create_server(
        app,
        host=config.server.host,
        port=config.server.port,
        threads=config.server.threads,
        ident="hansou",
        max_request_header_size=MAX_HEADER,
        max_request_body_size=guard.MAX_BODY,
        # select() cannot watch a file descriptor beyond 1,023
        asyncore_use_poll=True,
        # ProxyFix reads them, and only when [server] trusted_proxies says how many to believe.
        clear_untrusted_proxy_headers=not config.server.trusted_proxies,
    )


def bound_port(server: Any) -> int:
    """The port a waitress server listens on, whether it has one socket or several."""
    listen: list[tuple[str, int]] = getattr(server, "effective_listen", [])
    return int(listen[0][1] if listen else getattr(server, "effective_port"))  # noqa: B009


def url_host(host: str) -> str:
    """A host as it is written in an address.

    >>> url_host("::1"), url_host("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host


def _fill_templates(app: Flask) -> None:
    app.jinja_env.filters |= {
        "with_marks": present.marked,
        "marked": lambda snippet: present.marked(snippet.text, snippet.marks),
        "grouped": lambda number: f"{number:,}",
        "link": present.web_address,
        "unquoted": present.unquoted,
        "shown_lang": present.shown_lang,
        "search_choice": addresses.search_choice,
        "script_choice": addresses.script_choice,
        "facet_links": addresses.facet_links,
    }
    app.jinja_env.globals |= {
        "document_url": addresses.document_url,
        "search_url": addresses.search_url,
        "language_url": addresses.language_url,
        "asset": lambda name: url_for("static", filename=name, v=_digest(app, name)),
        "languages": language.LANGUAGES,
        "limits": {"query": MAX_QUERY},
        "choices": {"sort": SORTS, "mode": MODES, "script": SCRIPTS},
    }

    @app.context_processor
    def request_values() -> dict[str, object]:
        return {"t": g.messages, "ui": g.messages.language, "chosen_language": g.chosen}


def _digest(app: Flask, name: str) -> str:
    digests: dict[str, str] = app.extensions.setdefault("hansou-assets", {})
    if name not in digests:
        content = (Path(app.static_folder or "") / name).read_bytes()
        digests[name] = hashlib.sha256(content).hexdigest()[:10]
    return digests[name]
