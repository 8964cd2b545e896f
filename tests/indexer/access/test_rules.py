"""What a reader sees is what something permits, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.access import Access, AccessToken, Visitor
from indexer.config import AccessSettings, Seen

RULES: dict[str, Any] = {
    "name_header": "X-User",
    "everybody": ("公報",),
    "names": {"lin": ("信件",)},
    "groups": {"keepers": ("密檔",), "archivists": ("*",)},
}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (Visitor(), frozenset({"公報"})),
        (Visitor("lin"), frozenset({"公報", "信件"})),
        (Visitor("Lin"), frozenset({"公報"})),
        (Visitor("lin", ("keepers", "others")), frozenset({"公報", "信件", "密檔"})),
        (Visitor(groups=("archivists",)), None),
        (Visitor(token=AccessToken("t", "", ("密檔",), "")), frozenset({"公報", "密檔"})),
        (Visitor("lin", token=AccessToken("t", "", ("密檔",), "")), frozenset({"公報", "密檔"})),
        (Visitor(token=AccessToken("t", "", ("*",), "")), None),
    ],
)
def test_rules_add_up(reader: Visitor, seen: Seen) -> None:
    """Of everybody, the name and each group; a token stands for itself."""
    assert Access(AccessSettings(**RULES)).seen_by(reader) == seen


def test_where_nothing_is_said() -> None:
    """Off, everybody sees all. With a header and no rules who has a name sees all, others nothing."""
    off, on = Access(AccessSettings()), Access(AccessSettings(name_header="X-User"))
    assert not off.is_on and off.of_everybody is None
    assert on.seen_by(Visitor("anybody")) is None and on.of_everybody == frozenset()


def test_proxies() -> None:
    """Addresses and networks, of both kinds; what is no address is no proxy."""
    access = Access(AccessSettings(proxies=("127.0.0.1", "10.0.0.0/8", "::1")))
    for address in ("127.0.0.1", "10.1.2.3", "::1", "::ffff:10.1.2.3"):
        assert access.is_proxy(address)
    for address in ("127.0.0.2", "192.0.2.1", "", "unix:", "::2"):
        assert not access.is_proxy(address)
