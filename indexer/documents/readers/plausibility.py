"""How likely is it that somebody wrote this text? What readings of the same bytes are compared by.

A sum of log frequencies of characters, by writing system: Chinese in either script, Japanese, Korean.
**Readings are compared over the same bytes, so that each has to account for all of them; a reading that
nobody would have written is below the floor, however few there are beside it.**
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from indexer.repair.lost import KEPT

FLOOR = -10.3
"""Mean log frequency of what is not ASCII, below which a text is nobody's."""
SLACK = 9.0
"""What few characters may fall short of it by, in all."""
_IMPLAUSIBLE, _LOST = -18.0, -20.0
_COMMON, _LESS_COMMON = "，。", "、：；？！「」『』《》（）“”‘’·—…〈〉【】　"
_PUNCTUATION = dict.fromkeys(_COMMON, -3.5) | dict.fromkeys(_LESS_COMMON, -6.0)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_HANGUL = (
    "이다는의에을가고지하로한은기사리도서어자나들부그시대해일아라인정전있보수제동여안"
    "게되상주스장를모과으원비구선조유성경적우마세음공생중관신며습니"
)
_CANTONESE = "佢哋揸咗啲餸嘢嘅喺冇咁嗰唔睇攞俾畀嚟嘥嗌啱瞓攰搵乜咩㗎喎噃囉嘞嚿嬲諗孖曱甴氹嘈嘩噉嗱嚇埗涌"
_JAPANESE_FORMS = (
    "気楽駅発会国学円図書画対戦応関変伝統歩広売読歳県経済権観験検単団囲転毎様帰区労働"
    "込辺広黒覚悪圧医栄営桜価仮絵覧"
)
_SCRIPTS = {
    "big5hkscs": ("hant",),
    "big5-uao": ("hant", "hans"),
    "utf-16-le": ("hans", "hant", "jpan", "kore"),
    "utf-16-be": ("hans", "hant", "jpan", "kore"),
    "shift_jis": ("jpan",),
    "euc_jp": ("jpan",),
    "iso2022_jp_2": ("jpan", "hans"),
    "euc_kr": ("kore",),
    "iso2022_kr": ("kore",),
}
_ANY = ("hans", "hant", "jpan", "kore")


def likelihood(text: str, encoding: str) -> float:
    """How likely a text is in the writing systems that its encoding is used for: a sum of log frequencies."""
    models = _models()
    sums = (sum(map(models[script].__getitem__, text)) for script in _SCRIPTS.get(encoding, ("hans", "hant")))
    return max(sums)


def is_plausible(text: str, encoding: str = "") -> bool:
    """Whether anybody may have written this in a writing system that the encoding is used for.

    >>> is_plausible("今天的会议"), is_plausible("涓滃悍璺槸" * 4)
    (True, False)
    """
    beyond = "".join(_BEYOND_ASCII.findall(text))
    models = _models()
    best = max(sum(map(models[script].__getitem__, beyond)) for script in _SCRIPTS.get(encoding, _ANY))
    controls = sum(models["hans"][c] <= _IMPLAUSIBLE for c in set(text) if c < "\x80")
    return best + SLACK > FLOOR * len(beyond) and controls < 3


class _Frequencies(dict[str, float]):
    """Log frequencies by character; an unlisted one is judged by its kind, once."""

    def __missing__(self, character: str) -> float:
        value = self[character] = _unlisted(ord(character))
        return value


def _unlisted(code: int) -> float:
    if code < 0x80:
        return -5.0 if chr(code).isprintable() or code in b"\t\r\n" else _IMPLAUSIBLE
    if 0x4E00 <= code <= 0x9FFF:
        return -15.0
    if (
        0xA0 <= code <= 0x6FF
        or 0x2460 <= code <= 0x26FF
        or 0x3000 <= code <= 0x30FF
        or 0xFF00 <= code <= 0xFF5E
    ):
        return -10.0  # letters of other alphabets; signs; kana; full-width forms
    return _LOST if re.match(f"[{KEPT}]", chr(code)) else _IMPLAUSIBLE


@cache
def _models() -> dict[str, _Frequencies]:
    models = {script: _Frequencies(_PUNCTUATION) for script in ("hans", "hant")}
    table = files(__package__).joinpath("common_characters.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            script, level, characters = line.split("\t")
            models[script] |= dict.fromkeys(characters, float(level))
    for character in _CANTONESE:
        models["hant"].setdefault(character, -9.0)
    return models | {"jpan": _japanese(models), "kore": _korean()}


def _japanese(models: dict[str, _Frequencies]) -> _Frequencies:
    both = {c: max(models[s].get(c, -15.0) for s in models) for s in models for c in models[s]}
    kana = {chr(code): -4.0 for code in range(0x3041, 0x3094)} | {
        chr(code): -5.0 for code in (*range(0x30A1, 0x30F7), 0x30FC)
    }
    common = {c: level - 1.0 for c, level in both.items() if c >= "\u4e00"}
    return _Frequencies(_PUNCTUATION | common | dict.fromkeys(_JAPANESE_FORMS, -8.0) | kana)


def _korean() -> _Frequencies:
    listed = dict.fromkeys(_HANGUL, -5.0)
    return _Frequencies(_PUNCTUATION | {chr(code): -8.0 for code in range(0xAC00, 0xD7A4)} | listed)
