"""Which parentheses are pinyin annotations? Those whose syllable pypinyin knows for the character before.

A page went through a byte-level replace that wrote a reading after each character of a table:
創 → 創(chuàng), also toneless or doubled, 沙(sha)(sha). The table has one reading per character, so
any reading of the character counts, with its tone or without.
**A parenthesis whose reading does not fit its character is never removed.**
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from indexer.repair.steps import Edit

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜêếềḿńňǹ"
SYLLABLE = f"[a-zü{TONED}]{{1,6}}"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
ANNOTATION = re.compile(rf"\({SYLLABLE}\)")
ENOUGH = 3  # no clean document has three validated annotations, every damaged one has
_CHAIN = re.compile(rf"(?:\({SYLLABLE}\))+")
_HAN = re.compile(f"[{HAN}]")


@cache
def _dictionary() -> dict[int, str]:
    # Imported here: pypinyin takes 0.2 s, and only damaged documents need it.
    from pypinyin.constants import PINYIN_DICT

    return dict(PINYIN_DICT)


def toneless(syllable: str) -> str:
    """A syllable without tone marks, ü as v, so that lüè, lüe, lue and lve compare equal.

    >>> toneless("chuàng"), toneless("lüè"), toneless("lue")
    ('chuang', 'lve', 'lve')
    """
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"^([ln])ue$", r"\1ve", plain)


@lru_cache(maxsize=1 << 14)
def readings(character: str) -> frozenset[str]:
    """All readings of one character, toneless; empty for what is not Han.

    >>> sorted(readings("長"))
    ['chang', 'zhang']
    """
    found = {toneless(reading) for reading in _dictionary().get(ord(character), "").split(",") if reading}
    return frozenset(found | {f"{r[0]}u" for r in found if r in ("lv", "nv")})


def fits(character: str, syllable: str) -> bool:
    """Whether the syllable, toned or not, is a reading of the character.

    >>> fits("長", "cháng"), fits("長", "zhang"), fits("漢", "qian")
    (True, True, False)
    """
    return toneless(syllable) in readings(character)


def count_annotations(text: str, enough: int = ENOUGH) -> int:
    """How many validated annotations the text has; counting stops at `enough`."""
    count = 0
    for match in ANNOTATION.finditer(text):
        at = match.start()
        if at and _HAN.match(text, at - 1) and fits(text[at - 1], match[0][1:-1]):
            count += 1
            if count >= enough:
                break
    return count


def remove_annotations(text: str) -> list[Edit]:
    """Remove each validated annotation; the document is known to be damaged.

    >>> [(e.start, e.end) for e in remove_annotations("南沙(sha)(sha)(國家)區(qu)")]
    [(2, 12), (17, 21)]
    """
    edits: list[Edit] = []
    for match in _CHAIN.finditer(text):
        at = match.start()
        if not at or not _HAN.match(text, at - 1):
            continue
        end = at
        for annotation in ANNOTATION.finditer(text, at, match.end()):
            if not fits(text[at - 1], annotation[0][1:-1]):
                break
            end = annotation.end()
        if end > at:
            reading = text[at + 1 : text.index(")", at)]
            edits.append(Edit(at, end, "", "pinyin", f"{reading} is a reading of {text[at - 1]}"))
    return edits
