"""Was a piece of this text decoded with the wrong encoding? Encode it back and decode it right.

UTF-8 read as Latin-1 or GBK, and GBK read as Latin-1. Only where nothing was lost: the piece must
encode back whole, decode strictly, and come out as Chinese that the language model finds far
likelier than what stands there.
**A piece that does not survive the way back and forth is left as it is.**
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.repair.gbk import byte_tables
from indexer.repair.language_model import language_model
from indexer.repair.pinyin import HAN
from indexer.repair.steps import Edit

GAIN = 12.0  # the language model must prefer the repaired piece by this much
PLAUSIBLE = 11.0  # and the repaired piece must not cost more than this a character
FEWEST = 3  # Han characters that a repaired piece must have
LONGEST = 20_000  # characters of a piece

_WINDOWS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what Windows-1252 has where Latin-1 has controls
_HIGH = f"\x80-\xff{_WINDOWS}"
_LATIN_UTF8 = re.compile(rf"[\xe3-\xe9\xef][{_HIGH}]{{2}}(?:[\x20-\x7e]{{0,40}}[\xc2-\xef][{_HIGH}]{{1,2}})*")
_LATIN_GBK = re.compile(rf"(?:[\x81-\xfe{_WINDOWS}][\x40-\x7e\x80-\xfe{_WINDOWS}]){{3,}}")
_LATIN = re.compile(rf"[\xa1-\xfe][{_HIGH}]{{2}}")  # any of the two, found faster
_BEGINNINGS = "锛銆鐨涓鍥鍦鏄浜鎴鍒绠鏈鍏"  # how ，。的中國在是了我到等有公 begin when UTF-8 is read as GBK
_TELLING = re.compile(f"[{_BEGINNINGS}]")
SIGNS = f"{_BEGINNINGS}\xa1-\xfe"
"""The characters, for a regular expression's brackets, without one of which nothing here is looked at."""
_HAN = re.compile(f"[{HAN}]")


def undo_wrong_decoding(text: str) -> list[Edit]:
    """Edits for every piece that was decoded wrongly and can be put right.

    >>> undo_wrong_decoding("無錫高新區開幕".encode().decode("latin-1"))[0].after
    '無錫高新區開幕'
    """
    edits: list[Edit] = []
    done = 0
    for start, end, after, evidence in sorted(_candidates(text), key=_longest_first):
        if start >= done and _is_better(text[start:end], after):
            edits.append(Edit(start, end, after, "mojibake", evidence))
            done = end
    return edits


def looks_wrong(text: str) -> bool:
    """A cheap look for anything that `undo_wrong_decoding` might put right."""
    if _TELLING.search(text) and _gbk_utf8().search(text):
        return True
    return bool(_LATIN.search(text) and (_LATIN_UTF8.search(text) or _LATIN_GBK.search(text)))


def _candidates(text: str) -> Iterator[tuple[int, int, str, str]]:
    for match in _LATIN_UTF8.finditer(text):
        yield from _decoded(match, _latin_bytes(match[0]), "utf-8", "UTF-8 that was read as Latin-1")
    for match in _LATIN_GBK.finditer(text):
        yield from _decoded(match, _latin_bytes(match[0]), "gbk", "GBK that was read as Latin-1")
    for match in _gbk_utf8().finditer(text):
        yield from _decoded(match, match[0].encode("gbk"), "utf-8", "UTF-8 that was read as GBK")


def _decoded(
    match: re.Match[str], raw: bytes, encoding: str, evidence: str
) -> Iterator[tuple[int, int, str, str]]:
    if len(match[0]) > LONGEST:
        return
    try:
        yield match.start(), match.end(), raw.decode(encoding), evidence
    except UnicodeDecodeError:
        return


def _latin_bytes(piece: str) -> bytes:
    return b"".join(c.encode("cp1252" if c in _WINDOWS else "latin-1") for c in piece)


def _is_better(before: str, after: str) -> bool:
    if len(_HAN.findall(after)) < FEWEST or not after.isprintable():
        return False
    model = language_model()
    cost = model.run("", after)
    return cost < PLAUSIBLE * len(after) and cost + GAIN < model.run("", before)


def _longest_first(candidate: tuple[int, int, str, str]) -> tuple[int, int]:
    return candidate[0], -candidate[1]


def _gbk_utf8() -> re.Pattern[str]:
    """Runs of characters whose GBK bytes are UTF-8 of Han and of Chinese marks, whole characters only."""
    global _pattern
    if _pattern is None:
        _pattern = re.compile(_run_pattern())
    return _pattern


_pattern: re.Pattern[str] | None = None


def _run_pattern() -> str:
    """Two characters of UTF-8 are six bytes, which GBK reads as three characters."""
    leads, rest = range(0xE3, 0xF0), range(0x80, 0xC0)

    def those(first: range, second: range) -> str:
        pairs = byte_tables().character.items()
        return "[" + re.escape("".join(c for (a, b), c in pairs if a in first and b in second)) + "]"

    return f"(?:{those(leads, rest)}{those(rest, leads)}{those(rest, rest)}){{2,}}"
