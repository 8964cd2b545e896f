"""How is a cluster asked? One request at a time, again after a failure that may pass, within a deadline.

**What can be sent twice is sent again; what comes back is an answer or an error of ours.** Every request
here is one that may be repeated: names and ids are chosen by who asks.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionError,
    ConnectionTimeout,
    SSLError,
    TransportError,
)

from indexer.config import EngineSettings
from indexer.errors import ConfigError, DeadlineExceeded, HansouError, IndexUnreachable

SECONDS = 30.0
"""How long a request is tried again that has no deadline of its own."""
# A busy node answers 429, a dying one 500, which may be a fault of the request: that is tried less often.
_PASSING, _DOUBTFUL, _DOUBTS = (429, 502, 503, 504), 500, 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
# A node that was lost is tried again after so many seconds, at most four times as many.
_DEAD_S = 2
_CONNECTIONS = 16
# What is refused because disks are full: documents, then new indices.
_FULL = "flood-stage", "create-index blocked"
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_MISTRUST = "nobody vouches for its certificate; see [engine] ca, and name hosts as the certificate does"
_LOGIN = AuthenticationException, AuthorizationException
_LATE = "the query took too long; make it narrower"

Body = Mapping[str, Any] | bytes | None
Answer = dict[str, Any]


class Cluster:
    """The nodes of one cluster. May be shared between threads."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._transport = _connected(settings).transport

    @property
    def where(self) -> str:
        """The nodes, as people are told of them."""
        return ", ".join(self._settings.hosts)

    def ask(
        self,
        method: str,
        path: str,
        body: Body = None,
        *,
        parameters: Mapping[str, str | int] | None = None,
        seconds: float = SECONDS,
        late: bool = False,
        accept: Collection[int] = (404,),
    ) -> Answer:
        """The answer of the cluster; one that refuses in a way that is to be accepted has its `status`.

        Raises `IndexUnreachable` after `seconds` without one, or where it came to time and `late` says that
        the request may be what takes it, `DeadlineExceeded`; `ConfigError` for a login that is refused
        or a certificate that nobody vouches for, and `HansouError` for a request that is refused.
        """
        deadline, pause, doubts = time.monotonic() + seconds, _FIRST_PAUSE, 0
        while True:
            left = deadline - time.monotonic()
            try:
                return self._asked(method, path, body, parameters, max(left, 0.01), accept)
            except TransportError as error:
                if isinstance(error, _LOGIN) and not _is_full(error):
                    raise ConfigError(
                        f"{self.where}: refuses the login ({_reason(error)}); see [engine] user and password"
                    ) from error
                if isinstance(error, SSLError) and _UNTRUSTED in str(error):
                    raise ConfigError(f"{self.where}: {_MISTRUST} ({_reason(error)})") from error
                doubts += error.status_code == _DOUBTFUL
                if late and (isinstance(error, ConnectionTimeout) or _is_late(error)):
                    raise DeadlineExceeded(_LATE) from error
                passing = _may_pass(error, doubts)
                if not passing and error.status_code != _DOUBTFUL:
                    raise HansouError(f"{self.where}: {method} {path}: {_reason(error)}") from error
                if not passing or time.monotonic() + pause > deadline:
                    raise IndexUnreachable(f"{self.where}: {_trouble(error)}") from error
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _asked(
        self,
        method: str,
        path: str,
        body: Body,
        parameters: Mapping[str, str | int] | None,
        seconds: float,
        accept: Collection[int],
    ) -> Answer:
        lines = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        found = self._transport.perform_request(
            method,
            path,
            params=dict(parameters or {}),
            body=body,
            timeout=seconds,
            ignore=accept,
            headers=lines,
        )
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()


def _connected(settings: EngineSettings) -> OpenSearch:
    password = settings.password
    if settings.password_file is not None:
        try:
            password = settings.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{settings.password_file}: cannot be read: {error}") from error
    options: dict[str, Any] = {}
    if settings.user:
        # The client writes a login in Latin-1; clusters read UTF-8.
        options["http_auth"] = tuple(each.encode().decode("latin-1") for each in (settings.user, password))
    if settings.ca is not None:
        options["ca_certs"] = str(settings.ca)
    try:
        return OpenSearch(
            list(settings.hosts),
            max_retries=0,  # again is asked here, with pauses and a deadline
            retry_on_status=(502, 503, 504),  # another node is asked then
            retry_on_timeout=True,
            dead_timeout=_DEAD_S,
            timeout_cutoff=2,
            pool_maxsize=_CONNECTIONS,
            **options,
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"[engine] hosts, ca: {error}") from error


def _may_pass(error: TransportError, doubts: int) -> bool:
    if isinstance(error, ConnectionError):
        return True
    return (
        error.status_code in _PASSING
        or _is_full(error)
        or (error.status_code == _DOUBTFUL and doubts <= _DOUBTS)
    )


def _is_late(error: TransportError) -> bool:
    """Whether the cluster stopped a search because its time was over."""
    said = str(error.info) if not isinstance(error, ConnectionError) else ""
    return "Time exceeded" in said or "task_cancelled" in said or "timed out" in said


def _is_full(error: TransportError) -> bool:
    """Whether there is no room: somebody may make some."""
    return any(sign in _reason(error) for sign in _FULL)


def _trouble(error: TransportError) -> str:
    """What is wrong with a cluster that was asked again and again."""
    if isinstance(error, ConnectionError):
        return f"the cluster does not answer ({_reason(error)}); is it running?"
    if _is_full(error):
        return f"a disk of the cluster is full, and it takes no documents ({_reason(error)}); make room"
    return f"the cluster cannot answer now ({_reason(error)})"


def _reason(error: TransportError) -> str:
    """What went wrong, as the cluster says it: the innermost cause, which is the telling one."""
    told: Any = error.info
    if isinstance(error, ConnectionError) or not isinstance(told, dict):
        return str(error.error)
    cause = told.get("error", told)
    while isinstance(cause, dict):
        causes = cause.get("root_cause") or [shard.get("reason") for shard in cause.get("failed_shards", ())]
        inner = cause.get("caused_by") or (causes[0] if causes and causes[0] is not cause else None)
        if not inner or inner == cause:
            return str(cause.get("reason") or f"status {error.status_code}")
        cause = {key: value for key, value in inner.items() if key != "root_cause"}
    return str(cause)
