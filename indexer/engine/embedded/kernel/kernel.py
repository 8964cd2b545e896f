"""Which kernel computes? The compiled one where it was built, else numpy; results are equal.

`HANSOU_KERNEL=off` turns the compiled one off. `active()` is asked at each use, so a test can switch
with `using`. The functions are described in `indexer.engine.embedded.kernel.vectorized`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType

from indexer.engine.embedded.kernel import vectorized

KERNELS: dict[str, ModuleType] = {"numpy": vectorized}

# Without a compiler at installation there is none: the extension is optional.
with suppress(ImportError):
    KERNELS["compiled"] = import_module("indexer.engine.embedded.kernel.compiled")

_active = [KERNELS["numpy" if os.environ.get("HANSOU_KERNEL") == "off" else list(KERNELS)[-1]]]


def active() -> ModuleType:
    """The module whose functions compute."""
    return _active[0]


@contextmanager
def using(name: str) -> Iterator[None]:
    """Compute with kernel `name` ("numpy" or "compiled") while the context is open, in all threads."""
    before = _active[0]
    _active[0] = KERNELS[name]
    try:
        yield
    finally:
        _active[0] = before
