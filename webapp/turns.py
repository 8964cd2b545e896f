"""How many requests does a process work on at once? One, and another beside one that takes long.

Two threads that compute take turns at the interpreter, and each gets slower by it; one after the other is
faster for both. Invariant: no request waits behind another for longer than `PATIENCE_S` while there are
threads left to help.
"""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

PATIENCE_S = 0.05


def take_turns(dispatcher: Any, at_most: int) -> Thread:
    """Watch over waitress's dispatcher, which has one thread: give it up to `at_most` while one is held up.

    The thread that is returned ends with the dispatcher's own.
    """
    watch = Thread(target=_watch, args=(dispatcher, at_most), name="turns", daemon=True)
    watch.start()
    return watch


def _watch(dispatcher: Any, at_most: int) -> None:
    waited = None
    while threads := len(dispatcher.threads) - dispatcher.stop_count:
        waiting = _first_waiting(dispatcher)
        if waiting is None:
            if threads > 1:
                dispatcher.set_thread_count(1)
        elif waiting is waited and threads < at_most:
            dispatcher.set_thread_count(threads + 1)
        waited = waiting
        time.sleep(PATIENCE_S)


def _first_waiting(dispatcher: Any) -> object:
    # A queue holds connections, and a connection that has been served soon stands there again.
    try:
        return dispatcher.queue[0].requests[0]
    except IndexError:
        return None
