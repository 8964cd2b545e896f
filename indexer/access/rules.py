"""Which collections does a reader see? What is said of everybody, the name, the groups, or the token.

**Several rules add up; where none is for a reader, that one sees what everybody sees.**
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from indexer.access.tokens import AccessToken, TokenFile
from indexer.config import ALL, AccessSettings, Seen


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: nobody known, somebody with a name and groups, or a program with a token."""

    name: str | None = None
    groups: tuple[str, ...] = ()
    token: AccessToken | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything says who it is."""
        return bool(self.name or self.groups or self.token)


NOBODY = Visitor()


class Access:
    """The rules of a configuration. State: the tokens as they were read last."""

    def __init__(self, settings: AccessSettings) -> None:
        self.settings = settings
        self._tokens = TokenFile(settings.tokens) if settings.tokens else None
        self._proxies = [ip_network(each) for each in settings.proxies]

    @property
    def is_on(self) -> bool:
        """Whether anybody is told from anybody else."""
        return self.settings.is_on

    @property
    def of_everybody(self) -> Seen:
        """What is seen without a name and a token."""
        return self.seen_by(NOBODY)

    def is_proxy(self, address: str) -> bool:
        """Whether what comes from an address may say who asks."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._proxies)

    def token(self, secret: str) -> AccessToken | None:
        """The token that a program shows, None for one that is none. Raises `ConfigError`."""
        return self._tokens.find(secret) if self._tokens else None

    def seen_by(self, reader: Visitor) -> Seen:
        """The collections that a reader sees; None for all that there is."""
        return ALL if not self.is_on else _together(self._rules(reader))

    def _rules(self, reader: Visitor) -> Iterator[Sequence[str]]:
        yield self.settings.everybody
        if reader.token:
            yield reader.token.collections
            return
        names, groups = self.settings.names, self.settings.groups
        if reader.is_known and self.settings.headers and not (names or groups):
            yield ("*",)
        yield names.get(reader.name or "", ())
        yield from (groups.get(group, ()) for group in reader.groups)


def _together(rules: Iterable[Sequence[str]]) -> Seen:
    several = {name for rule in rules for name in rule}
    return ALL if "*" in several else frozenset(several)
