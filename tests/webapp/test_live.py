"""The searcher of a process: opened late, kept current, closed once."""

from __future__ import annotations

from typing import Any

import pytest

from indexer import Config, IndexCorrupt, IndexMissing
from webapp.live import LiveIndex


class Opener:
    """Opens what it is given, in turn; an exception is raised instead."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)
        self.calls = 0

    def __call__(self, config: Config) -> Any:
        """The next result."""
        self.calls += 1
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


def test_an_index_that_appears_is_used(searcher: Any) -> None:
    """A server that started before the first build finds the index with the next request."""
    live = LiveIndex(Config(), Opener(IndexMissing("none"), searcher))
    with pytest.raises(IndexMissing):
        live.searcher()
    assert live.searcher() is searcher


def test_warming_needs_no_index(searcher: Any) -> None:
    """Warming loads what analysis needs, and passes over a missing index."""
    live = LiveIndex(Config(), Opener(IndexMissing("none"), searcher))
    live.warm()
    live.warm()
    assert live.searcher() is searcher


def test_one_searcher_for_all_requests(searcher: Any) -> None:
    """The index is opened once."""
    opener = Opener(searcher)
    live = LiveIndex(Config(), opener)
    assert live.searcher() is live.searcher() and opener.calls == 1


def test_a_broken_index_is_not_checked_for_every_request(
    searcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a second of a failed check the failure stands; then the index is tried again."""
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    opener = Opener(IndexCorrupt("flipped"), searcher)
    live = LiveIndex(Config(), opener)
    for _ in range(3):
        with pytest.raises(IndexCorrupt):
            live.searcher()
    assert opener.calls == 1
    now = 101.5
    assert live.searcher() is searcher
