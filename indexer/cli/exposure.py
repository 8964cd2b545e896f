"""What does a server show to whoever can reach it? Said when it listens to more than this machine."""

from __future__ import annotations

import ipaddress

from indexer.config import ALL, Config
from indexer.engine import open_engine
from indexer.errors import IndexUnusable


def exposure(config: Config, host: str | None = None) -> str | None:
    """What everybody may read; None where access is limited, or where only this machine can ask."""
    settings = config.access
    if settings.is_on or is_own(host or config.server.host):
        return None
    what = [
        f"all {_documents(config)} documents" if config.seen is ALL else f"{_documents(config)} documents"
    ]
    what += ["their originals"] if config.server.originals else []
    what += [f"/{door}" for door in ("status", "metrics") if getattr(settings, door) == "open"]
    where = host or config.server.host
    return (
        f"public: whoever reaches {where} may read {', '.join(what)}; [access] limits that (docs/access.md)"
    )


def is_own(host: str) -> bool:
    """Whether an address is reached from this machine alone; of a name nobody knows, unless it is localhost.

    >>> is_own("127.0.0.1"), is_own("::1"), is_own("localhost"), is_own("0.0.0.0"), is_own("archive.example")
    (True, True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _documents(config: Config) -> str:
    try:
        return f"{open_engine(config).documents():,}"
    except IndexUnusable:
        return "0"
