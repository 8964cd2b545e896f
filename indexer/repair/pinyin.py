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

from indexer.repair.gbk import byte_tables, last_byte
from indexer.repair.steps import Edit

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜêếềḿńňǹ"
SYLLABLE = f"[a-zü{TONED}]{{1,6}}"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
ANNOTATION = re.compile(rf"\({SYLLABLE}\)")
ENOUGH = 3  # no clean document has three validated annotations, every damaged one has
_CHAIN = re.compile(rf"(?:\({SYLLABLE}\))+")


@cache
def _dictionary() -> dict[int, str]:
    # Imported here: pypinyin takes 0.2 s, and only damaged documents need it.
    from pypinyin.constants import PINYIN_DICT

    return dict(PINYIN_DICT)


@lru_cache(maxsize=1 << 12)
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


def exactly(character: str, syllable: str) -> bool:
    """Whether the syllable is a reading of the character tone and all.

    >>> exactly("氫", "qīng"), exactly("殑", "qīng")
    (True, False)
    """
    return syllable in _dictionary().get(ord(character), "").split(",")


@cache
def _by_syllable() -> dict[str, str]:
    """All GBK characters by reading, tone and all."""
    found: dict[str, list[str]] = {}
    for character in byte_tables().pair:
        for reading in _dictionary().get(ord(character), "").split(","):
            found.setdefault(reading, []).append(character)
    return {reading: "".join(characters) for reading, characters in found.items()}


def characters_read(syllable: str) -> str:
    """All GBK characters with exactly this reading.

    >>> "氫" in characters_read("qīng"), "殑" in characters_read("qīng")
    (True, False)
    """
    return _by_syllable().get(syllable, "")


def count_annotations(text: str, enough: int = ENOUGH) -> int:
    """How many validated annotations the text has; counting stops at `enough`."""
    count = 0
    for match in ANNOTATION.finditer(text):
        character = annotated(text, match.start())
        if character and fits(character, match[0][1:-1]):
            count += 1
            if count >= enough:
                break
    return count


def remove_annotations(text: str) -> list[Edit]:
    """Remove each validated annotation; the document is known to be damaged.

    The character read is the one before the parenthesis, or, where an ASCII character stands there,
    the pair that its byte makes with the last byte before it: 照f(shuō) is D5D5 66, and D566 is 說.

    >>> [(e.start, e.end) for e in remove_annotations("南沙(sha)(sha)(國家)區(qu)照f(shuō)")]
    [(2, 12), (17, 21), (23, 29)]
    """
    edits: list[Edit] = []
    for match in _CHAIN.finditer(text):
        at = match.start()
        character = annotated(text, at)
        end = at
        if not character:
            continue
        for annotation in ANNOTATION.finditer(text, at, match.end()):
            if not fits(character, annotation[0][1:-1]):
                break
            end = annotation.end()
        if end > at:
            reading = text[at + 1 : text.index(")", at)]
            edits.append(Edit(at, end, "", "pinyin", f"{reading} is a reading of {character}"))
    return edits


def annotated(text: str, at: int) -> str:
    """The character that a parenthesis at `at` annotates; empty when there is none."""
    if at == 0:
        return ""
    if at == 1 or text[at - 1] >= "\x80":
        return text[at - 1]
    first = last_byte(text[at - 2])
    return byte_tables().character.get((first, ord(text[at - 1])), "") if first else ""
