"""What does a searcher find for who may see some collections only? What an index of those alone would have.

A view is made for a request and thrown away; what it takes time to find out is kept with the state.
"""

from __future__ import annotations

from indexer.config import Seen
from indexer.errors import IndexCorrupt
from indexer.searcher import Searcher
from indexer.states import State


class SearcherView(Searcher):
    """A searcher that sees what somebody sees. It moves with the whole one, and is not closed by itself."""

    def __init__(self, whole: Searcher, seen: Seen, asked: State) -> None:
        # Settings are those of the whole one, and so is what it knows to be damaged.
        self.__dict__.update(whole.__dict__)
        self._whole, self._seen, self._asked = whole, seen, asked
        self._live = asked.within(seen)

    def _leave(self, damaged: State, error: IndexCorrupt) -> bool:
        left = self._whole._leave(self._asked, error)
        self._take_over()
        return left

    def _take_over(self) -> None:
        self._asked = self._whole._live
        self._live = self._asked.within(self._seen)

    def refresh(self) -> bool:
        """See `Searcher.refresh`."""
        moved = self._whole.refresh()
        self._take_over()
        return moved

    def close(self) -> None:
        """The whole one is another's."""


def seen_of(whole: Searcher, seen: Seen) -> Searcher:
    """A searcher for who sees these collections; itself for who sees all. Raises `IndexCorrupt`."""
    while seen is not None:
        asked = whole._live
        try:
            return SearcherView(whole, seen, asked)
        except IndexCorrupt as error:
            if not whole._leave(asked, error):
                raise
    return whole
