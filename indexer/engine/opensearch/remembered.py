"""What was learned of a state, as long as there is room: the state never changes, so it stays true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Known = TypeVar("Known")


class Remembered(Generic[Key, Known]):
    """Values by key, the least used of which go where their sizes come to more than `room`.

    May be shared between threads.
    """

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._known: OrderedDict[Key, tuple[Known, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Known | None:
        """The value of a key, None where it is not known."""
        with self._lock:
            found = self._known.get(key)
            if found is None:
                return None
            self._known.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: Known, size: int = 1) -> None:
        """Remember a value that takes so much room."""
        with self._lock:
            if key in self._known:
                self._used -= self._known.pop(key)[1]
            self._known[key] = value, size
            self._used += size
            while self._used > self._room and len(self._known) > 1:
                self._used -= self._known.popitem(last=False)[1][1]
