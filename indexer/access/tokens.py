"""Which programs may read, and what? A file of tokens, each by its digest.

**A token is shown once, when it is made; the file has what it is known by, and nothing to make it of.** 256
random bits need no slow digest: nobody finds them by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexer.errors import ConfigError

PREFIX = "hansou_"
"""How a token begins, so that it is told from what others pass on, and found where it should not be."""
_BYTES = 32


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as the file has it: name, SHA-256, the collections it sees ("*": all), the day it was made."""

    name: str
    digest: str
    collections: tuple[str, ...]
    made: str


class TokenFile:
    """The tokens of a file, read again when it changes. State: what was read, and the file's stamp then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, ...], Sequence[AccessToken]] = ((), ())

    def find(self, secret: str) -> AccessToken | None:
        """The token that somebody shows, None for none. Raises `ConfigError` where the file is none."""
        digest, found = digest_of(secret), None
        # All are compared, and each in full: how long that takes says nothing.
        for token in self._current():
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def _current(self) -> Sequence[AccessToken]:
        stamp: tuple[int, ...] = ()
        with suppress(FileNotFoundError):
            stat = self._path.stat()
            stamp = stat.st_mtime_ns, stat.st_size, stat.st_ino
        if self._read[0] != stamp:
            self._read = stamp, read_tokens(self._path)
        return self._read[1] if stamp else ()


def digest_of(secret: str) -> str:
    """What a token is known by."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_tokens(path: Path) -> list[AccessToken]:
    """The tokens of a file; none where there is no file. Raises `ConfigError` for one that is none."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [AccessToken(**row | {"collections": tuple(row["collections"])}) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path}: is no file of tokens ({error}); see `hansou token`") from error


def add_token(path: Path, name: str, collections: Sequence[str]) -> str:
    """Make a token that sees these collections ("*": all). Raises `ConfigError` for a name that is taken."""
    tokens = read_tokens(path)
    if any(token.name == name for token in tokens):
        raise ConfigError(f"{path}: there is a token called {name!r} already; remove it first")
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    made = datetime.now(UTC).date().isoformat()
    _write(path, [*tokens, AccessToken(name, digest_of(secret), tuple(collections), made)])
    return secret


def remove_token(path: Path, name: str) -> None:
    """Let a token be none any more. Raises `ConfigError` where there is no such name."""
    tokens = read_tokens(path)
    kept = [token for token in tokens if token.name != name]
    if len(kept) == len(tokens):
        raise ConfigError(f"{path}: there is no token called {name!r}; see `hansou token list`")
    _write(path, kept)


def _write(path: Path, tokens: Sequence[AccessToken]) -> None:
    """Replace the file at once; only its owner may read it."""
    rows = [asdict(token) for token in sorted(tokens, key=lambda token: token.name)]
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(rows, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
