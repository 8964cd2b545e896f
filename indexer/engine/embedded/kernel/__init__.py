"""The functions over postings and terms, in numpy (`vectorized`, the reference) and in C (`compiled`)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from indexer import native
from indexer.engine.embedded.kernel import vectorized


def active() -> ModuleType:
    """The module whose functions compute; ask anew at each use."""
    return vectorized if native.compiled("_kernel") is None else _compiled()


@cache
def _compiled() -> ModuleType:
    return import_module("indexer.engine.embedded.kernel.compiled")
