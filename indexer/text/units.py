"""What of a text is seen, and which units does it fall into: runs of CJK characters, Latin words, numbers?

    >>> seen("無\\u200b錫\\n高新區 2 期")
    '無錫高新區 2 期'
    >>> seen("第Ⅲ期")
    '第III期'
    >>> content(units("無錫C++，3.5D"))
    '無錫C++3.5D'

Where the extension `_text` was built it reads the characters, else regular expressions do: equal results.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from indexer import native
from indexer.text.forms import formed
from indexer.text.ranges import HAN_RANGES, character_class

# Ranges are written as their first and last characters.
# Scripts written without spaces between words: their characters are indexed one by one and in pairs.
CJK_RANGES = (
    HAN_RANGES + "\u3005\u3007\u3041\u3096\u30a1\u30fa\u30fc\u30fc\u3105\u312f\u31f0\u31ff\uac00\ud7a3"
)
# These, and what folds to one of them: radicals, which copied pages have for characters, and half-width kana.
_JOINED_RANGES = CJK_RANGES + "\u2e81\u2ef3\u2f00\u2fd5\uff66\uff9d"
# Signs that somebody may look for by themselves, ★ and 😀: symbols and pictures, not punctuation, and not
# what tables are drawn with. They are words, without a position: a phrase passes over them.
SIGN_RANGES = (
    "\u00a2\u00a9\u00ac\u00ac\u00ae\u00b1\u00b6\u00b6\u00d7\u00d7\u00f7\u00f7\u2020\u2021\u2030\u2031\u203b\u203b\u20a0\u20cf"
    "\u2100\u2426\u25a0\u27ff\u2900\u2bff\u3004\u3004\u3012\u3013\u3020\u3020\u3036\u3037\ufffc\ufffd\U0001f000\U0001faff"
)
# What has no look of its own: soft hyphens, joiners, marks of direction, selectors of variants and tags.
_IGNORABLE_RANGES = (
    "\u00ad\u00ad\u034f\u034f\u061c\u061c\u180b\u180f\u200b\u200f\u202a\u202e\u2060\u206f\ufe00\ufe0f\ufeff\ufeff"
    "\ufff9\ufffb\U000e0000\U000e0fff"
)

Mark = tuple[int, int]
"""A range of a text, half-open, in code points."""
Units = tuple[str, Sequence[int]]
"""A text, and of each unit in it twice its start, plus one for a run, and its end: 32-bit numbers."""

CJK, _IGNORABLE = character_class(CJK_RANGES), character_class(_IGNORABLE_RANGES)
_JOINED = character_class(_JOINED_RANGES)
IGNORED = re.compile(f"[{_IGNORABLE}]+")
"""What is never seen, whatever is beside it."""
SIGN = re.compile(f"[{character_class(SIGN_RANGES)}]")
# What makes one picture with the sign or character before it: skin, style, variant, and what is joined to it.
_ADDED = "\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
_REST_OF_SIGN = re.compile(f"(?:[{_ADDED}]|\u200d.)*")
# White space between two CJK characters is layout (a wrapped line, spaced lettering), not a word boundary.
# The class that both kinds begin with comes first, so that a search skips over what is neither.
_BLANK = f"[\\s{_IGNORABLE}]"
UNSEEN = re.compile(
    f"{_BLANK}(?:(?<=[{_IGNORABLE}])[{_IGNORABLE}]*|(?<=[{_JOINED}]{_BLANK}){_BLANK}*(?=[{_JOINED}]))"
)
# A number has commas between its thousands and one point: 2023.10.01 and 1998,1999 are several.
_NUMBER = r"(?<!\d[.,])[1-9]\d{0,2}(?:,\d{3})++(?:\.\d++)?(?![.,]?\d)|(?<!\d\.)\d++\.\d++(?!\.\d)|\d++"
UNITS = re.compile(f"([{CJK}]+)|({_NUMBER}|[^\\W\\d_{CJK}]+(?:\\+\\+|#)?)")
"""A run of CJK characters, each of which has a position, or a Latin word or number, which has one."""


SENTENCE_ENDS = "。！？!?；;"
"""The signs at which a sentence ends."""
_STOPS = re.compile(f"[{SENTENCE_ENDS}]")
STOP = "。"
"""What stands for the end of a sentence in an index: a term with a position of its own."""


def spans_of(units: Iterable[re.Match[str]]) -> array[int]:
    """The units that an expression finds in a text, as `intern_units` takes them; its group 1 is a run.

    Of each unit twice its start, plus one for a run, and its end.
    """
    spans = array("I")
    for unit in units:
        start, end = unit.span()
        spans.extend((start << 1 | (unit[1] is not None), end))
    return spans


def seen(text: str) -> str:
    """A text with signs as what they stand for, and without what no reader sees.

    Unseen are zero-width characters, and white space between CJK characters.
    """
    text, extension = formed(text), native.compiled("_text")
    if extension is None:
        return UNSEEN.sub("", text)
    found: str = extension.seen(text, _JOINED_RANGES, _IGNORABLE_RANGES)
    return found


def all_seen(text: str) -> bool:
    """Whether there is nothing in a text that no reader sees; of signs their forms are not looked at."""
    extension = native.compiled("_text")
    if extension is None:
        return not UNSEEN.search(text)
    return extension.seen(text, _JOINED_RANGES, _IGNORABLE_RANGES) is text


def is_sign(word: str) -> bool:
    """Whether a word is a sign, which has no gram."""
    return bool(SIGN.match(word))


def sign_end(text: str, end: int) -> int:
    """Where the picture ends of which a sign or character before `end` is the beginning.

    >>> sign_end("👍🏽好", 1), sign_end("👍好", 1), sign_end("葛\\U000e0101飾", 1)
    (2, 1, 2)
    """
    rest = _REST_OF_SIGN.match(text, end)
    return rest.end() if rest else end


def units(text: str) -> Units:
    """The units of a text, in order."""
    return _read(text, "") or (text, spans_of(UNITS.finditer(text)))


def stopped_units(text: str) -> Units:
    """The same with a unit `STOP` wherever a sentence ends between two of them.

    >>> text, spans = stopped_units("「好！」他說，3?4。")
    >>> [text[start >> 1 : end] for start, end in zip(spans[::2], spans[1::2])]
    ['好', '。', '他說', '3', '。', '4']
    """
    return _read(text, SENTENCE_ENDS) or _stopped((text, spans_of(UNITS.finditer(text))))


def _read(text: str, ends: str) -> Units | None:
    """What the extension finds; None where it was not built."""
    extension = native.compiled("_text")
    if extension is None:
        return None
    own, spans = extension.units(text, CJK_RANGES, ends, STOP)
    return own, memoryview(spans).cast("I")


def _stopped(units: Units) -> Units:
    text, spans = units
    if not (signs := stops(text)):
        return units
    # Of some signs most texts are too short for arrays to pay.
    heads, found, kept, done = _heads(spans), array("I"), [-1], 0
    for sign in signs:
        place = bisect_left(heads, sign)
        if done < place < len(heads):
            found.extend(spans[2 * done : 2 * place])
            found.extend((sign << 1, sign + 1))
            kept.append(sign)
            done = place
    found.extend(spans[2 * done :])
    # Only signs that are units stay, and all of them are one term.
    spaced = _STOPS.sub(" ", text)
    return STOP.join([spaced[at + 1 : end] for at, end in pairwise([*kept, len(text)])]), found


def unstopped(units: Units) -> Units:
    """The units without ends of sentences.

    >>> content(unstopped(stopped_units("好！他說")))
    '好他說'
    """
    text, spans = units
    if STOP not in text:
        return units
    heads, found, done = _heads(spans), array("I"), 0
    for sign in stops(text):
        place = bisect_left(heads, sign)
        if place < len(heads) and heads[place] == sign:
            found.extend(spans[2 * done : 2 * place])
            done = place + 1
    found.extend(spans[2 * done :])
    return text, found


def _heads(spans: Sequence[int]) -> list[int]:
    """Where each unit starts."""
    return [start >> 1 for start in spans[::2]]


def stops(folded: str) -> list[int]:
    """Where in a folded text a sentence ends."""
    return [sign.start() for sign in _STOPS.finditer(folded)]


def content(units: Units) -> str:
    """The units of a text without what stands between them."""
    text, spans = units
    return "".join([text[start >> 1 : end] for start, end in zip(spans[::2], spans[1::2], strict=True)])
