"""Was a backslash put after Big5 characters that end in one? 功\\能, by programs that took the byte for it.

The second byte of 功 許 蓋 is 5C, the backslash, and a program that escapes backslashes doubles it.
**A backslash goes only where every one in the text stands so, and nearly every such character has one.**
"""

from __future__ import annotations

import re
from functools import cache

from indexer.repair.pinyin import HAN
from indexer.repair.steps import Edit

_BEHIND_HAN = re.compile(rf"[{HAN}'\"\\]\\")
_BACKSLASHES = re.compile(r"\\+")
_OTHERS = re.compile(r"\\(?!['\"\\])")  # what escapes quotes came the same way


def drop_escapes(text: str) -> list[Edit]:
    """The backslashes after characters whose last byte is one.

    >>> [edit.start for edit in drop_escapes("這項功\\\\能很成功\\\\。")]
    [3, 8]
    >>> drop_escapes("路徑是 C:\\\\成功\\\\資料")
    []
    """
    if "\\" not in text or _BEHIND_HAN.match(text, max(0, text.find("\\") - 1)) is None:
        return []
    ending = _ending()
    runs = [
        match for match in _BACKSLASHES.finditer(text) if match.start() and text[match.start() - 1] in ending
    ]
    escapes = sum(len(run[0]) for run in runs)
    if not runs or len(_OTHERS.findall(text)) > escapes:
        return []
    bare = sum(map(text.count, ending.intersection(text))) - len(runs)
    if 4 * bare > len(runs):
        return []
    return [
        Edit(*run.span(), "", "escape", f"the last byte of {text[run.start() - 1]} in Big5 is a backslash")
        for run in runs
    ]


@cache
def _ending() -> frozenset[str]:
    """The Han characters whose second byte in Big5 is 5C."""
    pairs = b"\n".join(bytes((lead, 0x5C)) for lead in range(0x87, 0xFF)).decode("big5hkscs", "ignore")
    return frozenset(re.findall(f"[{HAN}]", pairs))
