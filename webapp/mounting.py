"""Under which path do the pages stand? The prefix that `[server] prefix` or a proxy says.

Invariant: whatever is behind this sees paths without the prefix, and every address that it makes begins with
it; a prefix that no address can begin with is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# No dots at the beginning: browsers take those for steps up. One slash: two begin the name of a host.
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


class Mounted:
    """A WSGI application under a prefix, whether a proxy in front leaves that in the path or takes it away.

    A prefix is in SCRIPT_NAME where a trusted proxy has said one, else it is the configured `prefix`.
    `is_own` says whether a path without prefix is one of the application: `/search` under the prefix
    `/search` is the page of results, for a proxy that takes the prefix away.
    """

    def __init__(self, app: WSGIApplication, prefix: str, is_own: Callable[[str], bool]) -> None:
        self._app, self._prefix, self._is_own = app, prefix.rstrip("/"), is_own

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        stated = environ.get("SCRIPT_NAME", "").rstrip("/")
        is_stated = _PREFIX.fullmatch(stated) is not None
        prefix = stated if is_stated else self._prefix
        environ["SCRIPT_NAME"] = prefix
        path = environ.get("PATH_INFO", "")
        # Who states a prefix has taken it away, as a rule; who configures one has not.
        if prefix and self._is_below(path, prefix) and not (is_stated and self._is_own(path)):
            environ["PATH_INFO"] = path[len(prefix) :]
        return self._app(environ, start_response)

    def _is_below(self, path: str, prefix: str) -> bool:
        return path.startswith(f"{prefix}/") or (path == prefix and not self._is_own(path))
