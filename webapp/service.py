"""Is the server run as a service, and what do it and whoever runs it tell each other?

Invariant: without a service manager nothing here does anything; what is told follows systemd's protocols
(sd_notify, socket activation, priorities before log lines), for which plain files and variables are enough.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import Any

_FIRST = 3
"""The descriptor of the first socket that is handed over."""
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def has_terminal() -> bool:
    """Whether somebody started this process in a terminal, and may close that."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True


def handed_over() -> socket.socket | None:
    """The socket that a service manager listens on for this process; None where it hands over none.

    Who connects while the process is started anew waits there, and is not refused.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS", "0") == "0":
        return None
    return socket.socket(fileno=_FIRST)


def notify(state: str) -> None:
    """Tell the service manager a state such as `READY=1`, where it wants to be told."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or sys.platform == "win32":
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        try:
            # A name that begins with @ is in no file system.
            told.sendto(state.encode(), f"\0{address[1:]}" if address[0] == "@" else address)
        except OSError as error:
            logging.getLogger("hansou").warning("the service manager cannot be told: %s", error)


class Journal(logging.Formatter):
    """Lines as journald takes them: with a priority, each line of several with its own, without a time."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines."""
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def is_journaled() -> bool:
    """Whether standard error goes to journald, as that says in JOURNAL_STREAM."""
    try:
        there = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def log_settings() -> dict[str, Any]:
    """How everything is logged, as logging.config has it: to standard error, for journald in its form."""
    formatter = {"()": Journal} if is_journaled() else {"format": "%(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"generic": formatter, "access": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic"}},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {
            "hansou": {"level": "INFO"},
            "_granian": {"handlers": ["console"], "propagate": False},
        },
    }
