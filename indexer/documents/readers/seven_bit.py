"""What do texts say that were written in seven bits, with escapes? HZ and ISO-2022, of mail and Usenet.

All their bytes are ASCII, so that no search for Han bytes finds them.
**Where no such escape opens Chinese, Japanese or Korean, nothing is decoded.**
"""

from __future__ import annotations

import re
from functools import cache

import indexer.repair.big5  # noqa: F401  # registers "big5-uao"
from indexer.repair.lost import KEEP, kept

_HZ = re.compile(rb"~\{((?:[\x21-\x7e]{2})*?)(?:~\}|(?=\n|\Z))|~(~)|~\n")
_OPENED = re.compile(rb"~\{[\x21-\x77][\x21-\x7e]")
_ESCAPE = re.compile(rb"\x1b\$(?:[@A-B]|[()*][A-KQ])")
_2022 = re.compile(
    rb"\x1b\$\)(?P<set>[AEG])|\x1b\$\*(?P<second>H)|\x0e|\x0f|\n|\x1bN(?P<single>[\x21-\x7e]{2})|(?P<text>[^\x0e\x0f\n\x1b]+)|."
)
_CODECS = (("iso2022_jp_2", rb"\x1b\$(?:[@B]|\(D)|\x1b\$A"), ("iso2022_kr", rb"\x1b\$\)C"))
# Runs in which CNS 11643 and Big5 have the same characters in the same order: pair, pair, how many.
_PLANES = (
    "2121:a140+5 2127:a146+8 2130:a14f+6 2136:a157+2 2139:a156+1 213e:a15d+44 216a:a1ac+1 216b:a1ab+1"
    " 216c:a1ad+22 2225:a1c4+1 2227:a1c6+27 2242:a1e2+1 2243:a1e1+1 2244:a1e3+19 2257:a1f7+1 2258:a1f6+1"
    " 2259:a1f8+4 225e:a155+1 225f:a241+2 2263:a243+1 2265:a245+1 2268:a248+69 2421:a2af+29 243f:a2cd+1"
    " 2441:a2cf+142 2621:c6a1+20 4421:a440+1412 5323:ad40+424 5753:acfe+1 5754:afd0+1876 6b50:be52+1"
    " 6b51:bbc8+387 6f5c:be53+525 7535:c2cb+1 7536:c1ab+105 7642:c256+83 7737:c2cc+84 782d:c456+1"
    " 782e:c361+54 7864:c3ba+1 7865:c3b9+1 7866:c3bb+90 7962:c457+354",
    "2121:c940+10 212b:c94b+33 214c:c9be+1 214d:c96c+48 217d:c9bf+46 224d:caf7+1 224e:c9ed+167"
    " 2439:caf8+1840 376f:dadf+1 3770:d6cd+108 387e:d77b+537 3e63:d6cc+1 3e64:dae0+100 3f6a:d77a+1"
    " 3f6b:dba7+399 4424:ddfd+1637 554b:ebf1+1 554c:e8a3+146 5722:ecde+1 5723:e976+287 5a28:f0cb+1"
    " 5a29:eb5b+116 5b3f:ebf2+137 5c6a:ecdf+104 5d74:f056+1 5d75:edaa+222 6039:eeec+198 6243:f057+82"
    " 6337:f0cc+86 642f:eeeb+1 6430:f163+8 6438:f16c+153 6573:f269+56 664d:f4b5+1 664e:f2c3+113"
    " 6761:f16b+1 6762:f375+142 6934:f268+1 6935:f466+45 6962:f4b6+71 6a4b:f663+1 6a4c:f4fd+194"
    " 6c52:f664+490 7166:f9c4+1 7167:f977+43 7234:f9c5+1 7235:f9c7+11 7240:f9c6+1 7241:f9d2+4",
)
_ROW = 94
_BIG5_ROW = 157


def seven_bit(data: bytes) -> tuple[str, str] | None:
    """The text and the encoding's name where ASCII bytes open one of these encodings, else None.

    >>> seven_bit(b"~{=qLl~} 5 ~~")
    ('今天 5 ~', 'hz')
    >>> seven_bit(b"\\x1b$)A\\x0e=qLl\\x0f")
    ('今天', 'iso2022_cn')
    """
    if _OPENED.search(data) and b"~}" in data:
        return _HZ.sub(_hz, data).decode("utf-8"), "hz"
    if not _ESCAPE.search(data):
        return None
    for name, opening in _CODECS:
        if re.search(opening, data):
            return data.decode(name, KEEP), name
    return _iso_2022_cn(data), "iso2022_cn"


def _hz(match: re.Match[bytes]) -> bytes:
    return b"~" if match[2] else _gb(match[1] or b"").encode()


def _gb(pairs: bytes) -> str:
    return bytes(byte | 0x80 for byte in pairs).decode("gbk", KEEP)


def _iso_2022_cn(data: bytes) -> str:
    """SO and SI shift to the set that was named last and back; a single shift takes one character."""
    shifted, named = False, b"A"
    shown: list[str] = []
    for match in _2022.finditer(data):
        if match["set"]:
            named = match["set"]
        elif match["single"]:
            shown.append(_cns(match["single"], 1))
        elif match["text"] and shifted:
            shown.append(_cns(match["text"], 0) if named == b"G" else _gb(match["text"]))
        elif match["text"] or match[0] == b"\n":
            shown.append(match[0].decode("ascii"))
            shifted = shifted and match[0] != b"\n"
        elif match[0] in b"\x0e\x0f":
            shifted = match[0] == b"\x0e"
    return "".join(shown)


def _cns(pairs: bytes, plane: int) -> str:
    table = _cns_planes()[plane]
    each = (pairs[at : at + 2] for at in range(0, len(pairs), 2))
    return "".join(table.get(pair) or kept(pair) for pair in each)


@cache
def _cns_planes() -> tuple[dict[bytes, str], ...]:
    """The characters of the first two planes of CNS 11643 by their pairs."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    planes = []
    for runs in _PLANES:
        table: dict[bytes, str] = {}
        for run in runs.split():
            row, cell, lead, trail = bytes.fromhex(run[:4] + run[5:9])
            cns, big5 = (row - 0x21) * _ROW + cell - 0x21, lead * _BIG5_ROW + trails.index(trail)
            for number in range(int(run[10:])):
                pair = bytes((0x21 + (cns + number) // _ROW, 0x21 + (cns + number) % _ROW))
                written = bytes(((big5 + number) // _BIG5_ROW, trails[(big5 + number) % _BIG5_ROW]))
                table[pair] = written.decode("big5-uao")
        planes.append(table)
    return tuple(planes)
