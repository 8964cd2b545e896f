"""Which state of an index answers? The live one, or where that is damaged the newest before it that is sound.

A question is answered from one state from beginning to end; between questions `refresh` goes on to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec, Self, TypeVar

from indexer.config import Config
from indexer.errors import IndexCorrupt
from indexer.states import State, States

P = ParamSpec("P")
R = TypeVar("R")
Asked = TypeVar("Asked", bound="OpenIndex")


def answered(ask: Callable[Concatenate[Asked, P], R]) -> Callable[Concatenate[Asked, P], R]:
    """Let a question be answered from the state before where the one it was put to is damaged."""

    @wraps(ask)
    def answer(index: Asked, /, *args: P.args, **kwargs: P.kwargs) -> R:
        while True:
            asked = index._live
            try:
                return ask(index, *args, **kwargs)
            except IndexCorrupt as error:
                if not index._leave(asked, error):
                    raise

    return answer


class OpenIndex:
    """The state of an index that is searched. May be shared between threads."""

    def __init__(self, config: Config, *, fall_back: bool = False) -> None:
        self._config, self._falls_back = config, fall_back
        self._states = States(config)
        self._damaged: dict[str, str] = {}
        self._leaving = Lock()
        self._live = self._first()

    @classmethod
    def open(cls, config: Config, *, fall_back: bool = False) -> Self:
        """Open the live state. Raises `IndexUnusable`, or `ConfigError` for a broken word list.

        With `fall_back` a damaged state is left for the one before it, if there is one that is sound, when it
        is opened and when damage is met in a search; `refresh` says so as long as the damaged one is live.
        """
        return cls(config, fall_back=fall_back)

    def _first(self) -> State:
        try:
            return self._states.live()
        except IndexCorrupt:
            before = self._states.before_live() if self._falls_back else None
            if before is None:
                raise
            return before

    def _leave(self, damaged: State, error: IndexCorrupt) -> bool:
        """Whether another state than a damaged one is to be asked from now on."""
        with self._leaving:
            if self._live is not damaged:
                return True
            # Not the error itself: it would hold on to what was being read.
            self._damaged[damaged.name] = str(error)
            before = self._states.before(damaged.name) if self._falls_back else None
            self._live = before or damaged
            return before is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        self._live.snapshot.close()

    def refresh(self) -> bool:
        """Move to the live state, or to changed synonyms, if there are; whether there were.

        Raises what `open` raises; the state before stays then, and answers as if nothing had changed. It goes
        when the last search in it is done.
        """
        name, stamp = self._states.current()
        if damage := self._damaged.get(name):
            raise IndexCorrupt(damage)
        if (name, stamp) == (self._live.name, self._live.synonyms_stamp):
            return False
        self._live = self._states.live()
        self._damaged.clear()
        return True

    @property
    def state(self) -> str:
        """A token of everything that determines an answer: generation, synonyms, settings of the search.

        Two searchers of one release, in whatever process, answer alike where their tokens are equal.
        """
        return self._live.token

    @property
    def generation(self) -> str:
        """The name of the generation being searched."""
        return self._live.name

    @property
    def built_at(self) -> str:
        """When it was built, ISO 8601 in UTC."""
        return self._live.snapshot.generation.built_at
