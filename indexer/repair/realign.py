"""What did a run of text say before a byte of it was lost? Read it again, one byte in step.

Where a marker stands for a lost byte, the characters after it are read one byte out of step until
something puts them back: another lost byte, or a byte in the ASCII range. Readings of the run grow
side by side over the same span, among them the text as it stands, and the cheapest wins.
**A reading must beat the text as it stands by the cost of its own assumptions; a run ends where all
readings are in step again, at a line's end or after `LONGEST` tokens; work per token is bounded.**
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, pairwise
from time import monotonic

from indexer.repair.language_model import classes, language_model
from indexer.repair.readings import Reader, Reading
from indexer.repair.steps import Edit
from indexer.repair.tokens import MARKER, Kind, tokens

LONGEST = 300
CALM = 2  # this many plain tokens read alike by all readings end a run
_TELLING_TRADITIONAL, _TELLING_SIMPLIFIED = "個國來時這為學會說們", "个国来时这为学会说们"
_CORNERS, _CURLS = frozenset("「」『』"), frozenset("“”‘’")
_NEAR = re.compile(r"[?\ufffd].{0,20}")  # what may be read out of step
_FLOOD = re.compile(r"[?\ufffd]{5,}")  # no run of ours loses five bytes with nothing between them
_BEFORE_MARK = re.compile(r"[?\ufffd](?=[\uff01-\uff5e][\u3400-\u9fff])")  # where 。 lost a byte, mostly
TRIED = 20  # places at which an undamaged text is tried
SURE = 18.0  # a reading this much likelier than the text as it stands is evidence by itself
_YEAR = re.compile(r"(?<![0-9])\??(?=([089])[0-9]{2}年)")


def realign(text: str, deadline: float, needed: float = 0.0, markers: re.Pattern[str] = MARKER) -> list[Edit]:
    """Read again what is out of step in a damaged text. `deadline`: of `time.monotonic`.

    `needed`: how much likelier than the text as it stands a reading must be; `markers`: where runs begin.

    >>> [edit.after for edit in realign("當?shù)貢r間", monotonic() + 5)]
    ['地時']
    """
    reader = Reader(language_model(), _other_script(text), _said(text))
    edits: list[Edit] = []
    done = 0
    while (match := markers.search(text, done)) is not None:
        done = match.end()
        flood = _FLOOD.match(text, match.start())
        if flood is not None:
            done = flood.end()
            continue
        if monotonic() > deadline:
            break
        end, edit = _run(reader, text, match.start(), needed)
        if edit is not None:
            edits.append(edit)
            done = end
    return edits


def runs_out_of_step(text: str, deadline: float) -> bool:
    """Whether a text shows by itself that a byte was lost before a full-width mark.

    >>> runs_out_of_step("大概是吧?！刮衣柭柤?，同意他的說法。", monotonic() + 5)
    True
    >>> runs_out_of_step("他說什么?！我不信。", monotonic() + 5)
    False
    """
    if "?" not in text and "\ufffd" not in text:
        return False
    found = list(islice(_BEFORE_MARK.finditer(text), TRIED))
    if not found:
        return False
    return bool(realign(text[: found[-1].end() + LONGEST], deadline, SURE, _BEFORE_MARK))


def _run(reader: Reader, text: str, at: int, needed: float) -> tuple[int, Edit | None]:
    """The end of the run whose marker is at `at`, and its edit unless it stays as it stands."""
    before = text[at - 1 : at] if at else "\n"
    readings = [Reading(0.0, reader.model.classed(before), None, before, False)]
    end, calm = at, 0
    for number, token in enumerate(tokens(text, at)):
        readings = reader.grow(readings, token)
        end += len(token.text)
        in_step = all(reading.pending is None for reading in readings)
        calm = calm + 1 if in_step and token.kind is Kind.CHARACTER else 0
        if calm >= CALM or number >= LONGEST or not any(reading.changed for reading in readings):
            break
    whole = [reading for reading in readings if reading.pending is None]
    best = min(whole, key=lambda reading: reading.cost, default=None)
    if best is None or not best.changed:
        return end, None
    if needed and reader.model.run(before, text[at:end]) - best.cost < needed:
        return end, None
    return end, _trimmed(text, at, end, _with_century(best.text[1:], text, end))


def _with_century(after: str, text: str, end: int) -> str:
    """A lost byte before a year took the year's first digit with it: 。?985年 was 。1985年.

    >>> _with_century("。?9", "。?985年", 3)
    '。19'
    """
    match = _YEAR.search(after + text[end : end + 4])
    if match is None or match.start() >= len(after):
        return after
    return after[: match.start()] + ("2" if match[1] == "0" else "1") + after[match.end() :]


def _said(text: str) -> dict[str, set[str]]:
    """Which characters follow which, by class, where no marker is near: names come more than once."""
    said: dict[str, set[str]] = {}
    if MARKER.search(text) is None:
        return said
    whole = "\n".join(_NEAR.split(text[:20_000]))
    for here, after in pairwise(classes(whole, language_model().fold_table)):
        if here >= "\u4e00" and after >= "\u4e00":
            said.setdefault(here, set()).add(after)
    return said


def _other_script(text: str) -> frozenset[str]:
    """The characters that do not belong to the script the text is in, and the quotes it has none of."""
    traditional, simplified = _scripts()
    sample = text[:20_000]
    left = sum(sample.count(c) for c in _TELLING_TRADITIONAL)
    right = sum(sample.count(c) for c in _TELLING_SIMPLIFIED)
    foreign = simplified if left > right else traditional if right > left else frozenset()
    corners, curls = (any(mark in sample for mark in marks) for marks in (_CORNERS, _CURLS))
    return foreign if corners == curls else foreign | (_CURLS if corners else _CORNERS)


@cache
def _scripts() -> tuple[frozenset[str], frozenset[str]]:
    """Characters of the Traditional script alone, and of the Simplified alone.

    后 and 面 are the Simplified forms of 後 and 麵, but words of their own in Traditional: Big5 has them.
    """
    table = language_model().fold_table
    traditional = frozenset(c for c in map(chr, table) if not c.encode("gb2312", "ignore"))
    return traditional, frozenset(c for c in table.values() if not c.encode("big5", "ignore"))


def _trimmed(text: str, start: int, end: int, after: str) -> Edit | None:
    """The edit without what it has in common with the text at both ends."""
    tail = 0
    while tail < min(end - start, len(after)) and text[end - 1 - tail] == after[-1 - tail]:
        tail += 1
    head = 0
    while head < min(end - start, len(after)) - tail and text[start + head] == after[head]:
        head += 1
    start, end, after = start + head, end - tail, after[head : len(after) - tail]
    if not after and start == end:
        return None
    return Edit(start, end, after, "realign", "read again one byte in step")
