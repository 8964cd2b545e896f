"""How does what strangers wrote reach a terminal? As text: it gives no orders, and is read as no markup."""

from __future__ import annotations

import re

from rich.console import Console

# Controls, marks that turn the direction of writing, and halves of surrogate pairs.
_ORDERS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """A text on one line; what would steer the terminal is U+FFFD."""
    return _ORDERS.sub("\ufffd", text)


def console() -> Console:
    """Where results are written; lines are as long as they are."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
