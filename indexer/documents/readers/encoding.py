"""Which encoding are these bytes in? Bytes → text, and the name of the encoding.

A byte order mark settles it; then a declared charset, if the text it gives is plausible; then strict
UTF-8; then GB18030 or Big5-HKSCS, whichever reads as the likelier Chinese. Decoding is strict
throughout: no character is replaced, so nothing is lost unnoticed.
"""

from __future__ import annotations

import codecs
import re
from functools import cache
from importlib.resources import files
from math import ceil, sqrt

from indexer.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
_LONG_SEQUENCE = re.compile("[\u0800-\U0010ffff]")
_TEXT_ENCODINGS = ("utf", "gb", "big5", "hz", "euc", "shift", "iso", "cp", "koi8", "ascii")
_SAMPLE = 40_000
"""Bytes that are judged; all of them have to decode."""
_IMPLAUSIBLE = -17.0
_MARGIN = 1.0
"""What a declaration is worth, in units of the sum's spread (the square root of its length)."""
_COMMON, _LESS_COMMON = "，。", "、：；？！「」『』《》（）“”‘’·—…〈〉【】　"
_PUNCTUATION = dict.fromkeys(_COMMON, -3.5) | dict.fromkeys(_LESS_COMMON, -6.0)


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
            return _require(_strict(data[len(mark) :], name), name)
    if b"\x00" in data and data.count(b"\x00") * 1000 > len(data):
        raise ReadError("not text: the file is full of NUL bytes")
    return _decode_unmarked(data, canonical(declared))


def _decode_unmarked(data: bytes, declared: str | None) -> tuple[str, str]:
    utf8 = _strict(data, "utf-8")
    if utf8 is not None and declared in (None, "utf-8") and (utf8.isascii() or _LONG_SEQUENCE.search(utf8)):
        return utf8, "utf-8"  # three-byte sequences do not come about by accident; two-byte ones do: 硕士学位
    names = dict.fromkeys(filter(None, (declared, "utf-8", "gb18030", "big5hkscs")))
    readings = [(text, name) for name in names if (text := _strict(data, name)) is not None]
    if not readings:
        raise ReadError("not text in UTF-8, GB18030 or Big5")
    share = min(1.0, _SAMPLE / max(1, len(data)))
    trust = _MARGIN * sqrt(min(len(data), _SAMPLE))

    def score(reading: tuple[str, str]) -> float:
        text, name = reading
        return likelihood(text, name, share) + trust * (name == declared)

    return max(readings, key=score)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _require(text: str | None, encoding: str) -> tuple[str, str]:
    if text is None:
        raise ReadError(f"marked as {encoding}, but not valid {encoding}")
    return text, encoding


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


def likelihood(text: str, encoding: str, share: float = 1.0) -> float:
    """How likely the first `share` of a text is as Chinese writing: a sum of log frequencies.

    Readings of the same bytes are compared by their sums, so that each has to account for all of them.
    Big5 is held to Traditional writing.
    """
    sample = text[: ceil(share * len(text))]
    models = _models()
    scripts = ("hant",) if encoding == "big5hkscs" else ("hans", "hant")
    return max(sum(map(models[script].__getitem__, sample)) for script in scripts)


class _Frequencies(dict[str, float]):
    """Log frequencies by character; an unlisted one is judged by its kind, once."""

    def __missing__(self, character: str) -> float:
        code = ord(character)
        if code < 0x80:
            value = -5.0 if character.isprintable() or character in "\t\r\n" else _IMPLAUSIBLE
        elif 0x4E00 <= code <= 0x9FFF:
            value = -15.0
        elif 0xC0 <= code <= 0x52F or 0x3000 <= code <= 0x30FF or 0xFF00 <= code <= 0xFFEF:
            value = -10.0  # Latin, Greek, Cyrillic letters; kana; full-width forms
        else:
            value = -18.0
        self[character] = value
        return value


@cache
def _models() -> dict[str, _Frequencies]:
    models = {script: _Frequencies(_PUNCTUATION) for script in ("hans", "hant")}
    table = files(__package__).joinpath("common_characters.txt").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            script, level, characters = line.split("\t")
            models[script] |= dict.fromkeys(characters, float(level))
    return models


_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNUSABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ud800-\udfff]")


def clean(text: str) -> str:
    """Text that every later stage can store and print: lines end in U+000A, no control characters.

    A lone surrogate, which JSON can spell and UTF-8 cannot, becomes U+FFFD.

    >>> clean("第一行\\r\\n第二行\\x00\\ud800")
    '第一行\\n第二行�'
    """
    # What can be printed is clean; that is known faster than what is in the way is found.
    if text.isprintable() or not _UNCLEAN.search(text):
        return text
    return _SURROGATES.sub("�", _UNUSABLE.sub("", _LINE_ENDS.sub("\n", text)))
