"""TokenFile are made, found and removed; the file has nothing that one could be made of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.access import TokenFile, add_token, read_tokens, remove_token
from indexer.errors import ConfigError


def test_a_token_is_found_until_it_is_removed(tmp_path: Path) -> None:
    """By itself and nothing like it, at once after each change; another of its name is refused."""
    path = tmp_path / "tokens.json"
    tokens = TokenFile(path)
    assert tokens.find("hansou_") is None
    secret = add_token(path, "crawler", ["信件"])
    other = add_token(path, "backup", ["*"])
    found = tokens.find(secret)
    assert found and (found.name, found.collections) == ("crawler", ("信件",))
    for wrong in (secret[:-1], secret + "x", secret.upper(), found.digest, "", "\ud800"):
        assert tokens.find(wrong) is None
    with pytest.raises(ConfigError, match="already"):
        add_token(path, "crawler", ["*"])
    remove_token(path, "crawler")
    assert tokens.find(secret) is None and tokens.find(other)
    with pytest.raises(ConfigError, match="no token"):
        remove_token(path, "crawler")


def test_the_file(tmp_path: Path) -> None:
    """It is for its owner, and a token is not in it."""
    path = tmp_path / "tokens.json"
    secret = add_token(path, "crawler", ["信件"])
    assert secret not in path.read_text(encoding="utf-8") and [*tmp_path.iterdir()] == [path]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{}x", "[1]", '[{"name": "a"}]', '{"a": 1}'])
def test_a_file_that_is_none_lets_nobody_in(tmp_path: Path, content: str) -> None:
    """What cannot be read is an error that names the file, not an empty list."""
    path = tmp_path / "tokens.json"
    path.write_text(content, encoding="utf-8")
    for ask in (lambda: read_tokens(path), lambda: TokenFile(path).find("hansou_x")):
        with pytest.raises(ConfigError, match=r"tokens\.json"):
            ask()
