"""What was found out last, so that it is not found out again? A few values by what they were asked by.

Threads share it: what two ask for at once both may find out, and both find the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """The values of the last `most` keys."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Hashable, V](), Lock()

    def of(self, key: Hashable, find: Callable[[], V]) -> V:
        """The value of a key; the first time it is found. What `find` raises is raised, and not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
