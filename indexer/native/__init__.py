"""Is there compiled code, and is it used? One answer for all of it.

`TWINS` lists the extensions, each with the module that does the same in Python: **whichever is used, the
results are equal.** Without a compiler at installation there are none; `HANSOU_KERNEL=off` in the environment
leaves them aside.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType

TWINS: Mapping[str, str] = {
    "_align": "indexer.trace.alignment",
    "_kernel": "indexer.engine.embedded.kernel.vectorized",
    "_marks": "indexer.results.highlight",
    "_segmenter": "indexer.text.segmenter",
    "_text": "indexer.text.units",
}
_used = [os.environ.get("HANSOU_KERNEL") != "off"]


def compiled(name: str) -> ModuleType | None:
    """The extension `name`, if it was built and is used; ask anew at each use."""
    return _built(name) if _used[0] else None


@cache
def _built(name: str) -> ModuleType | None:
    try:
        return import_module(f"indexer.native.{name}")
    except ImportError:
        return None


def used() -> bool:
    """Whether extensions are used where they were built."""
    return _used[0]


@contextmanager
def using(extensions: bool) -> Iterator[None]:
    """Use extensions, or Python alone, while the context is open, in all threads."""
    before = _used[0]
    _used[0] = extensions
    try:
        yield
    finally:
        _used[0] = before
