"""Where may a text be cut? Between what a reader takes for one character each.

A cluster is a letter with its marks, a picture with its skin and what is joined to it, a flag of two
letters, a syllable of jamo. **No cut is inside of one**; where no cluster is, every place may be cut.

    >>> cut_before("e\\u0301a", 1), cut_before("👨‍👩‍👧好", 4), cut_before("🇹🇼🇭🇰", 3), cut_before("無錫", 1)
    (0, 0, 2, 1)
"""

from __future__ import annotations

import re
import unicodedata

# What continues a cluster besides marks (Unicode's categories M): joiners, half-width voicing marks, skin of
# pictures, tags of flags.
_CONTINUES = re.compile("[\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_JOINED = re.compile(
    "\u200d[\u2190-\u2bff\U0001f000-\U0001faff]|\r\n|[\u1100-\u115f\ua960-\ua97c][\u1100-\u11a7\ua960-\ua97c\uac00-\ud7a3]"
    "|[\u1160-\u11a7\uac00-\ud7a3][\u1160-\u11ff]",
)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def cut_before(text: str, at: int) -> int:
    """The last place at or before `at` where `text` may be cut."""
    while 0 < at < len(text) and not _is_edge(text, at):
        at -= 1
    return at


def _is_edge(text: str, at: int) -> bool:
    """Whether a cluster ends and another begins at `at`, which is inside of `text`."""
    after = text[at]
    if "\u4e00" <= after <= "\u9fff":
        # Most characters are of these, which continue nothing.
        return True
    if unicodedata.category(after)[0] == "M" or _CONTINUES.match(after) or _JOINED.match(text, at - 1):
        return False
    first = at
    while first > 0 and ord(text[first - 1]) in _FLAG_LETTERS:
        first -= 1
    return ord(after) not in _FLAG_LETTERS or (at - first) % 2 == 0
