"""Is this document damaged at all? A few searches that clean text passes at memory speed.

**What no sign points to is not looked at again: a clean document comes out byte-identical because no
fixer runs on it.**
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.repair import markup, mojibake
from indexer.repair.furniture import has_furniture
from indexer.repair.pinyin import ENOUGH, count_annotations
from indexer.repair.rules import Rules

# A fixer finds nothing in a text without one of its characters.
_SIGNS = re.compile(f"[({markup.SIGNS}{mojibake.SIGNS}]")


class Signs(NamedTuple):
    """What the gate saw: which fixers have something to look at.

    `pinyin`: at least three validated annotations, the proof of damage that all of the text rests on.
    """

    pinyin: bool
    mojibake: bool
    furniture: bool


def look(text: str, rules: Rules) -> Signs | None:
    """Look for signs of damage; None where there is nothing that any fixer looks at.

    >>> from indexer.repair.rules import load_rules
    >>> look("漢(hàn)字。", load_rules()).pinyin, look("當(dāng)時(shí)無(wú)錫", load_rules()).pinyin
    (False, True)
    >>> look("漢字。", load_rules())
    """
    furniture = has_furniture(text, rules)
    if not furniture and not _SIGNS.search(text):
        return None
    return Signs(
        pinyin="(" in text and count_annotations(text) >= ENOUGH,
        mojibake=mojibake.looks_wrong(text),
        furniture=furniture,
    )
