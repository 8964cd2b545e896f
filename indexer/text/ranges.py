"""Which characters are Han, and how are ranges of characters said?

Ranges are a text of the first and the last character of each, in turn, as compiled code takes them.
"""

from __future__ import annotations

import re

# Planes 2 and 3 are for Han alone, whatever Unicode has there by now.
HAN_RANGES = "\u4e00\u9fff\u3400\u4dbf\uf900\ufaff\U00020000\U0003fffd"


def character_class(ranges: str) -> str:
    """Ranges of characters, for the brackets of a regular expression.

    >>> character_class("az--")
    'a-z\\\\--\\\\-'
    """
    pairs = zip(ranges[::2], ranges[1::2], strict=True)
    return "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in pairs)


HAN = character_class(HAN_RANGES)
"""The same as what stands between the brackets of a regular expression."""
