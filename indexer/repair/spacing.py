"""Was a space put between all characters? OCR and PDF do that: 今 天 上 午.

A line in which nearly every Han character stands apart is put together again, where that reads as running
text; words in Latin letters stay words.
**A list of characters or of names, a heading that is set wide, stays as it is.**
"""

from __future__ import annotations

import re
from collections import Counter

from indexer.repair.language_model import language_model
from indexer.repair.pinyin import HAN
from indexer.repair.steps import Edit

SPACES = f" \xa0\u3000{''.join(map(chr, range(0x2002, 0x200B)))}"
SPACE = re.escape(SPACES)
_MARKS = frozenset("，。；：！？,.;:!?")
APART = f"{HAN}\u3001-\u3006\u3008-\u3011\uff01-\uff1f“”‘’…—·"
"""What stands apart, as in an expression's brackets."""
_ONE = f"[{SPACE}]{{0,2}}[{APART}]"
SIGN = re.compile(f"[{SPACE}]{_ONE}(?:[{SPACE}]{_ONE}){{5}}")
"""Six characters that stand apart; a search at memory speed."""
_GAPS = re.compile(f"[{SPACE}]+")
_PIECES = re.compile(f"[^{SPACE}]+|[{SPACE}]+")
_ASCII = re.compile("[\\x21-\\x7e]+")
_LATIN = re.compile("[A-Za-z0-9]")
_HAN = re.compile(f"[{HAN}]")
_APART = 0.8  # of the Han characters of a line must stand by themselves
_FEWEST = 8  # of them, at least
_BARE, _RUNNING = 4.8, 11.0
"""What a character may cost, and where marks of sentences stand apart too; lists cost 5.5 and more."""
_DENSE = 0.3  # more marks than this are a list's


def join_spaced(text: str) -> list[Edit]:
    """An edit for each line whose characters were spaced out.

    >>> join_spaced("今 天 上 午 我 們 用 Python 3 寫 程 式 。")[0].after
    '今天上午我們用Python 3寫程式。'
    """
    edits: list[Edit] = []
    costs = length = 0.0
    at = 0
    marked = False
    for line in text.split("\n"):
        apart = _apart(line)
        if apart:
            joined = _joined(line)
            costs += language_model().run("", joined)
            length += len(joined)
            pieces = line.split()
            marked = marked or 0 < sum(piece in _MARKS for piece in pieces) < _DENSE * len(pieces)
            evidence = f"a space beside each of {apart} characters"
            edits.append(Edit(at, at + len(line), joined, "spacing", evidence))
        at += len(line) + 1
    return edits if costs <= (_RUNNING if marked else _BARE) * length else []


def _apart(line: str) -> int:
    """How many Han characters stand by themselves, where nearly all do."""
    apart = sum(
        len(_ASCII.sub("", piece)) == 1 and _HAN.search(piece) is not None for piece in _GAPS.split(line)
    )
    return apart if apart >= _FEWEST and apart >= _APART * len(_HAN.findall(line)) else 0


def _joined(line: str) -> str:
    """The line without the gaps that stand between all characters; wider ones were spaces."""
    pieces = _PIECES.findall(line)
    usual = Counter(len(piece) for piece in pieces if _GAPS.match(piece)).most_common(1)[0][0]
    shown: list[str] = []
    for number, piece in enumerate(pieces):
        if not _GAPS.match(piece) or number in (0, len(pieces) - 1):
            shown.append(piece)
        elif len(piece) > usual or _between_words(pieces[number - 1], pieces[number + 1]):
            shown.append(" ")
    return "".join(shown)


def _between_words(before: str, after: str) -> bool:
    """Whether two Latin words or numbers meet; single letters may have been one word that was spaced out."""
    meet = _LATIN.match(before[-1]) and _LATIN.match(after[0])
    return bool(meet) and not len(before) == len(after) == 1
