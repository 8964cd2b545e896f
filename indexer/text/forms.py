"""What does a sign stand for? Signs that Unicode spells in two ways, or in one for several characters.

Composed and decomposed characters are the same (NFC: é, ộ, ガ, 서), half-width kana with their marks too;
Ⅲ is III, ㎡ is m2, ﬁ is fi, ㍿ is 株式会社; a circle between numerals is 〇 (一○九). Numbers in circles stand
apart from the digits beside them (①2023年), as exponents do (10²). The comma between full-width thousands is
that of numbers (１，２３４). A character in brackets inside a text,
歡(迎)進入, is read on: a site's annotations have left such behind.
This changes the length of a text, so it is for matching only, and `indexer.text.analyzer.visible` maps
offsets back. **What a sign stands for depends on nothing but what it touches.**
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain

from indexer import native
from indexer.text.ranges import HAN

_LATIN_FORMS = dict.fromkeys("ßẞ", "ss") | dict.fromkeys("æÆǢǣǼǽ", "ae") | dict.fromkeys("œŒ", "oe")
# What they stand for is said beside a word, not in it: Windows™.
_BESIDE = "™℠"
# Ranges are written as their first and last characters: what NFC may join to the character before it.
_MARKS = "\u0300-\u036f\u1161-\u1175\u11a8-\u11c2\u3099\u309a\uff9e\uff9f"
_ACCENT = re.compile("[\u0300-\u036f]")
_SMALL = "²³¹⁰⁴-⁹₀-₉"
# Where signs stand that are one for several characters, and those of them that are numbers.
_SIGN_RANGES = ((0xA0, 0x250), (0x1E96, 0x1E9F), (0x2000, 0x3400), (0xFB00, 0xFB07))
_NUMBERED = frozenset(map(chr, chain(range(0x2460, 0x2500), range(0x2776, 0x2794), range(0x3251, 0x32C0))))
_NUMERALS = "〇一二三四五六七八九十百千"
_CIRCLES = "○◯"
_WIDE = "０-９"


def _standing_for() -> Iterator[tuple[str, str]]:
    """Each character that stands for several, or for a number that is apart from its surroundings."""
    yield from _LATIN_FORMS.items()
    characters = [*map(chr, chain.from_iterable(range(*bounds) for bounds in _SIGN_RANGES))]
    # All at once, kept apart by a character of private use: one by one takes several times as long.
    forms = unicodedata.normalize("NFKC", "\ue000".join(characters)).split("\ue000")
    for character, form in zip(characters, forms, strict=True):
        if character in _NUMBERED and (value := unicodedata.numeric(character, -1.0)) >= 0:
            yield character, f" {int(value)} "
        elif len(form) > 1 and character not in _BESIDE and any(map(str.isalnum, form)):
            yield character, _apart(form)


def _apart(form: str) -> str:
    """A form whose digits do not run into those beside it.

    >>> _apart("m2"), _apart("1⁄2"), _apart("株式会社")
    ('m2 ', ' 1⁄2 ', '株式会社')
    """
    return f"{' ' * form[0].isdigit()}{form}{' ' * form[-1].isdigit()}"


_FORMS: Mapping[str, str] = dict(_standing_for())


def _ranges(characters: str) -> str:
    """Characters as the ranges of a regular expression: of single ones it would take its time."""
    found: list[tuple[int, int]] = []
    for code in sorted(map(ord, characters)):
        if found and found[-1][1] == code - 1:
            found[-1] = found[-1][0], code
        else:
            found.append((code, code))
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in found)


_SIGNS = _ranges("".join(_FORMS))
_ODD = re.compile(f"[({_MARKS}{_SIGNS}{_SMALL}{_CIRCLES}{_WIDE}]")
"""What makes a text worth a closer look: most have none of it."""
_CIRCLE_RUN = re.compile(f"[{_CIRCLES}]+")
_FORM = re.compile(
    rf"(?P<small>[{_SMALL}]+)|(?P<circle>(?<=[{_NUMERALS}])[{_CIRCLES}]+|[{_CIRCLES}]+(?=[{_NUMERALS}]))"
    rf"|(?P<comma>(?<=[{_WIDE}])，(?=[{_WIDE}]{{3}}(?![{_WIDE}])))"
    rf"|(?P<held>(?<=[{HAN}])\([{HAN}]\)|\([{HAN}]\)(?=[{HAN}]))"
    rf"|\S[{_MARKS}]+|[{_SIGNS}]"
)


def is_plain(text: str) -> bool:
    """Whether no character of a text has another form that would be matched instead."""
    if extension := native.compiled("_text"):
        # Folding gives a text itself back where nothing changes: a tenth of the time of the expression.
        return extension.fold(text, _odd_table()) is text
    return not _ODD.search(text)


@cache
def _odd_table() -> str:
    """A table for the extension's `fold` that changes every odd character."""
    return _ODD.sub("\0", "".join(map(chr, range(0x10000))))


def formed(text: str) -> str:
    """`text` with signs as what they stand for.

    >>> formed("第Ⅲ期25㎡，民國一○九年"), formed("cafe\\u0301 ｶﾞ"), formed("○ 報名")
    ('第III期25m2 ，民國一〇九年', 'café ガ', '○ 報名')
    >>> formed("１，２３４元，第２５，２６屆")
    '１,２３４元，第２５，２６屆'
    >>> formed("歡(迎)進入"), formed("f(x)與(二)、(三)")
    ('歡迎進入', 'f(x)與二、(三)')
    """
    if is_plain(text):
        return text
    parts: list[str] = []
    at = 0
    for found in signs(text):
        parts += text[at : found.start()], form_of(found)
        at = found.end()
    return "".join([*parts, text[at:]])


def signs(text: str) -> Iterator[re.Match[str]]:
    """What has another form that is matched instead, in order.

    A class of characters is found in a tenth of the time of the expression, which is asked only there.
    """
    at = 0
    while odd := _ODD.search(text, at):
        place = odd.start()
        found = (_FORM.match(text, place - 1) if place > at else None) or _FORM.match(text, place)
        if found:
            yield found
            at = found.end()
        else:
            # Of circles that are no zeros only the last may be part of anything else.
            run = _CIRCLE_RUN.match(text, place)
            at = max(place + 1, run.end() - 1 if run else 0)


def form_of(match: re.Match[str]) -> str:
    """What a match of `signs` stands for."""
    text = match.group()
    if match["circle"]:
        return "〇" * len(text)
    if match["held"]:
        return text[1]
    if match["comma"]:
        return ","
    if match["small"]:
        return f" {unicodedata.normalize('NFKC', text)} "
    return _FORMS[text] if len(text) == 1 else _composed(text)


@cache
def _composed(cluster: str) -> str:
    """A character with its marks; those of a Latin letter for which there is no character go."""
    spelled = "".join(_FORMS.get(character, character) for character in cluster)
    # Half-width kana have their voicing marks only in the compatibility form.
    half = not {"ﾞ", "ﾟ"}.isdisjoint(cluster)
    form = unicodedata.normalize("NFKC" if half else "NFC", spelled)
    if half and len(form) >= len(spelled):
        # A mark behind what it does not go with stands by itself.
        form = unicodedata.normalize("NFC", spelled)
    latin = form[0].isascii() or unicodedata.normalize("NFD", form[0])[0].isascii()
    return _ACCENT.sub("", form) if latin else form
