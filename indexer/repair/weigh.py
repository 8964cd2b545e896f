"""How much likelier is it that a piece of a text said this? The language model, and what it must allow for.

**What is not likely by itself has no weight; `sound` is what may be believed without more of its kind.**
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.repair.language_model import language_model
from indexer.repair.lost import GETA, KEPT
from indexer.repair.misreading import LATIN, Misreading
from indexer.repair.pinyin import HAN

PLAUSIBLE, ALLOWANCE = 10.5, 6.0
"""What a repaired character may cost (verse costs 8 to 11, wrong readings 13 on), and a piece on top."""
VALID = 2.5
"""What it may cost more where all bytes are valid UTF-8, which does not come about by chance."""
DEAR = 3.0
"""What it may cost more on top where it lost nothing, and other pieces have proven how it was misread."""
LOST, PROOF, BARE_PROOF = 7.0, 5.0, 2.2
"""What a lost character costs; what a U+FFFD that was misread in turn is worth, and one without more."""
FEWEST, MOST_LOST, MANY = 2, 2, 6
"""Han characters that a piece must have by itself, for each that is lost, and where letters come out too."""
MOST_HOLES = 3
"""So many U+FFFD among characters that UTF-8 leaves say that most may be lost."""
_STRANGE, _ALONE = 9.0, 3.0
"""What a sign of Latin-1 costs, and an accented letter by itself in a word."""
_ASCII = re.compile(r"[\x21-\x7e]")
_JUDGED = 240  # characters of a piece that the language model looks at
_HAN = re.compile(f"[{HAN}]")
_KEPT = re.compile(f"[{KEPT}]")
_CHINESE = re.compile(f"[^\x00-\x7f\u2190-\u27bf{GETA}]+")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_ACCENTED = re.compile("(?<![\x80-\uffff])[À-ÿ](?![\x80-\uffff])")


class Weight(NamedTuple):
    """`gain`: by how much the text is likelier than the piece as it stands (a difference of costs).

    What is `dear` is likely only where other pieces have proven the misreading.
    """

    gain: float
    sound: bool
    dear: bool = False


def weigh(piece: str, after: str, misreading: Misreading, proof: int) -> Weight | None:
    """The weight of what a piece may have said; None where that is not likely by itself.

    `proof`: so many U+FFFD were misread with it.
    """
    share = min(1.0, _JUDGED / len(after)) if after else 0.0
    judged, standing = after[:_JUDGED], piece[: round(share * len(piece))]
    chinese = "\n".join(_CHINESE.findall(judged))
    han, lost = len(_HAN.findall(chinese)), judged.count(GETA)
    if not han:
        return Weight(BARE_PROOF * proof, proof > 0) if proof or not (lost or _KEPT.search(after)) else None
    cost = language_model().run("", chinese)
    holed = misreading.read != LATIN and standing.count("\ufffd") >= MOST_HOLES
    likely = PLAUSIBLE + VALID * (proof > 0 or holed or (misreading.written == "utf-8" and not lost))
    dear = cost > likely * len(chinese) + ALLOWANCE
    bounded = not (lost or _KEPT.search(after)) and cost <= (likely + DEAR) * len(chinese) + ALLOWANCE
    if not (proof or holed or lost <= han) or (dear and not bounded):
        return None
    # In what is right by itself few are lost, and no letter comes out of a character.
    letters = max(0, len(_ASCII.findall(judged)) - len(_ASCII.findall(standing)))
    cost += LOST * lost + _STRANGE * letters
    gain = PROOF * proof + (_standing(standing, misreading.read) - cost) / share
    whole = han >= FEWEST and lost * MOST_LOST <= han and not (lost and letters and han < MANY)
    return Weight(gain, not dear and (proof > 0 or holed or whole), dear)


def _standing(piece: str, read: str) -> float:
    """What the piece costs as it stands."""
    if read == LATIN:
        words = len(_ACCENTED.findall(piece))
        return _ALONE * words + _STRANGE * (sum(map(len, _BEYOND_ASCII.findall(piece))) - words)
    return language_model().run("", "\n".join(_BEYOND_ASCII.findall(piece)))
