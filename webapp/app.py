"""How is the web application put together?

Invariant: everything an application needs is passed in or made here; nothing is read at import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer import Config, Searcher
from webapp import (
    access,
    addresses,
    compression,
    errors,
    guard,
    language,
    live,
    originals,
    present,
    searching,
)
from webapp.api import api
from webapp.browsing import browse
from webapp.calling import PlainCalls
from webapp.feeds import feeds
from webapp.health import health
from webapp.mounting import Mounted
from webapp.pages import pages
from webapp.params import MAX_QUERY, MAX_TEXT, MODES, SCRIPTS, SORTS
from webapp.reasons import reason_in
from webapp.taking import taking

YEAR_S = 365 * 24 * 3600


def _open(config: Config) -> Searcher:
    return Searcher.open(config, fall_back=True)


def create_app(config: Config, open_searcher: Callable[[Config], Searcher] = _open) -> Flask:
    """The application for a configuration; it opens the index when the first request needs it."""
    # Late, for prometheus-client decides at its import whether processes count together (`webapp.serve`).
    from webapp import metrics

    app = Flask("webapp", root_path=str(Path(__file__).parent))
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=YEAR_S, MAX_CONTENT_LENGTH=guard.MAX_BODY)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["hansou-config"] = config
    compression.register(app)
    for blueprint in (pages, browse, originals.originals, api, taking, feeds, health):
        app.register_blueprint(blueprint)
    live.register(app, live.LiveIndex(config, open_searcher))
    metrics.register(app)
    searching.register(app, config)
    language.register(app)
    guard.register(app, config)
    access.register(app, config)
    errors.register(app)
    _fill_templates(app, config)
    _stand_behind_proxies(app, config.server.prefix, config.server.trusted_proxies)
    return app


def _stand_behind_proxies(app: Flask, prefix: str, trusted: int) -> None:
    routes = app.url_map.bind("localhost")
    application = Mounted(app.wsgi_app, prefix, lambda path: routes.test(path, "GET"))
    app.wsgi_app = application  # type: ignore[method-assign]
    if trusted:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            application, x_for=trusted, x_proto=trusted, x_host=trusted, x_prefix=trusted
        )


def _fill_templates(app: Flask, config: Config) -> None:
    app.jinja_env.context_class = PlainCalls
    app.jinja_env.filters |= {
        "with_marks": present.marked,
        "marked": present.marked_snippet,
        "marked_with_gaps": present.marked_with_gaps,
        "grouped": lambda number: f"{number:,}",
        "link": present.web_address,
        "unquoted": present.unquoted,
        "shown_lang": present.shown_lang,
        "search_choices": addresses.search_choices,
        "script_choices": addresses.script_choices,
    }
    app.jinja_env.globals |= {
        "document_url": addresses.document_url,
        "download_url": originals.download_url,
        "page_url": originals.page_url,
        "hit_url": addresses.hit_url,
        "portion_url": addresses.portion_url,
        "search_url": addresses.search_url,
        "here_in": addresses.here_in,
        "address": addresses.address,
        "asset": lambda name: f"{request.script_root}{app.static_url_path}/{name}?v={_digest(app, name)}",
        "languages": language.LANGUAGES,
        "reason_in": reason_in,
        "Pagination": present.Pagination,
        # A browser would cut a longer query without a word: it is sent whole, and refused in words.
        "limits": {"query": MAX_QUERY, "typed": MAX_TEXT},
        "choices": {"sort": SORTS, "mode": MODES, "script": SCRIPTS},
    }

    @app.context_processor
    def request_values() -> dict[str, object]:
        return {
            "t": g.messages,
            "ui": g.messages.language,
            "chosen_language": g.chosen,
            "today": datetime.now(UTC).date().isoformat(),
            "collections": live.collections,
            "site": config.site,
        }


def _digest(app: Flask, name: str) -> str:
    digests: dict[str, str] = app.extensions.setdefault("hansou-assets", {})
    if name not in digests:
        content = (Path(app.static_folder or "") / name).read_bytes()
        digests[name] = hashlib.sha256(content).hexdigest()[:10]
    return digests[name]
