"""What was found out last, so that it is not found out again? Values by what they were asked by.

It is for what stays true, as all does that is said of a state. Threads share it: what two ask for at once
both may find out, and both find the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, those asked for longest ago of which go where their sizes come to more than `room`."""

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """The value of a key, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: Value, size: int = 1) -> None:
        """Keep a value that takes so much room."""
        with self._lock:
            if key in self._kept:
                self._used -= self._kept.pop(key)[1]
            self._kept[key] = value, size
            self._used += size
            while self._used > self._room and len(self._kept) > 1:
                self._used -= self._kept.popitem(last=False)[1][1]

    def of(self, key: Key, find: Callable[[], Value]) -> Value:
        """The value of a key; the first time it is found. What `find` raises is raised, and not kept."""
        found = self.get(key)
        if found is None:
            self.put(key, found := find())
        return found
