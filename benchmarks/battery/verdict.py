"""What does a trial say? Its figures on one line, and every promise that was broken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured, and what should not have happened, a line each."""

    figures: str
    broken: tuple[str, ...] = ()


class NotPossible(Exception):
    """A trial cannot be held on this machine; the message says what is missing."""
