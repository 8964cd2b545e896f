"""How likely is it that somebody wrote this text? What readings of the same bytes are compared by.

A sum of log frequencies of characters, by writing system: Chinese in either script, Japanese, Korean.
**Readings are compared over the same bytes, so that each has to account for all of them; a reading that
nobody would have written is below the floor, however few there are beside it.**
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from indexer.repair.language_model import UNSEEN, language_model
from indexer.repair.lost import KEPT

FLOOR = -10.3
"""Mean log frequency of what is not ASCII, below which a text is nobody's."""
SLACK = 9.0
"""What few characters may fall short of it by, in all."""
_IMPLAUSIBLE, _LOST = -18.0, -20.0
_STANDARD, _SPELLED = -9.0, -14.0
_OTHER, _KANA, _NO = 9.0, 12.0, 5.0
"""What signs cost in Chinese text, and kana; signboards have の."""
_COMMON, _LESS_COMMON = "，。", "、：；？！「」『』《》（）“”‘’·—…〈〉【】　"
_OTHERS = re.compile(f"[^\x00-\x7f\u4e00-\u9fff{_COMMON}{_LESS_COMMON}]")
_PUNCTUATION = dict.fromkeys(_COMMON, -3.5) | dict.fromkeys(_LESS_COMMON, -6.0)
_IS_KANA = re.compile("[\u3041-\u30ff]").match
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_HANGUL = (
    "이다는의에을가고지하로한은기사리도서어자나들부그시대해일아라인정전있보수제동여안"
    "게되상주스장를모과으원비구선조유성경적우마세음공생중관신며습니"
)
_LESS_COMMON_HANGUL = (
    "각간감강개거건검격결계곡교권극금급길김까깨꺼께꼬꾸끝날남내너년노농눈느늘능님단달당덕데독돈돌두드득등따때또락란람래량러럼력렇레려련령례록론료"
    "류르른름릅릉립링막만말망맞매맥머먹메면명목몇무문물미민및바박반발방배백버번범법벽변별병복본봉북분불브빠뿐삭산살삼새색석설섬센셨소속손송술숙순"
    "숨숲쉬승식실심십싶쓰씨악알암압앞애액야약양얘억언얼엄업없엇었역연열염영예오온올와완왕외요욕용운울움워월웃위육윤율응익임입잎작잔잘잠재저절점접"
    "족존종좋좌죄죽준줄즉증직진질집짓짜째찬참창찾채책처천철첫청체초촌총최추축출충취층치친칠침카칼커코콜쿠크큰타탁탄태택터테토통투트특티파판팔패퍼"
    "페편평포폭표품풍프피필학할함합항핵햇행향허험혁현혈협형혜호혹혼홀화확환활황회효후훈휴흐흥희히"
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


def unlikelihood(text: str, encoding: str) -> float:
    """What a few words cost that are not ASCII: in Chinese by the characters beside one another.

    >>> unlikelihood("地铁末班", "gb18030") < 32 < unlikelihood("酒醛 规价", "gb18030")
    True
    """
    if encoding in _SCRIPTS and encoding not in ("big5hkscs", "big5-uao"):
        return -likelihood("".join(_BEYOND_ASCII.findall(text)), encoding)
    model, others = language_model(), _OTHERS.findall(text)
    known = sum(model.run("", run) for run in _OTHERS.split(text))
    ascii_ = sum(model.single.get(model.classed(c), UNSEEN) for c in text if c < "\x80")
    return (
        known - ascii_ + sum(_NO if sign == "の" else _KANA if _IS_KANA(sign) else _OTHER for sign in others)
    )


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
        or 0xFF00 <= code <= 0xFF9F
    ):
        return -10.0  # letters of other alphabets; signs; kana; full and half width
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
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    # Of 11,172 syllables that can be spelled, words have the 2,350 of the standard.
    listed = {c: _STANDARD if c.encode("euc_kr", "ignore") else _SPELLED for c in syllables}
    common = dict.fromkeys(_LESS_COMMON_HANGUL, -6.5) | dict.fromkeys(_HANGUL, -5.0)
    return _Frequencies(_PUNCTUATION | listed | common)
