"""How does a process end with the one that started it? The system is asked to end it, and a thread waits.

The invariant: however its parent ends (SIGKILL too), a process that called `end_with_parent` ends: at once
where the system knows how (Linux), elsewhere as soon as one of its threads may run Python.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread, current_thread, main_thread

_PR_SET_PDEATHSIG = 1
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def start(process: BaseProcess) -> None:
    """Start a process whole: a signal that comes meanwhile would leave half of one, and is heard afterwards.

    The process itself hears none of them: it is ended by its parent, with SIGKILL.
    """
    if sys.platform == "win32":
        process.start()
        return
    resource_tracker.ensure_running()  # where it is started, it lets signals through
    with _undisturbed():
        # What is blocked stays so in the process that is started.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals are heard at the end of the context: other threads may get them, whatever this one blocks."""
    if current_thread() is not main_thread():
        yield
        return
    heard: list[int] = []
    handlers = {number: signal.getsignal(number) for number in _ENDING}
    for number in _ENDING:
        signal.signal(number, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in heard:
            signal.raise_signal(number)


def end_with_parent() -> None:
    """Tie this process, which `multiprocessing` started, to its parent; Ctrl-C is left to the parent, too.

    Ctrl-C reaches every process of a terminal, and what becomes of the work is the parent's to say.
    """
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # Its sentinel is one end of a pipe, and the parent alone holds the other: a parent that ended before
        # the system was asked is noticed, too.
        Thread(target=_wait_for, args=(parent.sentinel,), name="lifeline", daemon=True).start()


def _wait_for(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
