"""How does a line go on that was broken for want of room? As one, without a space where Han meets Han."""

from __future__ import annotations

import re

_BETWEEN_HAN = re.compile("(?<=[\u2e80-\u9fff\uff00-\uff60]) (?=[\u2e80-\u9fff\uff00-\uff60])")


def joined(left: str, right: str) -> str:
    """Two pieces of a line that was broken: without a space where Han characters or their punctuation meet.

    >>> joined("國家軟件", "園區"), joined("open", "source")
    ('國家軟件園區', 'open source')
    """
    return _BETWEEN_HAN.sub("", f"{left.rstrip()} {right.lstrip()}")
