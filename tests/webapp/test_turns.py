"""One request at a time, unless one takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from waitress.task import ThreadedTaskDispatcher

from webapp.turns import PATIENCE_S, take_turns

LONG = 10.0


class Connection:
    """What a dispatcher's queue holds: a connection with one request, whose answer is a function."""

    def __init__(self, answer: Callable[[], object]) -> None:
        self.requests = [object()]
        self.answer = answer

    def service(self) -> None:
        """Answer the request."""
        self.answer()

    def cancel(self) -> None:
        """The server ends."""


@pytest.fixture
def dispatcher() -> Iterator[Any]:
    """A dispatcher of one thread."""
    made = ThreadedTaskDispatcher()
    made.set_thread_count(1)
    yield made
    made.shutdown()


def test_a_long_request_holds_up_none(dispatcher: Any) -> None:
    """Behind requests that do not end another is answered, as long as there are threads to help."""
    take_turns(dispatcher, 3)
    over, answered = Event(), Event()
    for _ in range(2):
        dispatcher.add_task(Connection(over.wait))
    dispatcher.add_task(Connection(answered.set))
    assert answered.wait(LONG) and not over.is_set()
    over.set()


def test_no_more_threads_than_allowed(dispatcher: Any) -> None:
    """With two threads at most, a third request waits for one of two that do not end."""
    take_turns(dispatcher, 2)
    over, answered = Event(), Event()
    for _ in range(2):
        dispatcher.add_task(Connection(over.wait))
    dispatcher.add_task(Connection(answered.set))
    assert not answered.wait(6 * PATIENCE_S)
    assert len(dispatcher.threads) == 2
    over.set()
    assert answered.wait(LONG)


def test_the_watch_ends_with_the_dispatcher(dispatcher: Any) -> None:
    """Helpers are let go when nothing waits, and nothing watches a dispatcher that has ended."""
    watch = take_turns(dispatcher, 3)
    over, answered = Event(), Event()
    dispatcher.add_task(Connection(over.wait))
    dispatcher.add_task(Connection(answered.set))
    assert answered.wait(LONG)
    over.set()
    dispatcher.shutdown()
    watch.join(LONG)
    assert not watch.is_alive() and not dispatcher.threads
