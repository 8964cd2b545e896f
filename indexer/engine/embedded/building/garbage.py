"""When is garbage looked for while an index is built? Seldom: nothing that is built refers back to itself.

Python looks for unreachable cycles each time some hundreds of objects more than before are alive, and among
all objects again and again as they become more: a tenth of the time of a build, to find nothing. What no
cycle holds is freed at once as ever, so memory does not grow.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects between collections, collections of the young between those of the middle, those between full ones.
_THRESHOLD = 50_000, 20, 100


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Let Python look for garbage rarely as long as the context is open; then as before."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
