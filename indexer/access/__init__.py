"""Who may read what? The rules of `[access]`, and the tokens of programs.

    Visitor (name, groups or token) → Access → the collections that are seen, or all

**What nothing permits is not seen.** How a request says who asks is the business of `webapp.access`; that
nothing else is found is that of `Snapshot.within`.
"""

from __future__ import annotations

from indexer.access.rules import Access, Visitor
from indexer.access.tokens import AccessToken, TokenFile, add_token, read_tokens, remove_token

__all__ = ["Access", "AccessToken", "TokenFile", "Visitor", "add_token", "read_tokens", "remove_token"]
