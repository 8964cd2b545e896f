"""Is this document damaged at all? A few searches that clean text passes at memory speed.

**What no sign points to is not looked at again: a clean document comes out byte-identical because no
fixer runs on it.**
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.repair.pinyin import ENOUGH, count_annotations


@dataclass(frozen=True, slots=True)
class Signs:
    """What the gate saw. `pinyin`: at least three validated annotations."""

    pinyin: bool


def look(text: str) -> Signs:
    """Look for signs of damage.

    >>> look("漢(hàn)字。").pinyin, look("當(dāng)時(shí)無(wú)錫").pinyin
    (False, True)
    """
    return Signs(pinyin="(" in text and count_annotations(text) >= ENOUGH)
