"""Is this document damaged at all? A few searches that clean text passes at memory speed.

**What no sign points to is not looked at again: a clean document comes out byte-identical because no
fixer runs on it.**
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.repair import spacing
from indexer.repair.alphabet import has_sign
from indexer.repair.evidence import ENOUGH, evidence
from indexer.repair.furniture import has_furniture
from indexer.repair.realign import runs_out_of_step
from indexer.repair.rules import Rules
from indexer.repair.scan import BYTES, HAN, HINTS, LATIN, SPACE, places, seen

_BYTES = re.compile("[(?\ufffd]")


class Signs(NamedTuple):
    """What the gate saw: which fixers have something to look at.

    `damaged`: readings or runs out of step prove that a site went over the bytes; much rests on that.
    """

    damaged: bool
    mojibake: bool
    spaced: bool
    furniture: bool


def look(text: str, rules: Rules, deadline: float, beside: str = "") -> Signs | None:
    """Look for signs of damage; None where there is nothing that any fixer looks at.

    `beside`: more of the same page, which counts as evidence.

    >>> from time import monotonic
    >>> from indexer.repair.rules import load_rules
    >>> look("漢(hàn)字。", load_rules(), monotonic() + 1).damaged
    False
    >>> look("當(dāng)時(shí)無(wú)錫", load_rules(), monotonic() + 1).damaged
    True
    >>> look("漢字。", load_rules(), monotonic() + 1)
    """
    told = seen(text, rules.strong_signs)
    furniture = has_furniture(text, rules, bool(told & HINTS))
    if not told & ~HINTS and not furniture:
        return None
    wrong = has_sign(text, bool(told & LATIN), bool(told & HAN))
    spaced = bool(told & SPACE) and any(spacing.SIGN.match(text, at) for at in places(text, SPACE))
    if not furniture and not wrong and not spaced and not told & (BYTES | LATIN):
        return None
    return Signs(
        damaged=evidence(f"{text}\n{beside}" if beside and _BYTES.search(text) else text) >= ENOUGH
        or runs_out_of_step(text, deadline),
        mojibake=wrong,
        spaced=spaced,
        furniture=furniture,
    )
