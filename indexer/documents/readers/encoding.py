"""Which encoding are these bytes in? Bytes → text, and the name of the encoding.

A byte order mark settles it, and so do bytes that are valid UTF-8. Else every encoding that archives of
Chinese text hold is tried, and the likeliest reading is taken, a declared charset being worth a little more.
A handful of bytes that it cannot read costs those characters alone: they are kept (`indexer.repair.lost`)
and named as a step of repair.
**Bytes of which no reading is plausible are refused: rather no text than other characters.**
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from math import inf, sqrt

from indexer.documents.readers.plausibility import is_plausible, likelihood, unlikelihood
from indexer.documents.readers.seven_bit import seven_bit
from indexer.errors import ReadError
from indexer.repair.big5 import NAME as BIG5_UAO
from indexer.repair.lost import KEEP, lost_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = ("shift_jis", "euc_jp", "euc_kr")
_BIG5 = ("big5hkscs", BIG5_UAO)
_CHINESE = ("gb18030", *_BIG5)
_CANDIDATES = ("utf-8", *_CHINESE, "utf-16-le", "utf-16-be", *_FOREIGN)
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "cp932": "shift_jis",
    "cp949": "euc_kr",
}
_WIDER = {"shift_jis": "cp932", "euc_kr": "cp949"}
"""The codec that reads what is written under the name."""
_TEXT_ENCODINGS = ("utf", "gb", "big5", "hz", "euc", "shift", "iso", "cp", "koi8", "ascii")
_TERMINAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\))")
_LONG_SEQUENCE = re.compile("[\u0800-\U0010ffff]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SCRIPTS = "[\u0080-\u024f]", "[\u0250-\u036f]", "[\u0370-\u03ff]", "[\u0400-\u052f]", "[\u0530-\u07ff]"
_MIXED = re.compile("|".join(f"{one}(?!{one})[\u0100-\u07ff]" for one in _SCRIPTS))
"""Letters of two alphabets side by side: GBK that happens to be valid UTF-8, 硕士学位."""
_SAMPLE = 40_000
"""Bytes that are judged."""
_HANDFUL, _SOME = 200, 20
"""One byte in 200 may be bad, or three at most, one in 20."""
_WIDE = frozenset(("utf-16-le", "utf-16-be"))
_WIDE_TEXT = re.compile(
    "[\t\n\r\x20-\x7e\xb7\xc0-\xff\u2010-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
)
_MARGIN = 1.0
"""What a declaration is worth, in units of the sum's spread (the square root of its length)."""
_FEW, _LESS, _LESS_EACH = 120, 8.0, 2.5
"""Characters that are looked at twice; how much less likely they must be in Chinese, in all and for each."""
_STRANGE, _FOREIGNER = 1.5, 9.0
"""And what a rarer encoding has to be better by, and another language once more."""


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """Bytes → text and the encoding it was in; `declared` is the charset that the file names itself.

    Raises `ReadError` for bytes that are no text in any of the encodings.

    >>> decode("無錫國家軟件園".encode("big5"))
    ('無錫國家軟件園', 'big5hkscs')
    >>> decode("无锡国家软件园".encode("gbk"))
    ('无锡国家软件园', 'gb18030')
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(name, KEEP)
            if not _readable(text, len(data)):
                raise ReadError(f"marked as {name}, but not valid {name}")
            return text, name
    whole = data
    if b"\x1b[" in data or b"\x1b]" in data:
        data = _TERMINAL.sub(b"", data)
    escaped = seven_bit(data) if data.isascii() else None
    if escaped and is_plausible(escaped[0]):
        return escaped
    utf8 = _valid_utf8(data)
    if utf8 is None or _CONTROLS.search(utf8):
        return _likeliest(whole, data.replace(b"\x00", b""), canonical(declared))
    return utf8, (utf8.isascii() and canonical(declared)) or "utf-8"


def _valid_utf8(data: bytes) -> str | None:
    """Valid UTF-8, unless its two-byte sequences alone spell what nobody writes."""
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        return None
    return text if text.isascii() or _LONG_SEQUENCE.search(text) or not _MIXED.search(text) else None


def _likeliest(whole: bytes, data: bytes, declared: str | None) -> tuple[str, str]:
    """The likeliest reading that is plausible and loses no more than a handful.

    `data` is the `whole` without NUL bytes and terminal codes, which in UTF-16 are halves of characters.
    """
    names = list(dict.fromkeys(filter(None, (declared, *_CANDIDATES))))
    tried: dict[str, tuple[float, str]] = {}
    for name in names:
        sample = _read((whole if name in _WIDE else data)[:_SAMPLE], name)
        if _readable(sample, min(len(data), _SAMPLE)):
            tried[name] = likelihood(sample, name) + _favor(name, declared, sqrt(len(sample))), sample
    order = sorted(tried, key=tried.__getitem__, reverse=True)
    if order and order[0] in _CHINESE and order[0] != declared:
        order = [*_few_words(tried), *order]
    for name in order:
        text = _read(whole if name in _WIDE else data, name)
        if not _readable(text, len(data)) or (name in _WIDE and not _wide_text(text[:_SAMPLE])):
            continue
        if name == declared or is_plausible(text[:_SAMPLE], name):
            return text, name
    raise ReadError(
        "not text in any encoding known here" if tried else "not text: too many bytes that are no characters"
    )


def _few_words(tried: Mapping[str, tuple[float, str]]) -> list[str]:
    """What a few words are in, by their characters and by what stands beside them; the likeliest first.

    `tried`: how likely each reading is by its characters, and what it says. Another language is taken where
    no reading in Chinese is nearly as likely.
    """
    whole = {name: said for name, (_, said) in tried.items() if not lost_bytes(said)}
    big5 = max(_BIG5, key=lambda name: tried[name] if name in whole else (-inf, ""))
    chinese, foreign = ([name for name in of if name in whole] for of in (("gb18030", big5), _FOREIGN))
    if not chinese or len(whole[chinese[0]]) > _FEW:
        return []
    costs = {name: unlikelihood(whole[name], name) for name in (*chinese, *foreign)}
    likeliest = min(foreign, key=costs.__getitem__, default="")
    enough = _LESS + _LESS_EACH * sum(c > "\x7f" for c in whole.get(likeliest, ""))
    if likeliest and min(costs[name] for name in chinese) - costs[likeliest] >= enough:
        return [likeliest]
    return sorted(chinese, key=lambda name: costs[name] - tried[name][0])


def _wide_text(text: str) -> bool:
    """Whether two bytes each make what text of East Asia is made of: any two make something."""
    return 5 * len(_WIDE_TEXT.findall(text)) >= 4 * len(text)


def _favor(name: str, declared: str | None, spread: float) -> float:
    # Who declares Big5 may mean either of its extensions.
    told = name == declared or (name == BIG5_UAO and declared == "big5hkscs")
    # Any two bytes are a character of UTF-16, one in six a Korean one: a few are no evidence.
    foreign = not told and (name in _FOREIGN or name in _WIDE)
    strange = foreign or name == BIG5_UAO
    return _MARGIN * spread * told - _STRANGE * spread * strange - _FOREIGNER * foreign


def _read(data: bytes, name: str) -> str:
    return data.decode(_WIDER.get(name, name), KEEP)


def _readable(text: str, size: int) -> bool:
    """Whether no more than a handful of bytes was lost, or a character that was cut at the end."""
    lost = lost_bytes(text[:-3]) if len(text) > 8 else lost_bytes(text)
    return lost * _HANDFUL <= size or (lost <= 3 and lost * _SOME <= size)


def canonical(charset: str | None) -> str | None:
    """The name of the text encoding a charset label means; None for an unknown label.

    Labels are widened to what writers really use under them.

    >>> canonical("GB2312"), canonical("Big5"), canonical("klingon")
    ('gb18030', 'big5hkscs', None)
    """
    try:
        name = codecs.lookup(charset.strip()).name if charset else ""
    except (LookupError, ValueError):
        return None
    # Python also knows codecs that are no charset of a page, such as hex and unicode_escape.
    return _SUPERSETS.get(name, name) if name.startswith(_TEXT_ENCODINGS) else None


_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\u2028\u2029]|(?<![\x80-\xff])\x85")
_UNUSABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ud800-\udfff]")


def clean(text: str) -> str:
    """Text that every later stage can store and print: lines end in U+000A, no control characters.

    A lone surrogate, which JSON can spell and UTF-8 cannot, becomes U+FFFD. U+0085 after another Latin-1
    character is no line end but a byte of a text that was read wrongly, and stays.

    >>> clean("第一行\\r\\n第二行\\x00\\ud800")
    '第一行\\n第二行�'
    """
    # What can be printed is clean; that is known faster than what is in the way is found.
    if text.isprintable() or not _UNCLEAN.search(text):
        return text
    return _SURROGATES.sub("�", _UNUSABLE.sub("", _LINE_ENDS.sub("\n", text)))
