"""Which parentheses are pinyin annotations? Those whose syllable pypinyin knows for the character before.

A page went through a byte-level replace that wrote a reading after each character of a table:
創 → 創(chuàng), also toneless or doubled, 沙(sha)(sha). The table has one reading per character, so
any reading of the character counts, with its tone or without.
**A parenthesis whose reading does not fit its character is never removed.**
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from indexer.repair.gbk import byte_tables, last_byte
from indexer.repair.steps import Edit

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜêếềḿńňǹ"
SYLLABLE = f"[a-zü{TONED}]{{1,6}}"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
ANNOTATION = re.compile(rf"\({SYLLABLE}\)")
_CHAIN = re.compile(rf"\(({SYLLABLE})\)((?:\({SYLLABLE}\))*)")


@cache
def stated_readings() -> Mapping[int, str]:
    """pypinyin's readings of characters, with their tones and commas between them, by code point."""
    # Its file is read and the package not imported: with it come phrases, for which 0.3 s is too much.
    package = find_spec("pypinyin")
    assert package is not None and package.origin is not None
    file = Path(package.origin).with_name("pinyin_dict.json")
    return {int(code): stated for code, stated in json.loads(file.read_text("utf-8")).items()}


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
    found = {toneless(reading) for reading in stated_readings().get(ord(character), "").split(",") if reading}
    return frozenset(found | {f"{r[0]}u" for r in found if r in ("lv", "nv")})


@lru_cache(maxsize=1 << 15)
def fits(character: str, syllable: str) -> bool:
    """Whether the syllable, toned or not, is a reading of the character.

    >>> fits("長", "cháng"), fits("長", "zhang"), fits("漢", "qian")
    (True, True, False)
    """
    return toneless(syllable) in readings(character)


@cache
def _by_syllable() -> dict[str, str]:
    """All GBK characters by reading, tone and all."""
    found: dict[str, list[str]] = {}
    for character in byte_tables().pair:
        for reading in filter(None, stated_readings().get(ord(character), "").split(",")):
            found.setdefault(reading, []).append(character)
    return {reading: "".join(characters) for reading, characters in found.items()}


@cache
def _alike() -> dict[str, list[str]]:
    """Readings, tone and all, by what they are without."""
    found: dict[str, list[str]] = {}
    for reading in _by_syllable():
        plain = toneless(reading)
        for name in (plain, f"{plain[0]}u") if plain in ("lv", "nv") else (plain,):
            found.setdefault(name, []).append(reading)
    return found


def characters_read_alike(syllable: str) -> set[str]:
    """All GBK characters that the syllable fits.

    >>> {"氫", "殑"} <= characters_read_alike("qīng")
    True
    """
    alike = _alike().get(toneless(syllable), [])
    return set().union(*(_by_syllable()[reading] for reading in alike))


def characters_read(syllable: str) -> str:
    """All GBK characters with exactly this reading; where no tone is given, with any.

    >>> "氫" in characters_read("qīng"), "殑" in characters_read("qīng"), "殑" in characters_read("qing")
    (True, False, True)
    """
    if syllable.replace("ü", "v").isascii():
        return "".join(sorted(characters_read_alike(syllable), key=byte_tables().pair.__getitem__))
    return _by_syllable().get(syllable, "")


def first_reading(character: str, syllable: str) -> bool:
    """Whether the syllable is the most common reading of the character, tone aside.

    >>> first_reading("龜", "guī"), first_reading("龜", "qiū")
    (True, False)
    """
    return toneless(stated_readings().get(ord(character), "").split(",")[0]) == toneless(syllable)


def remove_annotations(text: str) -> list[Edit]:
    """Remove each validated annotation; the document is known to be damaged.

    The character read is the one before the parenthesis, or, where an ASCII character stands there,
    the pair that its byte makes with the last byte before it: 照f(shuō) is D5D5 66, and D566 is 說.

    >>> [(e.start, e.end) for e in remove_annotations("南沙(sha)(sha)(國家)區(qu)照f(shuō)")]
    [(2, 12), (17, 21), (23, 29)]
    """
    edits: list[Edit] = []
    for match in _CHAIN.finditer(text):
        at, end = match.span()
        first, more = match.groups()
        character = annotated(text, at)
        if not character or not fits(character, first):
            continue
        if more:
            end = _last_fitting(character, text, match.end(1) + 1, end)
        edits.append(Edit(at, end, "", "pinyin", f"{first} is a reading of {character}"))
    return edits


def _last_fitting(character: str, text: str, at: int, end: int) -> int:
    """Where the annotations from `at` on that fit the character end."""
    for annotation in ANNOTATION.finditer(text, at, end):
        if not fits(character, annotation[0][1:-1]):
            return annotation.start()
    return end


def annotated(text: str, at: int) -> str:
    """The character that a parenthesis at `at` annotates; empty when there is none."""
    if at == 0:
        return ""
    if at == 1 or text[at - 1] >= "\x80":
        return text[at - 1]
    first = last_byte(text[at - 2])
    return byte_tables().character.get((first, ord(text[at - 1])), "") if first else ""
