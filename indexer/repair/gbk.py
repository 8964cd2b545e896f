"""Which two bytes is a character in GBK, and which character are two bytes?

GBK characters are a lead byte 0x81–0xFE and a trail byte 0x40–0x7E or 0x80–0xFE; ASCII is one byte.
**Lead and trail ranges overlap, so a text that lost one byte still decodes, one byte out of step,
until something puts it back: that is the damage `indexer.repair.realign` undoes.**
The tables are Python's own "gbk" codec, read once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

LEADS = range(0x81, 0xFF)
_TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))
FULL_WIDTH = 0xA3  # the lead byte of full-width ！ to ～: trail = ASCII + 0x80

FULL_STOP = (0xA1, 0xA3)  # 。


@dataclass(frozen=True, slots=True)
class ByteTables:
    """GBK both ways. Undefined pairs are absent from `character`."""

    character: dict[tuple[int, int], str]
    pair: dict[str, tuple[int, int]]
    undefined: dict[int, frozenset[int]]  # lead → the leads that, taken as its trail, make no character


@cache
def byte_tables() -> ByteTables:
    """The tables (about 10 ms the first time).

    >>> byte_tables().character[0x95, 0x72], byte_tables().pair["地"] == (0xB5, 0xD8)
    ('時', True)
    """
    pairs = [*product(LEADS, _TRAILS)]
    # Of an undefined pair nothing is left, or its trail where that is ASCII.
    read = b"\n".join(map(bytes, pairs)).decode("gbk", "ignore").split("\n")
    character = {pair: c for pair, c in zip(pairs, read, strict=True) if c >= "\x80"}
    pair = {c: both for both, c in character.items()}
    gaps = {lead: frozenset(trail for trail in LEADS if (lead, trail) not in character) for lead in LEADS}
    return ByteTables(character, pair, {lead: trails for lead, trails in gaps.items() if trails})


def last_byte(character: str) -> int | None:
    """The byte that stands last before whatever follows the character; None outside GBK.

    >>> last_byte("當") == 0x94, last_byte("r") == 0x72, last_byte("𠮷")
    (True, True, None)
    """
    if character < "\x80":
        return ord(character) if character else None
    pair = byte_tables().pair.get(character)
    return pair[1] if pair else None
