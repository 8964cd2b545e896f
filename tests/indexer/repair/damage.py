"""How does a page get damaged? Clean text in, damaged text out, following the mechanism byte by byte.

1. The text is GBK bytes. 2. Marks and table characters are looked for at *every* byte offset, so that
pairs straddling two characters are hit too: a mark gets a byte before it, a character gets its reading
behind it, in the order of the table. 3. A lenient decoder turns the bytes back into text: an invalid
pair becomes a marker, an undefined one vanishes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from pypinyin.constants import PINYIN_DICT

from indexer.repair.language_model import language_model
from indexer.repair.pinyin import toneless

INSERTED = b"\x01"  # the byte that a mark gets before it; invisible on the page
MARKS = "！；？。，"


@dataclass(frozen=True)
class Mechanism:
    """One site's way of damaging text."""

    share: float = 0.6  # of the characters that get a reading
    toned: bool = True
    doubled: bool = False
    marks: bool = False
    swallows: bool = True  # the decoder's marker swallows the byte after the lead byte, shown as ?


def reading_table(text: str, how: Mechanism, rng: random.Random) -> dict[str, str]:
    """One reading for each character of the site's table, whatever the context.

    Tables with tones are of characters that the Simplified script writes otherwise, those without of any.
    """
    table: dict[str, str] = {}
    fold = language_model().fold
    for character in sorted({c for c in text if "\u4e00" <= c < "\ua000"}):
        if how.toned and fold(character) == character:
            continue
        readings = PINYIN_DICT.get(ord(character), "").split(",")
        if readings[0] and rng.random() < how.share:
            reading = rng.choice(readings)
            if all(c in "abcdefghijklmnopqrstuvwxyzāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü" for c in reading):
                table[character] = reading if how.toned else toneless(reading)
    return table


def replace_bytes(raw: bytes, table: Mapping[str, str], how: Mechanism) -> bytes:
    """The byte-level replace: annotations behind characters, a byte before marks."""
    if how.marks:
        for mark in MARKS:
            raw = raw.replace(mark.encode("gbk"), INSERTED + mark.encode("gbk"))
    for character, reading in table.items():
        note = f"({reading})" * (2 if how.doubled else 1)
        raw = raw.replace(character.encode("gbk"), character.encode("gbk") + note.encode("gbk"))
    return raw


def decode(raw: bytes, how: Mechanism) -> str:
    """What a lenient decoder makes of the bytes."""
    shown: list[str] = []
    at = 0
    while at < len(raw):
        if raw[at] < 0x80:
            shown.append(chr(raw[at]))
            at += 1
            continue
        pair = raw[at : at + 2]
        try:
            shown.append(pair.decode("gbk"))
        except UnicodeDecodeError:
            undefined = len(pair) == 2 and pair[1] >= 0x40 and pair[1] not in (0x7F, 0x80, 0xFF)
            if not undefined:
                shown.append("?" if how.swallows else "\ufffd")
                at += 2 if how.swallows else 1
                continue
        at += 2
    return "".join(shown).replace(INSERTED.decode(), "")


def damage(text: str, how: Mechanism, seed: int) -> str:
    """`text` as the page shows it. Characters that GBK lacks must not be in it."""
    table = reading_table(text, how, random.Random(seed))
    return decode(replace_bytes(text.encode("gbk"), table, how), how)
